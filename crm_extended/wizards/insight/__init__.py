from . import (
    crm_customer_find_wizard,
    crm_insight_export_wizard,
    crm_product_recommendation_wizard,
    base_module_uninstall,
    base_partner_merge,
    crm_interaction_wizard,
    crm_lead_lost,
    mail_activity_schedule,
)

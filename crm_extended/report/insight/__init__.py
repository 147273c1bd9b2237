from . import (
    crm_customer_purchase_line,
    crm_customer_margin,
    crm_customer_category,
    crm_referral_report,
    crm_competitor_report,
    crm_competitor_customer,
    crm_cohort,
    crm_customer_flow,
    crm_lifecycle_report,
    crm_purchase_pattern,
    crm_satisfaction_report,
    crm_satisfaction_trap,
)

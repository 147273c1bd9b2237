from . import (
    base_partner_merge,
    crm_customer_find_wizard,
    crm_product_recommendation_wizard,
)

from . import (
    crm_customer_purchase_line,
    crm_customer_margin,
    crm_cohort,
    crm_customer_flow,
)

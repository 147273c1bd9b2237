from . import (
    crm_customer_purchase_line,
    crm_customer_margin,
    crm_lifecycle_report,
    crm_purchase_pattern,
)

from . import (
    crm_best_time,
    crm_customer_purchase_line,
    crm_customer_transaction,
    crm_timeline,
)

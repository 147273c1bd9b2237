from . import (
    account_invoice_report,
    crm_customer_transaction,
    crm_rfm_movement,
    sale_report,
)

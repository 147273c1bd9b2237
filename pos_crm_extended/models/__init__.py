from . import crm_customer_purchase_line, crm_customer_transaction, crm_timeline

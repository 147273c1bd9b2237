from . import crm_customer_transaction, crm_timeline

from . import crm_customer_transaction

from . import crm_customer_purchase_line

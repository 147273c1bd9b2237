from . import crm_customer_purchase_line, crm_customer_margin

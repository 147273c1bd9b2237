from . import crm_customer_purchase_line, crm_loyalty_tier, loyalty_program, sale_order

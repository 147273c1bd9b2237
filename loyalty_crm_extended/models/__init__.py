from . import crm_loyalty_tier, loyalty_program, sale_order

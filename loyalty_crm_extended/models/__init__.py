from . import crm_loyalty_tier, crm_product_pair_run, loyalty_program, sale_order

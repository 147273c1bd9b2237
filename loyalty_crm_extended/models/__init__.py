from . import (
    crm_customer_purchase_line,
    crm_loyalty_tier,
    crm_product_pair_run,
    loyalty_program,
    sale_order,
)

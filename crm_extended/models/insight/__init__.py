from . import (
    crm_feature,
    crm_product_pair,
    crm_product_pair_run,
    res_company,
    res_config_settings,
    account_move_line,
    ir_filters,
    crm_insight_dimension_mixin,
    crm_insight_margin_mixin,
    crm_customer_product,
    crm_insight_run,
)

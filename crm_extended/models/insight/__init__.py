from . import (
    crm_feature,
    res_company,
    res_config_settings,
    account_move_line,
    ir_filters,
    crm_insight_dimension_mixin,
    crm_insight_margin_mixin,
    crm_insight_origin_mixin,
)

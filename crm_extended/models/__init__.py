from . import (
    crm_customer_record_mixin,
    crm_lead,
    crm_purchase_history,
    crm_rfm_change,
    crm_rfm_dimension_mixin,
    crm_rfm_refresh,
    crm_rfm_score,
    crm_rfm_segment,
    res_company,
    res_config_settings,
    res_currency_rate,
    res_partner,
)

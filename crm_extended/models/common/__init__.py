from . import (
    crm_feature,
    crm_change_event_mixin,
    crm_event_dispatch_mixin,
    crm_rechecked_record_mixin,
    crm_parent_access_mixin,
    crm_customer_record_mixin,
    crm_company_job_mixin,
    crm_customer_join_mixin,
    res_company,
    ir_http,
    ir_model_data,
    res_config_settings,
)

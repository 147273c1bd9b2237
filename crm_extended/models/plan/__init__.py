from . import (
    crm_feature,
    res_company,
    res_config_settings,
    crm_care_plan_group,
    crm_care_plan,
    # Its parts.
    crm_care_plan_state,
    crm_care_plan_enroll,
    crm_care_plan_version,
    crm_care_plan_step,
    # Its parts.
    crm_care_plan_step_condition,
    crm_care_plan_step_kind,
    crm_care_enrollment,
    # Its parts.
    crm_care_enrollment_engine,
    crm_care_enrollment_user,
    crm_care_enrollment_exit,
    crm_care_enrollment_step,
    crm_care_plan_run,
    crm_rfm_refresh,
    crm_rfm_change,
    crm_loyalty_change,
    crm_care_case,
    crm_consent,
    res_partner,
    res_users,
)

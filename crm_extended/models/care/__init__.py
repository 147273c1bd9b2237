from . import (
    # Modules without models are imported where they are needed.
    crm_feature,
    # First: records of this package are checked by it.
    crm_rechecked_record_mixin,
    # Records of a case inherit it.
    crm_care_case_record_mixin,
    crm_care_stage,
    # The head of a case, which its parts extend.
    crm_care_case,
    crm_care_sla,
    crm_care_sla_status,
    crm_care_satisfaction,
    # The parts: their order is of no account, as none overrides what another does.
    crm_care_case_answer,
    crm_care_case_customer,
    crm_care_case_form,
    crm_care_case_gateway,
    crm_care_case_mail,
    crm_care_case_merge,
    crm_care_case_portal,
    crm_care_case_rating,
    crm_care_case_sender,
    crm_care_case_sla,
    # What is set up for cases, and what is recorded about them.
    crm_care_category,
    crm_care_escalation,
    crm_care_escalation_log,
    crm_care_team,
    # Models of other pillars.
    crm_contact_hold,
    crm_interaction,
    crm_loyalty_change,
    crm_loyalty_tier,
    crm_rfm_change,
    crm_rfm_refresh,
    crm_customer_agenda,
    crm_timeline,
    # Models of Odoo.
    account_move,
    crm_lead,
    ir_http,
    mail_activity,
    mail_message,
    mail_thread,
    onboarding_onboarding_step,
    rating_rating,
    res_company,
    res_config_settings,
    res_partner,
    res_users,
    resource_calendar,
    sale_order,
)

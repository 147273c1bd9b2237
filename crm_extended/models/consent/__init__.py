from . import (
    crm_feature,
    crm_consent_purpose,
    crm_consent,
    crm_contact_touch,
    crm_merged_contact,
    crm_contact_quiet_day,
    # Asks those above.
    crm_contact_policy,
    # Its parts.
    crm_contact_policy_claim,
    crm_contact_policy_link,
    crm_contact_policy_words,
    # Sends by the policy.
    crm_contact_hold,
    crm_customer_date_kind,
    crm_customer_date,
    crm_timeline,
    res_partner,
    res_company,
    res_config_settings,
)

from . import (
    crm_mailing_list_mixin,
    crm_rfm_lists,
    crm_timeline,
    crm_consent_purpose,
    crm_consent,
    crm_contact_policy,
    crm_customer_list,
    mailing_mailing,
    mailing_subscription,
    mailing_contact,
    mailing_list,
)

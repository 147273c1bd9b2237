from . import (
    test_campaign,
    test_campaign_addresses,
    test_care_plan,
    test_consent,
    test_consent_lists,
    test_customer_list,
    test_customer_list_samples,
    test_customer_list_waiting,
    test_mailing_list,
    test_mailing_unanswered,
    test_timeline,
)

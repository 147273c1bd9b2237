from . import (
    test_contact_policy,
    test_contact_schedule,
    test_contact_zones,
    test_consent,
    test_consent_access,
    test_consent_tours,
    test_consent_upgrade,
    test_contact_hold,
    test_contact_limit,
    test_customer_date,
    test_neutralize,
    test_preferences,
)

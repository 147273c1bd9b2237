from . import (
    test_automation,
    test_care_plan_enroll,
    test_care_plan,
    test_definition_changed,
    test_features,
    test_lifecycle_automation,
    test_loyalty_automation,
)

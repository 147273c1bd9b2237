from . import (
    test_plan_access,
    test_plan_engine,
    test_plan_enroll,
    test_plan_fingerprint,
    test_plan_pages,
    test_plan_faults,
    test_plan_schedule,
    test_plan_tours,
    test_plan_triggers,
    test_plan_wizard,
    test_plan_workers,
)

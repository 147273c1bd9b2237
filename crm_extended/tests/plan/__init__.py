from . import (
    test_plan_engine,
    test_plan_enroll,
    test_plan_faults,
    test_plan_schedule,
    test_plan_workers,
)

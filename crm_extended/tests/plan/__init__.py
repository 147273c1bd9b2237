from . import test_plan_schedule

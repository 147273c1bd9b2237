from . import test_care_plan

from . import test_care_dashboard

from . import test_care_dashboard, test_month_dashboard, test_month_tours

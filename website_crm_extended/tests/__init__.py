from . import test_care_form, test_timeline

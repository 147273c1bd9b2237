from . import test_consent, test_mailing_list, test_timeline

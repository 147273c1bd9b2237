from . import test_consent, test_consent_lists, test_mailing_list, test_timeline

from . import test_automation, test_loyalty_automation

from . import test_customer_transaction, test_timeline

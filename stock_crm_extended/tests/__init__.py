from . import test_delivery_cost, test_delivery_pair, test_timeline

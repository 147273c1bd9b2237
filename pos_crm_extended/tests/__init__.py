from . import (
    test_best_time,
    test_customer_purchase_line,
    test_customer_transaction,
    test_timeline,
)

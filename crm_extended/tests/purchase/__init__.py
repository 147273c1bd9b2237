from . import (
    test_amounts,
    test_customer_transaction,
    test_invoices_and_orders,
    test_purchase_history,
    test_taken_back,
)

from . import (
    test_purchase_line,
    test_purchase_line_access,
    test_purchase_line_sums,
    test_sales_by_segment,
)

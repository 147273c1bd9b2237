from . import (
    test_forecast,
    test_forecast_access,
    test_insight_tours,
    test_margin,
    test_margin_access,
    test_margin_cases,
    test_purchase_line,
    test_purchase_line_access,
    test_purchase_line_shop,
    test_purchase_line_sums,
    test_sales_by_segment,
    test_whale,
)

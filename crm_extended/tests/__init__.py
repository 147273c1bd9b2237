from . import (
    test_access,
    test_crm_lead,
    test_customer_transaction,
    test_invoices_and_orders,
    test_purchase_history,
    test_res_partner,
    test_rfm_grid,
    test_rfm_refresh,
    test_rfm_score,
    test_rfm_segment,
    test_rfm_settings,
    test_tours,
)

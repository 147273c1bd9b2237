from . import (
    account_invoice_report,
    crm_rfm_movement,
    crm_rfm_pareto,
    crm_rfm_segment_trend,
    sale_report,
)

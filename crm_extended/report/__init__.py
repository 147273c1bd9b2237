from . import (
    account_invoice_report,
    crm_care_backlog,
    crm_care_case_report,
    crm_care_report_mixin,
    crm_care_sla_report,
    crm_customer_transaction,
    crm_rfm_movement,
    crm_rfm_movement_contact,
    crm_rfm_pareto,
    crm_rfm_segment_trend,
    crm_timeline_report,
    sale_report,
)

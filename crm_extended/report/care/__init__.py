from . import (
    crm_care_backlog,
    crm_care_report_mixin,
    crm_care_case_report,
    crm_care_sla_report,
)

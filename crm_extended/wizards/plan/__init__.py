from . import (
    base_partner_merge,
    crm_care_plan_enroll_wizard,
    crm_care_plan_ready_wizard,
    crm_care_plan_start_wizard,
)

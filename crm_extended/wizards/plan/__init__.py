from . import (
    base_partner_merge,
    crm_care_plan_dry_run,
    # Its part.
    crm_care_plan_dry_run_mail,
    crm_care_plan_dry_run_problem,
    crm_care_plan_enroll_wizard,
    crm_care_plan_ready_wizard,
    crm_care_plan_start_wizard,
)

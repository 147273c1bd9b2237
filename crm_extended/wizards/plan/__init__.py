from . import (
    base_partner_merge,
    crm_care_plan_enroll_wizard,
)

from . import (
    crm_care_assign_wizard,
    crm_care_merge_wizard,
)

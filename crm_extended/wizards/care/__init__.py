from . import (
    base_module_uninstall,
    crm_care_assign_wizard,
    crm_interaction_wizard,
    crm_care_merge_wizard,
)

from . import (
    base_module_uninstall,
    base_partner_merge,
    crm_care_assign_wizard,
    crm_interaction_wizard,
    crm_care_merge_wizard,
    crm_care_setup_wizard,
)

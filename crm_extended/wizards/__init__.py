from . import (
    base_import,
    base_module_uninstall,
    base_partner_merge,
    crm_care_assign_wizard,
    crm_care_merge_wizard,
    crm_interaction_wizard,
    crm_loyalty_tier_wizard,
    crm_rfm_movement_wizard,
    crm_rfm_reach_wizard,
    crm_rfm_threshold_wizard,
)

from . import (
    base_module_uninstall,
    crm_rfm_movement_wizard,
    crm_rfm_reach_wizard,
    crm_rfm_threshold_wizard,
)

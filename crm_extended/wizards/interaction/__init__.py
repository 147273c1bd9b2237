from . import (
    base_module_uninstall,
    crm_interaction_wizard,
)

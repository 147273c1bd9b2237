from . import (
    base_module_uninstall,
    base_partner_merge,
    crm_loyalty_tier_wizard,
)

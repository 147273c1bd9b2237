from . import (
    base_partner_merge,
    crm_loyalty_tier_wizard,
)

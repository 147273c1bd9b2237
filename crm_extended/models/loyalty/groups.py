"""The groups of users who see and who manage tiers, while the feature is on."""

MANAGES_TIERS = "crm_extended.group_manage_tiers"
USE_LOYALTY = "crm_extended.group_use_loyalty"

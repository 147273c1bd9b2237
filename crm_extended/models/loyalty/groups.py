"""The group of users who see tiers, while the feature is on."""

USE_LOYALTY = "crm_extended.group_use_loyalty"

"""The groups of users who see analyses, while the feature is on."""

USE_INSIGHT = "crm_extended.group_use_insight"

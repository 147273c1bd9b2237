"""The groups of users who see analyses, and those who see costs and margins, while the
feature is on."""

USE_INSIGHT = "crm_extended.group_use_insight"
SEE_MARGIN = "crm_extended.group_see_margin"

"""The groups of users who see analyses, those who see costs and margins, and managers who
see the figures of all customers together, while the feature is on."""

USE_INSIGHT = "crm_extended.group_use_insight"
SEE_MARGIN = "crm_extended.group_see_margin"
MANAGE_INSIGHT = "crm_extended.group_manage_insight"

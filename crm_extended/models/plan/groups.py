"""The groups of users who see and set up care plans, while the feature is on."""

USE_PLANS = "crm_extended.group_use_plans"
MANAGE_PLANS = "crm_extended.group_manage_plans"

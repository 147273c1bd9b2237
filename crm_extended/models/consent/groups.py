"""The groups of users who see and set up the contact policy, while the feature is on."""

USE_CONSENT = "crm_extended.group_use_consent"
MANAGE_CONSENT = "crm_extended.group_manage_consent"

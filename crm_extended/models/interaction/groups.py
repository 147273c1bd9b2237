"""The group of users who see timelines and interactions, while the feature is on."""

USE_TIMELINE = "crm_extended.group_use_timeline"

"""Groups that see or change cases, by their external ids."""

AGENT = "crm_extended.group_care_agent"
MANAGER = "crm_extended.group_care_manager"
SEES_CASES = f"{AGENT},sales_team.group_sale_salesman"

# While the feature is on: users who see cases, who answer them, who manage them, and who
# see tiers on cases.
USE_CARE = "crm_extended.group_use_care"
ANSWERS_CASES = "crm_extended.group_answer_cases"
MANAGES_CARE = "crm_extended.group_manage_care"
SEES_TIERS = "crm_extended.group_care_tiers"

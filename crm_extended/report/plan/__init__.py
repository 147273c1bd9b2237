from . import crm_care_plan_report

from . import crm_care_case, crm_timeline

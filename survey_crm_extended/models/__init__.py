from . import (
    crm_care_enrollment_step,
    crm_care_plan_step,
    crm_contact_hold,
    crm_customer_list,
    crm_insight_run,
    crm_satisfaction_answer,
    crm_satisfaction_report,
    res_company,
    res_config_settings,
    survey_question,
    survey_question_answer,
    survey_survey,
    survey_user_input,
)
from . import crm_kano_feature
from . import kano_crm_feature
from . import kano_question
from . import kano_question_answer
from . import kano_survey

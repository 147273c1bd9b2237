from . import crm_kano_feature
from . import kano_crm_feature
from . import kano_question
from . import kano_question_answer
from . import kano_survey

from . import (
    crm_satisfaction_invite,
    crm_satisfaction_invite_line,
    survey_invite,
)
from . import crm_kano_wizard

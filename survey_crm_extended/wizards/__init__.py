from . import (
    crm_kano_wizard,
    crm_satisfaction_invite,
    crm_satisfaction_invite_line,
    survey_invite,
)

from . import (
    crm_kano_analysis,
    crm_kano_answer,
)

from . import (
    crm_interaction_wizard,
)

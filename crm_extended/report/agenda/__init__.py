from . import crm_agenda_outcome

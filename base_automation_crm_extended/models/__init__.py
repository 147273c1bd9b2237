from . import crm_rfm_change

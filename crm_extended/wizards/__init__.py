from . import crm_rfm_movement_wizard

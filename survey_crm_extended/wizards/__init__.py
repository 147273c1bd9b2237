from . import crm_kano_wizard

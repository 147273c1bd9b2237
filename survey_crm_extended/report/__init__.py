from . import crm_kano_analysis
from . import crm_kano_answer

from . import crm_mailing_unanswered

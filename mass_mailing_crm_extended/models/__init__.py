from . import crm_mailing_list_mixin, crm_rfm_lists, crm_timeline

from . import crm_customer_to_mailing_list, crm_rfm_reach_wizard

from . import base_partner_merge, crm_customer_to_mailing_list, crm_rfm_reach_wizard

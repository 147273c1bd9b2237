from . import crm_customer_to_mailing_list

from . import crm_customer_page

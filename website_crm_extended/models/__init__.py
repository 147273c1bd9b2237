from . import crm_care_case, crm_timeline, ir_model, website, website_menu, website_page

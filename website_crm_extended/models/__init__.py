from . import crm_care_case, crm_timeline, website, website_menu, website_page

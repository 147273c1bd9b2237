{
    "name": "CRM Extended: Mailing Lists",
    "summary": "Put good, slipping or chosen customers on a mailing list",
    "version": "19.0.1.3.0",
    "category": "Sales/CRM",
    "author": "CRM Extended contributors",
    "license": "LGPL-3",
    "depends": ["crm_extended", "mass_mailing"],
    "data": [
        "security/ir.model.access.csv",
        "views/crm_rfm_list_views.xml",
        "views/crm_consent_purpose_views.xml",
        "views/crm_customer_list_views.xml",
        "views/mailing_mailing_views.xml",
        "wizards/crm_customer_to_mailing_list_views.xml",
    ],
    "uninstall_hook": "uninstall_hook",
    "auto_install": True,
}

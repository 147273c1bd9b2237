{
    "name": "CRM Extended: Website Forms",
    "summary": "Forms sent in on the website in the customer's timeline",
    "version": "19.0.1.0.0",
    "category": "Sales/CRM",
    "author": "CRM Extended contributors",
    "license": "LGPL-3",
    "depends": ["crm_extended", "website_crm"],
    "auto_install": True,
}

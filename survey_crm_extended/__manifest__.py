{
    "name": "CRM Extended: Surveys",
    "summary": "Satisfaction index out of answers of customers",
    "version": "19.0.1.0.0",
    "category": "Sales/CRM",
    "author": "CRM Extended contributors",
    "license": "LGPL-3",
    "depends": ["crm_extended", "survey"],
    "data": [],
    "auto_install": True,
}

{
    "name": "CRM Extended: Deliveries",
    "summary": "Deliveries in the customer's timeline",
    "version": "19.0.1.1.0",
    "category": "Sales/CRM",
    "author": "CRM Extended contributors",
    "license": "LGPL-3",
    "depends": ["crm_extended", "stock"],
    "auto_install": True,
}

{
    "name": "CRM Extended: Point of Sale",
    "summary": "Orders at the till as purchases and in the customer's timeline",
    "version": "19.0.1.0.0",
    "category": "Sales/CRM",
    "author": "CRM Extended contributors",
    "license": "LGPL-3",
    "depends": ["crm_extended", "point_of_sale"],
    "auto_install": True,
}

{
    "name": "CRM Extended: Point of Sale",
    "summary": "Point of Sale orders as purchases and in the customer timeline",
    "version": "19.0.1.2.0",
    "category": "Sales/CRM",
    "author": "CRM Extended contributors",
    "license": "LGPL-3",
    "depends": ["crm_extended", "point_of_sale"],
    "auto_install": True,
}

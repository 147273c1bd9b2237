{
    "name": "CRM Extended: Sales Margin",
    "summary": "Margins of customers with the cost of the day on the order",
    "version": "19.0.1.0.0",
    "category": "Sales/CRM",
    "author": "CRM Extended contributors",
    "license": "LGPL-3",
    "depends": ["crm_extended", "sale_margin"],
    "auto_install": True,
}

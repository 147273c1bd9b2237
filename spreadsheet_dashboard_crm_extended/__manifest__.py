{
    "name": "CRM Extended: Service Care Dashboard",
    "summary": "SLA targets, times and backlog in a spreadsheet dashboard",
    "version": "19.0.1.3.0",
    "category": "Sales/CRM",
    "author": "CRM Extended contributors",
    "license": "LGPL-3",
    "depends": ["crm_extended", "spreadsheet_dashboard"],
    "data": ["data/dashboards.xml"],
    "auto_install": True,
}

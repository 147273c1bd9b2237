{
    "name": "CRM Extended: Service Care Dashboard",
    "summary": "SLA targets, times and backlog in a spreadsheet dashboard",
    "version": "19.0.1.4.0",
    "category": "Sales/CRM",
    "author": "CRM Extended contributors",
    "license": "LGPL-3",
    "depends": ["crm_extended", "spreadsheet_dashboard"],
    "data": ["data/dashboards.xml"],
    "assets": {
        "spreadsheet.assets_print": [
            "spreadsheet_dashboard_crm_extended/static/src/print_assets/**/*"
        ],
        "web.assets_tests": [
            "spreadsheet_dashboard_crm_extended/static/tests/**/*_tours.js"
        ],
    },
    "auto_install": True,
}

{
    "name": "CRM Extended: Automation Rules",
    "summary": "Score and tier changes trigger automation rules",
    "version": "19.0.1.1.0",
    "category": "Sales/CRM",
    "author": "CRM Extended contributors",
    "license": "LGPL-3",
    "depends": ["base_automation", "crm_extended"],
    "data": ["data/base_automation_data.xml"],
    "auto_install": True,
    "uninstall_hook": "uninstall_hook",
}

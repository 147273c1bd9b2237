{
    "name": "CRM Extended: SMS",
    "summary": "Care plans send text messages",
    "version": "19.0.1.0.0",
    "category": "Sales/CRM",
    "author": "CRM Extended contributors",
    "license": "LGPL-3",
    "depends": ["crm_extended", "sms"],
    "data": ["views/crm_care_plan_step_views.xml"],
    "auto_install": True,
}

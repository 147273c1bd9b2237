{
    "name": "CRM Extended: Loyalty Programs",
    "summary": "Programs for members of some tiers only, and more points for higher tiers",
    "version": "19.0.1.1.0",
    "category": "Sales/CRM",
    "author": "CRM Extended contributors",
    "license": "LGPL-3",
    "depends": ["crm_extended", "sale_loyalty"],
    "data": [
        "views/crm_loyalty_tier_views.xml",
        "views/loyalty_program_views.xml",
    ],
    "auto_install": True,
    "uninstall_hook": "uninstall_hook",
}

{
    "name": "CRM Extended: Website Forms",
    "summary": "Service cases by forms of the website, and what was sent in on the timeline",
    "version": "19.0.1.2.0",
    "category": "Sales/CRM",
    "author": "CRM Extended contributors",
    "license": "LGPL-3",
    "depends": ["crm_extended", "website"],
    "data": ["data/crm_care_form_data.xml", "data/crm_care_page_data.xml"],
    "demo": ["demo/crm_care_page_demo.xml"],
    "assets": {
        "website.website_builder_assets": [
            "website_crm_extended/static/src/js/care_form_editor.js",
            "website_crm_extended/static/src/xml/care_form_option.xml",
        ],
    },
    "auto_install": True,
    "uninstall_hook": "uninstall_hook",
}

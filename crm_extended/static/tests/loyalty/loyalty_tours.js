import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("crm_extended_tier_by_hand", {
    url: "/odoo/contacts",
    steps: () => [
        {
            content: "Go to the list of contacts",
            trigger: ".o_switch_view.o_list",
            run: "click",
        },
        {
            content: "Choose a customer",
            trigger: ".o_data_row:contains(Tour Sleeper) .o_list_record_selector",
            run: "click",
        },
        {
            trigger: ".o_cp_action_menus button:contains(Actions)",
            run: "click",
        },
        {
            content: "Set the tier manually",
            trigger: ".o-dropdown--menu .o-dropdown-item:contains(Set Tier)",
            run: "click",
        },
        {
            trigger: ".modal [name=partner_ids]:contains(Tour Sleeper)",
        },
        {
            trigger: ".modal .o_field_widget[name=tier_id] input",
            run: "edit Tour Gold",
        },
        {
            trigger: ".ui-autocomplete > li > a:contains(Tour Gold)",
            run: "click",
        },
        {
            content: "and give a reason",
            trigger: ".modal .o_field_widget[name=lock_reason] input",
            run: "edit Promised on the phone",
        },
        {
            trigger: ".modal button[name=action_apply]:contains(Set Tier)",
            run: "click",
        },
        {
            content: "The badge stands beside the name",
            trigger:
                "body:not(:has(.modal)) .o_data_row:contains(Tour Sleeper) .badge:contains(Tour Gold) .fa-trophy",
        },
        {
            trigger: ".o_data_cell[name=complete_name]:contains(Tour Sleeper)",
            run: "click",
        },
        {
            trigger: ".o_form_view [name=loyalty_badge] .badge:contains(Tour Gold)",
        },
        {
            trigger: "[name=customer_strip] summary",
            run: "click",
        },
        {
            content: "The details say why",
            trigger: "[name=loyalty]:contains(Promised on the phone)",
        },
        {
            content: "The history, too",
            trigger: "[name=loyalty] button[name=action_loyalty_changes]",
            run: "click",
        },
        {
            trigger:
                ".o_data_row:contains(Tour Sleeper):contains(Manual) [name=note]:contains(Promised on the phone)",
        },
        {
            content: "Back to the customer, to take it back",
            trigger: ".o_back_button a, .breadcrumb-item a:contains(Tour Sleeper)",
            run: "click",
        },
        {
            trigger: ".o_form_view .o_cp_action_menus button:has(.fa-cog)",
            run: "click",
        },
        {
            trigger: ".o-dropdown--menu .o-dropdown-item:contains(Set Tier)",
            run: "click",
        },
        {
            trigger: ".modal [name=operation] label:contains(Remove Override)",
            run: "click",
        },
        {
            trigger: ".modal button[name=action_apply]:contains(Remove Override)",
            run: "click",
        },
        {
            content: "Nothing was earned: the badge is gone",
            trigger:
                "body:not(:has(.modal)) .o_form_view:contains(Tour Sleeper):not(:has([name=loyalty_badge] .badge))",
        },
    ],
});

registry.category("web_tour.tours").add("crm_extended_portal_tier", {
    steps: () => [
        {
            content: "The card names the tier",
            trigger: ".o_portal_my_home a[href='/my/tier']:contains(Silver)",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "What it brings, what is missing, and what happened",
            trigger:
                ".o_portal_loyalty:contains(Silver):contains(Free delivery):contains(Gold)",
        },
        {
            trigger: ".o_portal_submenu:contains(Your Tier)",
        },
    ],
});

registry.category("web_tour.tours").add("crm_extended_tier_overview", {
    url: "/odoo/loyalty-ladder",
    steps: () => [
        {
            content: "No members yet: assess now",
            trigger: ".o_crm_extended_tier_overview:contains(No members yet)",
        },
        {
            trigger: "button[name=action_assess]",
            run: "click",
        },
        {
            content: "The outcome is told",
            trigger: ".o_notification:contains(1 members):contains(1 new)",
        },
        {
            content: "and the tier overview shows it",
            trigger: "[name=tier][data-tier='Tour Gold'] [name=members]:contains(1)",
        },
        {
            trigger: ".o_crm_extended_loyalty_chart canvas",
        },
        {
            content: "Open the tiers",
            trigger: "[data-menu-xmlid='crm.crm_menu_config']",
            run: "click",
        },
        {
            trigger: "[data-menu-xmlid='crm_extended.menu_crm_loyalty_tier']",
            run: "click",
        },
        {
            trigger: ".o_data_cell[name=name]:contains(Tour Gold)",
            run: "click",
        },
        {
            content: "Change a threshold",
            trigger: ".o_field_widget[name=rise_amount] input",
            run: "edit 10",
        },
        {
            trigger: ".o_field_widget[name=keep_amount] input",
            run: "edit 10",
        },
        {
            content: "and see what that would give",
            trigger: ".o_crm_extended_loyalty_preview button:contains(Preview)",
            run: "click",
        },
        {
            trigger:
                ".o_crm_extended_loyalty_preview tr:contains(Tour Gold) [name=customers]:contains(2)",
        },
        {
            content: "A preview of other thresholds says so",
            trigger: ".o_field_widget[name=rise_amount] input",
            run: "edit 4000",
        },
        {
            trigger: ".o_field_widget[name=keep_orders] input",
            run: "click",
        },
        {
            trigger: ".o_crm_extended_loyalty_preview:contains(press “Preview” again)",
        },
        {
            content: "Nothing was saved: take it back",
            trigger: ".o_form_button_cancel",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=rise_amount] input:value(1,000.00)",
        },
    ],
});

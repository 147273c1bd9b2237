import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("crm_extended_reach", {
    url: "/odoo/pareto",
    steps: () => [
        {
            content: "Few customers bring most",
            trigger: ".o_crm_extended_headline:contains(50%):contains(99.3%)",
        },
        {
            content: "The first tenth, with its mean",
            trigger:
                ".o_crm_extended_pareto tbody tr:first:contains(99.3%):contains(3,000.00)",
        },
        {
            content: "is drawn, too",
            trigger: ".o_crm_extended_pareto canvas",
        },
        {
            content: "Its customers are a click away",
            trigger: ".o_crm_extended_pareto tbody tr:first button",
            run: "click",
        },
        {
            trigger: ".o_data_row:only-child, .o_data_row:contains(Tour Champion)",
        },
        {
            trigger: ".o_list_view:not(:contains(Tour Sleeper))",
        },
        {
            content: "Back to the page",
            trigger: ".o_breadcrumb .breadcrumb-item:contains(Revenue Concentration)",
            run: "click",
        },
        {
            content: "There is time for one of them only",
            trigger: ".o_control_panel button:contains(Plan a Campaign)",
            run: "click",
        },
        {
            content: "The page starts with an answer: one in five of two",
            trigger:
                ".o_crm_extended_campaign_planner [name=headline]:contains(top 1 of 2)",
        },
        {
            content: "and has an address",
            trigger: ".o_crm_extended_campaign_planner [name=curve] canvas",
            run() {
                if (!browser.location.pathname.startsWith("/odoo/")) {
                    throw new Error("The address is not one of Odoo's");
                }
                if (!browser.location.pathname.includes("/campaign-planner")) {
                    throw new Error(`No address: ${browser.location.pathname}`);
                }
            },
        },
        {
            trigger: ".o_field_widget[name=contact_count] input",
            run: "edit 2 && press Tab",
        },
        {
            trigger: "[name=headline]:contains(top 2 of 2)",
        },
        {
            trigger: ".o_field_widget[name=contact_count] input",
            run: "edit 1 && press Tab",
        },
        {
            content: "What he stands for is told at once",
            trigger:
                ".o_crm_extended_campaign_planner [name=expected_share]:contains(99.3%)",
        },
        {
            trigger:
                ".o_crm_extended_campaign_planner [name=expected_revenue]:contains(3,000.00)",
        },
        {
            trigger: ".o_crm_extended_campaign_planner [name=curve] canvas",
        },
        {
            content: "Show him",
            trigger: ".o_form_view button[name=action_show_customers]",
            run: "click",
        },
        {
            trigger: ".o_breadcrumb:contains(Top Customers: 1)",
        },
        {
            trigger: ".o_list_view:not(:contains(Tour Sleeper))",
        },
        {
            content: "The way back leads to the question as it was asked",
            trigger: ".o_breadcrumb .breadcrumb-item:contains(Plan a Campaign)",
            run: "click",
        },
        {
            trigger: "[name=headline]:contains(top 1 of 2)",
        },
        {
            trigger: ".o_form_view button[name=action_show_customers]",
            run: "click",
        },
        {
            content: "and open him",
            trigger: ".o_data_cell[name=partner_id]:contains(Tour Champion)",
            run: "click",
        },
        {
            trigger: ".o_form_view [name=customer_value] .badge:contains(Champions)",
        },
    ],
});

registry.category("web_tour.tours").add("crm_extended_movement", {
    url: "/odoo/action-crm_extended.crm_rfm_movement_action",
    steps: () => [
        {
            content: "The days that are compared stand on the page",
            trigger: ".o_searchview_facet:contains(→)",
        },
        {
            content: "Customers are counted",
            trigger: ".o_pivot th:contains(Count)",
        },
        {
            trigger: ".o_pivot th:contains(New):not(:contains(Customers))",
        },
        {
            content: "A click on a number",
            trigger: ".o_pivot tbody tr:first .o_pivot_cell_value:last",
            run: "click",
        },
        {
            content: "lists the customers",
            trigger:
                ".o_list_view .o_data_cell[name=partner_id]:contains(Tour Champion)",
        },
        {
            content: "Other days are a click away",
            trigger: ".o_control_panel button:contains(Choose Days)",
            run: "click",
        },
        {
            trigger: ".modal button[name=action_show_trend]",
            run: "click",
        },
        {
            content: "and so is the line of the segments",
            trigger: ".o_graph_view canvas",
        },
    ],
});

registry.category("web_tour.tours").add("crm_extended_no_history", {
    url: "/odoo/action-crm_extended.crm_rfm_watch_list_action",
    steps: () => [
        {
            content: "Without a past, nothing is said about customers at risk",
            trigger: ".o_nocontent_help:contains(History starts on)",
        },
        {
            trigger: "body:not(:has(:contains(No customers at risk)))",
        },
        {
            content: "The trend begins with today, and says so",
            trigger: "[data-menu-xmlid='crm.crm_menu_report']",
            run: "click",
        },
        {
            trigger: "[data-menu-xmlid='crm_extended.menu_crm_rfm_segment_trend']",
            run: "click",
        },
        {
            trigger: ".o_graph_view .alert:contains(History starts on)",
        },
        {
            content: "The button opens what makes it longer",
            trigger: ".o_graph_view button[name=rebuild_history]",
            run: "click",
        },
        {
            trigger: ".o_form_view .o_field_widget[name=date_from]",
        },
    ],
});

registry.category("web_tour.tours").add("crm_extended_campaign_planner", {
    url: "/odoo/campaign-planner",
    steps: () => [
        {
            content: "A link opens the page with its answer",
            trigger:
                ".o_crm_extended_campaign_planner [name=headline]:contains(top 1 of 2)",
        },
        {
            trigger: ".o_breadcrumb:contains(Plan a Campaign)",
        },
        {
            trigger: ".o_field_widget[name=contact_count] input",
            run: "edit 2 && press Tab",
        },
        {
            trigger: "[name=headline]:contains(top 2 of 2)",
            run() {
                browser.location.reload();
            },
            expectUnloadPage: true,
        },
        {
            content: "So does a reload",
            trigger:
                ".o_crm_extended_campaign_planner [name=headline]:contains(top 1 of 2)",
        },
        {
            content: "Keep the condition",
            trigger: ".o_field_widget[name=filter_name] input",
            run: "edit Visit in spring",
        },
        {
            trigger: "button[name=action_save_filter]",
            run: "click",
        },
        {
            content: "The page stays where it is",
            trigger: ".o_notification:contains(Visit in spring)",
            run() {
                const path = browser.location.pathname;
                if (!/^\/odoo\/campaign-planner(\/new)?$/.test(path)) {
                    throw new Error(`Another address: ${path}`);
                }
            },
        },
    ],
});

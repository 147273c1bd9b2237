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
            trigger: ".modal .o_field_widget[name=contact_count] input",
            run: "edit 1 && press Tab",
        },
        {
            content: "What he stands for is told at once",
            trigger: ".modal [name=expected_share]:contains(99.3%)",
        },
        {
            trigger: ".modal [name=expected_revenue]:contains(3,000.00)",
        },
        {
            trigger: ".modal [name=curve] canvas",
        },
        {
            content: "Show him",
            trigger: ".modal button[name=action_show_customers]",
            run: "click",
        },
        {
            trigger: ".o_breadcrumb:contains(Top Customers: 1)",
        },
        {
            trigger: ".o_list_view:not(:contains(Tour Sleeper))",
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

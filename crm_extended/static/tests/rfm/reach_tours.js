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
            trigger: ".modal [name=expected_share]:contains(99.34%)",
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
            content: "Customers and revenue are side by side",
            trigger: ".o_pivot th:contains(Count)",
        },
        {
            trigger: ".o_pivot th:contains(Revenue)",
        },
        {
            content: "A click on a number",
            trigger: ".o_pivot_cell_value:contains(3,000.00):last",
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

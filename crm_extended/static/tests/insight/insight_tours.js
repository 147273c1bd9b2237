import { registry } from "@web/core/registry";

// From what the customers earn together to those who cost money, and to what they bought.
registry.category("web_tour.tours").add("crm_extended_profitability", {
    steps: () => [
        {
            content: "The curve passes 100%",
            trigger:
                ".o_crm_extended_headline:contains('105% of the margin comes from 1 of 2')",
        },
        { trigger: ".o_crm_extended_whale canvas" },
        { trigger: ".alert-info:contains('1 customers with a revenue')" },
        { trigger: "tr[data-reason=price] button", run: "click" },
        {
            content: "Only those who were sold below cost",
            trigger: ".o_list_view .o_data_row td:contains('Poor')",
            run: "click",
        },
        {
            content: "Their lines",
            trigger:
                ".o_list_view .o_data_row td[name=product_tmpl_id]:contains('Black')",
        },
    ],
});

// A favorite of Sales by Segment, and the lines of one of its figures.
registry.category("web_tour.tours").add("crm_extended_sales_by_segment", {
    steps: () => [
        { trigger: ".o_pivot th:contains('Tea')" },
        { trigger: ".o_searchview_dropdown_toggler", run: "click" },
        { trigger: ".o_expand_shared_favorites", run: "click" },
        {
            trigger: ".o_favorite_item:contains('Product by Segment')",
            run: "click",
        },
        { trigger: ".o_pivot th:contains('Green')" },
        { trigger: ".o_pivot_cell_value:contains('104')", run: "click" },
        {
            trigger:
                ".o_list_view .o_data_row td[name=product_tmpl_id]:contains('Green')",
        },
    ],
});

// From a cell of the heat map to its customers, by quarter, and back.
registry.category("web_tour.tours").add("crm_extended_cohorts", {
    steps: () => [
        {
            content: "The cohort of this month is not over yet",
            trigger:
                ".o_cohort_table tbody tr:first .o_cohort_running:contains('100%')",
        },
        { trigger: "button[data-measure=customers]", run: "click" },
        { trigger: "button[data-measure=customers].active" },
        { trigger: "button[data-step=quarter]", run: "click" },
        {
            content: "Both are in the quarter",
            trigger: "button[data-step=quarter].active",
        },
        { trigger: "button[data-step=month]", run: "click" },
        {
            trigger: ".o_cohort_table tbody tr:last .o_cohort_cell:first button",
            run: "click",
        },
        {
            content: "Its customers",
            trigger: ".o_list_view .o_data_row td[name=partner_id]:contains('Early')",
        },
        { trigger: ".o_back_button, .breadcrumb-item a", run: "click" },
        {
            content: "The figures chosen before",
            trigger: "button[data-measure=customers].active",
        },
    ],
});

// From the flow's chart to its pivot, and from a figure to its customers.
registry.category("web_tour.tours").add("crm_extended_customer_flow", {
    steps: () => [
        { trigger: ".o_graph_view canvas" },
        { trigger: ".o_switch_view.o_pivot", run: "click" },
        { trigger: ".o_pivot th:contains('Not Lost Before')" },
        { trigger: ".o_pivot th:contains('Retention Rate')" },
        {
            trigger: ".o_pivot tbody tr:last .o_pivot_cell_value:contains('3'):first",
            run: "click",
        },
        { trigger: ".o_list_view .o_data_row td[name=partner_id]" },
    ],
});

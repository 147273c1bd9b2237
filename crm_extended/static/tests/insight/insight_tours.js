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

// From the stages to a customer who is in decline and why, then to how regularly they buy.
registry.category("web_tour.tours").add("crm_extended_life_cycle", {
    steps: () => [
        { trigger: ".o_pivot th:contains('Decline')" },
        { trigger: ".o_switch_view.o_list", run: "click" },
        {
            trigger: ".o_list_view .o_data_row:contains('Falling') td[name=stage]",
            run: "click",
        },
        {
            content: "The figures that decide",
            trigger:
                ".o_form_view div[name=reason_text]:contains('in the last 180 days, after')",
        },
        {
            trigger: "button[data-menu-xmlid='crm.crm_menu_report']",
            run: "click",
        },
        {
            trigger: "a[data-menu-xmlid='crm_extended.menu_crm_purchase_pattern']",
            run: "click",
        },
        {
            content: "How regularly they buy",
            trigger:
                ".o_list_view .o_data_row:contains('Falling') td[name=month_share]:contains('%')",
        },
        { trigger: ".o_switch_view.o_graph", run: "click" },
        { trigger: ".o_graph_view canvas" },
    ],
});

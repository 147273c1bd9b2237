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

registry.category("web_tour.tours").add("crm_extended_also_bought", {
    steps: () => [
        {
            content: "See what customers like this one also bought",
            trigger: ".o_statusbar_buttons button[name='action_also_bought']",
            run: "click",
        },
        {
            content: "The best product comes first, with its reason",
            trigger:
                ".modal .o_data_row:first:contains('Chair'):contains('because they bought Desk')",
        },
        {
            content: "Add it",
            trigger: ".modal .o_data_row:first button[name='action_add']",
            run: "click",
        },
        {
            content: "It is offered no more",
            trigger: ".modal .o_data_row:first:contains('Lamp')",
        },
        {
            content: "Close the dialog",
            trigger: ".modal-footer button:contains('Close')",
            run: "click",
        },
        {
            content: "The product is on the quotation",
            trigger: ".o_form_view [name='order_line'] .o_data_row:contains('Chair')",
        },
    ],
});

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

// From customers who recommended others to one of their referrals, and thanks for it.
registry.category("web_tour.tours").add("crm_extended_referrals", {
    steps: () => [
        {
            content: "The own revenue, and beside it that of who was recommended",
            trigger: ".o_data_row:contains('Good'):contains('104.00'):contains('3.00')",
        },
        { trigger: ".o_data_row td:contains('Good')", run: "click" },
        {
            trigger: ".o_data_row:contains('Poor') button[name=action_thanked]",
            run: "click",
        },
        {
            content: "They were thanked",
            trigger:
                ".o_data_row:contains('Poor'):not(:has(button[name=action_thanked]))",
        },
    ],
});

// A stranger writes by the personal link of a customer.
registry.category("web_tour.tours").add("crm_extended_recommended", {
    steps: () => [
        { trigger: ".o_recommended input[name=name]", run: "edit Nora" },
        { trigger: "input[name=email]", run: "edit nora@example.com" },
        { trigger: "textarea[name=message]", run: "edit Please call me" },
        {
            trigger: ".o_recommended button[type=submit]",
            run: "click",
            expectUnloadPage: true,
        },
        { trigger: ".o_recommended_sent" },
    ],
});

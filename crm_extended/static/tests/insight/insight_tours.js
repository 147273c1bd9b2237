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

// From a contact to what they prefer, by product and by category.
registry.category("web_tour.tours").add("crm_extended_preferences", {
    steps: () => [
        { trigger: ".o-form-buttonbox .o_button_more", run: "click" },
        { trigger: "button[name=action_preferences]", run: "click" },
        {
            content: "Green was bought three times and is due",
            trigger:
                ".o_list_view .o_data_row:contains('Green') td[name=due_state]:contains('Due')",
        },
        {
            trigger: ".o_control_panel button:contains('By Category')",
            run: "click",
        },
        {
            trigger:
                ".o_list_view .o_data_row:has(td[name=product_count]) td[name=categ_id]:contains('Tea')",
            run: "click",
        },
        {
            content: "Its products, and the purchases of one",
            trigger:
                ".o_list_view .o_data_row:has(td[name=due_state]) td[name=product_tmpl_id]:contains('Green')",
            run: "click",
        },
        { trigger: ".o_list_view .o_data_row td[name=date]" },
    ],
});

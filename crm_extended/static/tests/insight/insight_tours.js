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

// From the test of the model to its curve, and to why a customer is expected.
registry.category("web_tour.tours").add("crm_extended_forecasts", {
    steps: () => [
        {
            content: "The model and its test stand above the list",
            trigger: ".o_crm_forecast_banner:contains('predicted')",
        },
        { trigger: ".o_list_view .o_data_row td[name=active_band]:contains('active')" },
        {
            trigger: ".o_crm_forecast_banner button:contains('Model and Test')",
            run: "click",
        },
        { trigger: ".o_form_view .o_widget_crm_forecast_curve canvas" },
        { trigger: ".o_back_button, .breadcrumb-item a", run: "click" },
        { trigger: ".o_list_view .o_data_row td[name=partner_id]", run: "click" },
        {
            content: "The customer's own forecast, in words",
            trigger:
                ".o_form_view .o_field_widget[name=why_text]:contains('Bought on')",
        },
        { trigger: ".o_form_view .o_field_widget[name=value_text]:contains('Worth')" },
    ],
});

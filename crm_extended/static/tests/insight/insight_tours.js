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
        {
            content: "Names of segments take two lines",
            trigger: ".o_crm_extended_many_columns .o_pivot th:contains('Tea')",
        },
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

/** Choose a record for a field of tags in a dialog, and wait until it is there. */
function chooseTag(name, text) {
    const field = `.modal .o_field_widget[name=${name}]`;
    return [
        { trigger: `${field} input`, run: `edit ${text}` },
        {
            trigger: `${field} .o-autocomplete--dropdown-item:contains('${text}')`,
            run: "click",
        },
        { trigger: `${field} .o_tag:contains('${text}')` },
    ];
}

// Customers who bought one product and never another, saved as a customer list.
registry.category("web_tour.tours").add("crm_extended_find_customers", {
    steps: () => [
        {
            trigger: ".o_control_panel button:contains('Find Customers by Products')",
            run: "click",
        },
        ...chooseTag("bought_product_ids", "Green"),
        ...chooseTag("never_product_ids", "Mocha"),
        { trigger: ".modal button[name=action_find]", run: "click" },
        { trigger: ".o_data_row td[name=complete_name]:contains('Ann')" },
        { trigger: ".o_list_view:not(:contains('Bob'))" },
        { trigger: "button[name=action_save_customer_list]", run: "click" },
        {
            trigger: ".o_form_view .o_field_widget[name=name] input",
            run: "edit Tea without coffee",
        },
        {
            content: "The filter reads as a sentence",
            trigger:
                ".o_field_widget[name=domain]:contains('Products Bought'):contains('Green'):contains('Mocha')",
        },
        { trigger: ".o_form_button_save", run: "click" },
        {
            content: "Saved: it counts its customers",
            trigger: ".oe_stat_button[name=action_open_customers]:contains('1')",
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
            trigger: ".o_cohort_table th:contains('Quarters since')",
        },
        { trigger: "button[data-step=month]", run: "click" },
        { trigger: ".o_cohort_table th:contains('Months since')" },
        {
            trigger: ".o_cohort_table tbody tr:last .o_cohort_cell:first button",
            run: "click",
        },
        {
            content: "Its customers",
            trigger: ".o_list_view .o_data_row td[name=partner_id]:contains('Early')",
        },
        {
            content: "Months are written as months",
            trigger: ".o_data_row td[name=date]:not(:contains(','))",
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
            run: "click",
        },
        {
            content: "Their own figures",
            trigger: ".o_form_view div[name=run_days]:contains('4')",
        },
        { trigger: ".o_back_button, .breadcrumb-item a", run: "click" },
        { trigger: ".o_list_view .o_data_row:contains('Falling')" },
        { trigger: ".o_switch_view.o_graph", run: "click" },
        { trigger: ".o_graph_view canvas" },
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

// From a cell of the heat map to its customers, and from the best to those like them.
registry.category("web_tour.tours").add("crm_extended_customer_profile", {
    steps: () => [
        { trigger: ".o_profile_column", run: "select industry_id" },
        {
            content: "The bakers are a column",
            trigger: ".o_profile_map thead th:contains('Bakery')",
        },
        {
            trigger: ".o_profile_map .o_cohort_cell button:enabled",
            run: "click",
        },
        {
            trigger: ".o_list_view .o_data_row td[name=partner_id]",
        },
        { trigger: ".o_back_button, .breadcrumb-item a", run: "click" },
        {
            content: "The trait that tells the best apart is chosen",
            trigger: "[data-part=traits] tr:contains('Bakery') input:checked",
        },
        {
            trigger: ".o_profile_alike:contains(': 3') button:contains('Create List')",
            run: "click",
        },
        { trigger: ".o_form_view .o_field_widget[name=name] input" },
        { trigger: ".o_form_button_save", run: "click" },
        { trigger: ".o_form_saved" },
    ],
});

// From the satisfaction index of a group to what its people answered.
registry.category("web_tour.tours").add("crm_extended_satisfaction", {
    steps: () => [
        { trigger: "[data-figure=index]:contains('77.8')" },
        { trigger: ".o_satisfaction_drivers:contains('30 people')" },
        { trigger: "button[data-dimension=category]", run: "click" },
        {
            trigger: ".o_crm_extended_satisfaction tbody th:contains('No Purchases')",
        },
        { trigger: ".o_crm_extended_satisfaction tbody button", run: "click" },
        { trigger: ".o_list_view .o_data_row:nth-child(5) td[name=partner_id]" },
    ],
});

// From the best time on the contact to a call that is scheduled for it.
registry.category("web_tour.tours").add("crm_extended_best_time", {
    steps: () => [
        { trigger: ".o_crm_strip_sign", run: "click" },
        {
            content: "When they answer, and how sure that is",
            trigger: ".o_crm_strip_details:contains('Tuesdays')",
        },
        { trigger: ".o-mail-Chatter-activity", run: "click" },
        {
            trigger: ".modal [name=activity_type_id] span:contains('Call')",
            run: "click",
        },
        { trigger: ".modal [name=best_time_text]:contains('Tuesdays')" },
        { trigger: ".modal [name=at_best_time] input", run: "check" },
        {
            trigger: ".modal button[name=action_schedule_activities]",
            run: "click",
        },
        {
            content: "The note names the hours",
            trigger: ".o-mail-Activity:contains('Best time: Tuesdays')",
        },
    ],
});

// From the menu to a campaign, what came of it by scores and beside its control group, and
// to the customers it reached.
registry.category("web_tour.tours").add("crm_extended_campaigns", {
    steps: () => [
        {
            trigger: "button[data-menu-xmlid='crm.crm_menu_report']",
            run: "click",
        },
        {
            trigger: "a[data-menu-xmlid='crm_extended.menu_crm_campaign_plan']",
            run: "click",
        },
        {
            content: "Nine of ten responded",
            trigger: ".o_list_view .o_data_row:contains('Spring'):contains('90%')",
        },
        {
            trigger: ".o_list_view .o_data_row td[name=campaign_id]:contains('Spring')",
            run: "click",
        },
        {
            content: "Which score foretold it, in words",
            trigger: ".o_form_view .o_field_widget[name=score_text]:contains('score')",
        },
        {
            content: "Compared with the control group",
            trigger: ".o_field_widget[name=control_text]:contains('17.1 to 80.9')",
        },
        {
            content: "By the scores they had before",
            trigger: ".o_campaign_scores tbody:contains('Monetary (M)')",
        },
        {
            content: "The customers, without the control group",
            trigger: "button[name=action_open_customers]:contains('10')",
            run: "click",
        },
        { trigger: ".o_list_view .o_data_row td[name=partner_id]" },
        { trigger: ".o_pager_limit:contains('10')" },
        { trigger: ".o_searchview_dropdown_toggler", run: "click" },
        {
            trigger: ".o_filter_menu .o-dropdown-item:contains('Did Not Respond')",
            run: "click",
        },
        {
            content: "Who did not buy",
            trigger: ".o_pager_limit:contains('1'):not(:contains('10'))",
        },
        {
            trigger:
                ".o_list_view .o_data_row td[name=partner_id]:contains('Customer 9')",
            run: "click",
        },
        {
            trigger:
                ".o_form_view .o_field_widget[name=name]:has(input:value('Customer 9'))",
        },
    ],
});

// On a phone: stages as cards, and why a customer is in one.
registry.category("web_tour.tours").add("crm_extended_life_cycle_phone", {
    steps: () => [
        {
            content: "Cards, not a pivot",
            trigger: ".o_kanban_view .o_kanban_record:contains('Falling')",
        },
        {
            content: "With the stage",
            trigger: ".o_kanban_record:contains('Falling') .badge:contains('Decline')",
            run: "click",
        },
        {
            content: "The figures that decide",
            trigger:
                ".o_form_view div[name=reason_text]:contains('in the last 180 days, after')",
        },
    ],
});

import { registry } from "@web/core/registry";

const plan = (button) => `.o_form_view button[name=${button}]`;

// A manager begins with a ready-made plan, adds a step, starts it, and changes it while it
// runs.
registry.category("web_tour.tours").add("crm_extended_care_plan", {
    steps: () => [
        {
            content: "The empty page offers a ready-made plan",
            trigger: ".o_view_nocontent a:contains('Choose a Ready-Made Plan')",
            run: "click",
        },
        {
            trigger: ".modal .o_radio_item:contains('Call Inactive Customers') input",
            run: "click",
        },
        { trigger: ".modal [name=description]:contains('90 days')" },
        { trigger: ".modal button[name=action_create]", run: "click" },
        {
            trigger:
                ".o_form_view [name=draft_step_ids] [name=step]:contains('Call them')",
        },
        {
            trigger: "[name=draft_step_ids] button[name=add_step]",
            run: "click",
        },
        { trigger: ".modal [name=name] input", run: "edit Tour note" },
        { trigger: ".modal [name=kind] input", run: "click" },
        { trigger: ".o_select_menu_item:contains('Note')", run: "click" },
        { trigger: ".modal [name=delay] input", run: "edit 2" },
        {
            trigger: ".modal [name=note] .odoo-editor-editable",
            run: "editor They were called.",
        },
        { trigger: ".modal .o_form_button_save", run: "click" },
        {
            trigger: "[name=step]:contains('Tour note') [name=when]:contains('2 days')",
        },
        { trigger: plan("action_start_dialog"), run: "click" },
        { trigger: ".modal button[name=action_start]", run: "click" },
        { trigger: ".o_statusbar_status .o_arrow_button_current:contains('Running')" },
        { trigger: plan("action_edit"), run: "click" },
        { trigger: ".alert:contains('These are changed steps')" },
        {
            content: "The new step, which is put after the other, is deleted",
            trigger: "[name=step]:contains('Tour note') button[name=delete_step]",
            run: "click",
        },
        { trigger: plan("action_publish"), run: "click" },
        { trigger: "[name=shown_step_ids] [name=step]:contains('Call them')" },
        { trigger: ".o_form_view:not(:contains('Tour note'))" },
    ],
});

// A salesperson looks at the picture of a plan, reads a step, and opens two numbers.
registry.category("web_tour.tours").add("crm_extended_care_plan_flow", {
    steps: () => [
        {
            content: "The customer of another salesperson is not counted",
            trigger: "[name=start] button[name=enrolled]:contains('2 enrolled')",
        },
        {
            content: "A step is opened to read it",
            trigger: "[name=step]:contains('Tour note') button[name=open_step]",
            run: "click",
        },
        { trigger: ".modal .o_form_readonly [name=name]:contains('Tour note')" },
        { trigger: ".modal .o_form_button_cancel", run: "click" },
        {
            trigger: "[name=step]:contains('Tour note') button[name=done]",
            run: "click",
        },
        {
            content: "As many as the number said",
            trigger: ".o_list_view .o_data_row:nth-child(2)",
        },
        { trigger: ".o_list_view:not(:has(.o_data_row:nth-child(3)))" },
        { trigger: ".o_breadcrumb:contains('Done: Tour note')" },
        { trigger: ".o_data_row .o_data_cell[name=partner_id]", run: "click" },
        {
            content: "The customer in the plan, with what was done for them",
            trigger: ".o_form_view [name=step_ids]:contains('Tour note')",
        },
        { trigger: ".breadcrumb a:contains('Tour Plan')", run: "click" },
        {
            trigger: "[name=step]:contains('Tour call') button[name=waiting]",
            run: "click",
        },
        { trigger: ".o_breadcrumb:contains('Waiting: Tour call')" },
        { trigger: ".o_list_view .o_data_row:nth-child(2)" },
    ],
});

// A manager looks at what a draft would do, and at its mail.
registry.category("web_tour.tours").add("crm_extended_care_plan_dry_run", {
    steps: () => [
        { trigger: ".o_data_cell[name=name]:contains('Tour greetings')", run: "click" },
        { trigger: plan("action_dry_run"), run: "click" },
        { trigger: ".o_breadcrumb:contains('Dry Run: Tour greetings')" },
        { trigger: "button[name=action_begin]:contains('2')" },
        {
            content: "The mail of today, and one customer without an address",
            trigger: "[name=line_ids] .o_data_row [name=reason_text]:contains('No')",
        },
        { trigger: "a[name=messages]", run: "click" },
        { trigger: "[name=problem_ids] .o_data_row:contains('object.ref')" },
        { trigger: "a[name=preview]", run: "click" },
        {
            trigger: "[name=preview_partner_id] input",
            run: "edit Tour customer 1",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains('Tour customer 1')",
            run: "click",
        },
        { trigger: "[name=preview_subject]:contains('Hello Tour customer 1')" },
        { trigger: "button[name=action_send_test]", run: "click" },
        { trigger: ".o_notification:contains('No customer gets it')" },
        {
            content: "Who they are",
            trigger: "button[name=action_begin]",
            run: "click",
        },
        {
            trigger:
                ".o_list_view .o_data_cell[name=partner_id]:contains('customer 1')",
            run: "click",
        },
        { trigger: ".o_form_view .o_field_widget[name=name]" },
    ],
});

// A manager looks at what a plan brought, at the control group, and at the plan.
registry.category("web_tour.tours").add("crm_extended_care_plan_results", {
    steps: () => [
        {
            content: "The difference in a few words",
            trigger: ".o_data_row:contains('Tour results'):contains('+50 points')",
        },
        {
            trigger: ".o_data_row .o_data_cell[name=plan_id]:contains('Tour results')",
            run: "click",
        },
        {
            content: "The sentence that says it all",
            trigger:
                ".o_form_view:contains('Of 20 customers in the plan 50% bought'):contains('The plan helped.')",
        },
        { trigger: "button[name=action_control]:contains('20')", run: "click" },
        { trigger: ".o_breadcrumb:contains('Control Group of Tour results')" },
        { trigger: ".o_list_view .o_data_row:nth-child(20)" },
        { trigger: ".breadcrumb a:contains('Tour results')", run: "click" },
        { trigger: "button[name=action_open_plan]", run: "click" },
        { trigger: ".o_form_view [name=draft_step_ids], .o_form_view [name=start]" },
        {
            content: "And back, by the button of the plan",
            trigger: ".o_form_view button[name=action_results]",
            run: "click",
        },
        { trigger: ".o_form_view:contains('The plan helped.')" },
    ],
});

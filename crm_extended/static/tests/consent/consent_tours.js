import { registry } from "@web/core/registry";

/** A sales manager says what customers are contacted for. */
registry.category("web_tour.tours").add("crm_extended_contact_purpose", {
    steps: () => [
        {
            content: "The ready ones are there",
            trigger: ".o_list_view .o_data_cell:contains(Satisfaction Surveys)",
        },
        {
            trigger: ".o_list_button_add",
            run: "click",
        },
        {
            content: "Name it",
            trigger: ".o_field_widget[name=name] input",
            run: "edit Tour Newsletter",
        },
        {
            content: "Only by email and SMS",
            trigger: ".o_field_widget[name=channels] input[name=phone]",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=channels] input[name=letter]",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=channels] input[name=visit]",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=description] textarea",
            run: "edit What is new, once a month.",
        },
        {
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            trigger: ".o_form_saved",
        },
    ],
});

/** An administrator sets quiet hours, weekdays and the limit. */
registry.category("web_tour.tours").add("crm_extended_contact_settings", {
    steps: () => [
        {
            trigger: ".settings_tab .tab[data-key=crm]",
            run: "click",
        },
        {
            content: "Quiet hours from half past seven in the evening",
            trigger:
                "#contact_quiet_hours .o_field_widget[name=contact_quiet_from] input",
            run: "edit 19:30 && press Tab",
        },
        {
            content: "Not on Sundays",
            trigger: "#contact_weekdays input[name='6']",
            run: "click",
        },
        {
            trigger: "#contact_limit .o_field_widget[name=contact_limit] input",
            run: "edit 2",
        },
        {
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            trigger: "body:not(:has(.o_form_dirty))",
        },
    ],
});

/** A salesperson records what a customer said on the telephone, and reads what follows. */
registry.category("web_tour.tours").add("crm_extended_contact_answer", {
    steps: () => [
        {
            content: "Unfold the line about the customer",
            trigger: ".o_crm_strip_summary",
            run: "click",
        },
        {
            trigger:
                "[data-figure=contact_policy]:contains(May not be mailed for Marketing)",
        },
        {
            trigger: "[name=contact_policy] button[name=action_contact_policy]",
            run: "click",
        },
        {
            trigger:
                ".modal .o_field_widget[name=contact_policy_text]:contains(May not be mailed for Marketing)",
        },
        {
            trigger:
                ".o_field_widget[name=contact_policy_reason]:contains(not answered)",
        },
        {
            content: "Record an answer",
            trigger: ".o_field_widget[name=consent_ids] .o_field_x2many_list_row_add a",
            run: "click",
        },
        {
            trigger: ".modal [name=purpose_id] input",
            run: "edit Marketing",
        },
        {
            trigger: ".dropdown-item:contains(Marketing)",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=proof] textarea",
            run: "edit On the phone",
        },
        {
            trigger: ".modal:has([name=proof]) .o_form_button_save",
            run: "click",
        },
        {
            trigger:
                "body:not(:has(.modal [name=proof])) .modal [name=consent_ids] .o_data_row",
        },
        {
            trigger: ".modal .o_form_button_save",
            run: "click",
        },
        {
            content: "The line says what follows",
            trigger:
                "body:not(:has(.modal)) [data-figure=contact_policy]:contains(May be mailed for Marketing; 0 of 2 touches this week used.)",
        },
        {
            trigger: "[name=contact_policy] button[name=action_contact_policy]",
            run: "click",
        },
        {
            trigger:
                ".o_field_widget[name=contact_policy_reason]:contains(They agreed on)",
        },
        {
            content: "Answers are not changed",
            trigger:
                ".o_field_widget[name=consent_ids] .o_data_row:not(:has(.fa-trash-o)) [name=source]:contains(Recorded by a user)",
        },
    ],
});

/** A customer changes their mind in the portal. */
registry.category("web_tour.tours").add("crm_extended_contact_preferences", {
    steps: () => [
        {
            trigger: "a[href='/my/preferences']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: "fieldset:contains(Marketing) label:contains(Yes)",
            run: "click",
        },
        {
            trigger: "fieldset:contains(Loyalty Program) label:contains(No)",
            run: "click",
        },
        {
            trigger: ".o_contact_preferences button[type=submit]:contains(Save)",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: ".o_contact_preferences_saved",
        },
        {
            trigger: "fieldset:contains(Marketing) input[value=yes]:checked",
        },
    ],
});

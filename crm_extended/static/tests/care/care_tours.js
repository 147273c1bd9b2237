import { registry } from "@web/core/registry";

/** An agent takes an unassigned case, answers it and solves it. */
registry.category("web_tour.tours").add("crm_extended_care_agent", {
    url: "/odoo/care-teams",
    steps: () => [
        {
            content: "Open what nobody has taken yet",
            trigger:
                ".o_kanban_record:contains(Tour Team) a[name=action_open_cases]:contains(Unassigned)",
            run: "click",
        },
        {
            content: "The deadline counts down",
            trigger:
                ".o_kanban_record:contains(Tour Case) .o_crm_extended_countdown[data-state=ongoing]",
        },
        {
            trigger: ".o_kanban_record:contains(Tour Case)",
            run: "click",
        },
        {
            content: "Take it",
            trigger: "button[name=action_assign_to_me]",
            run: "click",
        },
        {
            trigger: ".o_form_view:not(:has(button[name=action_assign_to_me]:visible))",
        },
        {
            content: "Answer the customer",
            trigger: ".o-mail-Chatter-sendMessage",
            run: "click",
        },
        {
            trigger: ".o-mail-Composer-input",
            run: "edit We are on it",
        },
        {
            trigger: ".o-mail-Composer-send:enabled",
            run: "click",
        },
        {
            trigger: ".o-mail-Message:contains(We are on it)",
        },
        {
            content: "The answer reached its target",
            trigger: ".o_notebook_headers a:contains(Targets)",
            run: "click",
        },
        {
            trigger:
                "[name=sla_status_ids] .o_data_row:contains(Tour Answer):contains(Met)",
        },
        {
            content: "Solve it",
            trigger: "button[name=action_solve]",
            run: "click",
        },
        {
            trigger:
                ".o_statusbar_status button.o_arrow_button_current:contains(Solved)",
        },
    ],
});

/** An agent reads what a customer has written, answers, solves and reopens the case. */
registry.category("web_tour.tours").add("crm_extended_care_case_form", {
    steps: () => [
        {
            content: "The customer's own words are on top",
            trigger: ".o_crm_care_text:contains(My lamp is broken)",
        },
        {
            content: "The countdown names its target and the working time left",
            trigger:
                ".o_crm_extended_countdown:contains(First Response):contains(working hours left)",
        },
        {
            content: "The customer has another open case",
            trigger:
                ".o_crm_care_records [data-model='crm.care.case']:contains(Tour Other)",
        },
        {
            content: "There is nothing to solve before it is answered",
            trigger: "button[name=action_solve]:not(.btn-primary)",
        },
        {
            content: "Answer the customer",
            trigger: ".o-mail-Chatter-sendMessage",
            run: "click",
        },
        {
            trigger: ".o-mail-Composer-input",
            run: "edit We are on it",
        },
        {
            trigger: ".o-mail-Composer-send:enabled",
            run: "click",
        },
        {
            content: "The answer moved the case to the next stage",
            trigger:
                ".o_statusbar_status button.o_arrow_button_current:contains(In Progress)",
        },
        {
            content: "and gave it to the agent who answered",
            trigger: ".o_form_view:not(:has(button[name=action_assign_to_me]))",
        },
        {
            content: "Solving it is the next thing to do",
            trigger: "button[name=action_solve].btn-primary",
            run: "click",
        },
        {
            trigger:
                ".o_statusbar_status button.o_arrow_button_current:contains(Solved)",
        },
        {
            content: "Open it again",
            trigger: "button[name=action_reopen]",
            run: "click",
        },
        {
            trigger:
                ".o_statusbar_status button.o_arrow_button_current:contains(In Progress)",
        },
        {
            content: "Look at the other case",
            trigger: ".o_crm_care_record:contains(Tour Other)",
            run: "click",
        },
        {
            trigger: ".o_last_breadcrumb_item:contains(Tour Other)",
        },
    ],
});

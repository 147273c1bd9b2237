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

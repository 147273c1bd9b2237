import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

function openMenu(section, entry) {
    return [
        { trigger: `[data-menu-xmlid='${section}']`, run: "click" },
        { trigger: `[data-menu-xmlid='${entry}']`, run: "click" },
    ];
}

/** A care manager's first day: from an empty app to a team that answers. */
registry.category("web_tour.tours").add("crm_extended_first_day_care_manager", {
    steps: () => [
        ...stepUtils.goToAppSteps("crm_extended.menu_care", "Open Care"),
        {
            content: "The first page has the button that fills it",
            trigger: ".o_view_nocontent a:contains(Create Your First Team)",
            run: "click",
        },
        {
            content: "The dialog has answers already",
            trigger: ".modal .o_field_widget[name=hours] input:value(8)",
        },
        {
            trigger: ".modal .o_field_widget[name=name] input",
            run: "edit First Day Team",
        },
        {
            trigger: ".modal button[name=action_set_up]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The team is there",
            trigger: ".o_kanban_record:contains(First Day Team)",
        },
        ...openMenu("crm_extended.menu_care_config", "crm_extended.menu_crm_care_sla"),
        {
            content: "with its target",
            trigger: ".o_data_row:contains(First response)",
        },
        ...openMenu(
            "crm_extended.menu_care_config",
            "crm_extended.menu_crm_care_escalation"
        ),
        {
            content: "Examples of escalation rules are one click away",
            trigger: ".o_view_nocontent a:contains(Show Examples)",
            run: "click",
        },
        {
            trigger: ".o_data_row:contains(Remind halfway)",
        },
    ],
});

/** A care agent's first day: no case yet, and the first call comes in. */
registry.category("web_tour.tours").add("crm_extended_first_day_care_agent", {
    steps: () => [
        ...stepUtils.goToAppSteps("crm_extended.menu_care", "Open Care"),
        {
            content: "Their team is there",
            trigger: ".o_kanban_record:contains(First Day Team)",
        },
        ...openMenu("crm_extended.menu_care_cases", "crm_extended.menu_crm_care_case"),
        {
            content: "The empty page has the button that fills it",
            trigger: ".o_view_nocontent a:contains(New Case)",
            run: "click",
        },
        {
            trigger: ".o_form_view .o_field_widget[name=name] :is(input, textarea)",
            run: "edit First Day Case",
        },
        {
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            content: "It has a number, and the target runs",
            trigger:
                ".o_form_saved, .o_form_readonly, .o_form_view:has(.o_form_status_indicator_buttons.invisible)",
        },
        ...openMenu("crm_extended.menu_care_cases", "crm_extended.menu_crm_care_case"),
        {
            trigger: ".o_kanban_record:contains(First Day Case)",
        },
    ],
});

import { registry } from "@web/core/registry";

const current = (name) => `.o_agenda_current .o_agenda_name:contains("${name}")`;
const press = (key) => ({
    content: `Press ${key}`,
    trigger: ".o_agenda_current",
    run: `press ${key}`,
});

// A salesperson goes through the list without a mouse, and finishes it.
registry.category("web_tour.tours").add("crm_extended_agenda", {
    steps: () => [
        { trigger: ".o_agenda_progress:contains('0 of 4')" },
        { trigger: current("Tour Anna") },
        { trigger: ".o_agenda_current .o_agenda_reason:contains('expires on')" },
        press("j"),
        { trigger: current("Tour Bert") },
        press("k"),
        { trigger: current("Tour Anna") },
        press("s"),
        {
            content: "Snooze for a week",
            trigger: ".modal .o_crm_extended_snooze button[name=week]",
            run: "click",
        },
        { trigger: "#snooze_reason", run: "edit On holiday" },
        { trigger: ".modal button[name=snooze]", run: "click" },
        { trigger: ".o_agenda_progress:contains('1 of 4')" },
        { trigger: current("Tour Bert") },
        press("l"),
        {
            content: "Log the call",
            trigger: ".modal button[name=action_log]",
            run: "click",
        },
        { trigger: ".o_agenda_progress:contains('2 of 4')" },
        { trigger: current("Tour Cleo") },
        press("n"),
        { trigger: ".o_agenda_progress:contains('3 of 4')" },
        {
            content: "Take it back",
            trigger: ".o_notification:contains('Tour Cleo') button:contains('Undo')",
            run: "click",
        },
        { trigger: ".o_agenda_progress:contains('2 of 4')" },
        {
            trigger: ".o_agenda_row:contains('Tour Cleo') button[name=skip]",
            run: "click",
        },
        { trigger: ".o_agenda_progress:contains('3 of 4')" },
        { trigger: current("Tour Dora") },
        press("d"),
        { trigger: ".o_agenda_end:contains('Done for today')" },
        { trigger: "button[name=more]", run: "click" },
        { trigger: ".o_agenda_end:contains('no reason to contact more')" },
        { trigger: "button[name=rule]", run: "click" },
        { trigger: ".o_agenda_rule:contains('Quotation expires')" },
    ],
});

import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("crm_extended_timeline", {
    steps: () => [
        {
            content: "Open the timeline of the customer",
            trigger: "a.nav-link[name=timeline]",
            run: "click",
        },
        {
            content: "Log an interaction in two clicks: no answer",
            trigger: ".o_crm_timeline button[name=log_contact]",
            run: "click",
        },
        {
            trigger: ".modal button[name=action_nobody_there]",
            run: "click",
        },
        {
            content: "It is in the timeline",
            trigger:
                "body:not(:has(.modal)) .o_crm_timeline_entry[data-kind=interaction]:contains(No answer)",
        },
        {
            content: "Log a call from the top of the screen, for the customer on it",
            trigger: ".o_crm_log_contact",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=summary] textarea",
            run: "edit Wants twelve <b>blue</b> ones",
        },
        {
            trigger: ".modal button[name=action_log]",
            run: "click",
        },
        {
            content: "What was said is text, whatever it looks like",
            trigger:
                "body:not(:has(.modal)) .o_crm_timeline_body:contains(twelve <b>blue</b> ones)",
        },
        {
            content: "Show logged contacts only",
            trigger: ".o_crm_timeline_kinds button[data-kind=interaction]",
            run: "click",
        },
        {
            trigger:
                ".o_crm_timeline[aria-busy=false]:not(:has(.o_crm_timeline_entry[data-kind=note])) .o_crm_timeline_entry[data-kind=interaction]",
        },
        {
            content: "Search",
            trigger: ".o_crm_timeline_search",
            run: "edit twelve",
        },
        {
            content: "The call that nobody answered is not found",
            trigger:
                ".o_crm_timeline[aria-busy=false]:not(:contains(No answer)) .o_crm_timeline_body:contains(twelve)",
        },
        {
            content: "Pin the other one",
            trigger: ".o_crm_timeline_entry:contains(twelve) .o_crm_timeline_pin",
            run: "click",
        },
        {
            trigger:
                ".o_crm_timeline [data-section=pinned] .o_crm_timeline_body:contains(twelve)",
        },
    ],
});

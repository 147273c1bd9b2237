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
                "body:not(:has(.modal)) .o_crm_timeline_title:contains(twelve <b>blue</b> ones)",
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
                ".o_crm_timeline[aria-busy=false]:not(:contains(No answer)) .o_crm_timeline_title:contains(twelve)",
        },
        {
            content: "Pin the other one",
            trigger: ".o_crm_timeline_entry:contains(twelve) .o_crm_timeline_pin",
            run: "click",
        },
        {
            trigger:
                ".o_crm_timeline [data-section=pinned] .o_crm_timeline_title:contains(twelve)",
        },
    ],
});

registry.category("web_tour.tours").add("crm_extended_timeline_actions", {
    steps: () => [
        {
            content: "Open the timeline of the customer",
            trigger: "a.nav-link[name=timeline]",
            run: "click",
        },
        {
            content: "It is as long as it is, and scrolls with the page",
            trigger: ".o_crm_timeline .o_crm_timeline_entry",
            run() {
                for (const el of document.querySelectorAll(
                    ".o_crm_timeline, .o_crm_timeline_scroll"
                )) {
                    if (el.scrollHeight > el.clientHeight + 1) {
                        throw new Error(`${el.className} scrolls inside the tab`);
                    }
                }
            },
        },
        {
            content: "What Odoo wrote is not here",
            trigger:
                ".o_crm_timeline[aria-busy=false]:not(:has(.o_crm_timeline_entry[data-kind=system]))",
        },
        {
            trigger: ".o_crm_timeline_kinds button[data-kind=system]",
            run: "click",
        },
        {
            content: "It stands beside the others",
            trigger:
                ".o_crm_timeline:has(.o_crm_timeline_entry[data-kind=email]) .o_crm_timeline_entry[data-kind=system]",
        },
        {
            trigger: ".o_crm_timeline_kinds button[data-kind=system]",
            run: "click",
        },
        {
            content: "Answer the mail of the customer",
            trigger:
                ".o_crm_timeline[aria-busy=false]:not(:has(.o_crm_timeline_entry[data-kind=system])) .o_crm_timeline_entry:contains(Can you deliver?) button[name=act_reply]",
            run: "click",
        },
        {
            trigger:
                ".modal .o_field_widget[name=subject] input:value(Re: Can you deliver?)",
        },
        {
            trigger: ".modal .o_field_widget[name=body] .odoo-editor-editable",
            run: "editor We can, on Friday.",
        },
        {
            trigger: ".modal button[name=action_send_mail]",
            run: "click",
        },
        {
            trigger:
                "body:not(:has(.modal)) .o_crm_timeline_entry[data-kind=message]:contains(We can, on Friday.)",
        },
        {
            content: "Put off what was planned",
            trigger:
                ".o_crm_timeline [data-section=upcoming] .o_crm_timeline_entry:contains(Call about lamps) button[name=act_reschedule]",
            run: "click",
        },
        {
            trigger: ".o_crm_timeline_days button:contains(Tomorrow)",
            run: "click",
        },
        {
            content: "It is planned, no longer overdue",
            trigger:
                ".o_crm_timeline[aria-busy=false] [data-section=upcoming] .o_crm_timeline_entry:contains(Call about lamps):not(.o_crm_timeline_overdue)",
        },
        {
            trigger:
                ".o_crm_timeline [data-section=upcoming] .o_crm_timeline_entry:contains(Call about lamps) button[name=act_done]",
            run: "click",
        },
        {
            trigger: ".o_crm_timeline_done textarea",
            run: "edit They take ten",
        },
        {
            trigger: "button[name=confirm_done]",
            run: "click",
        },
        {
            content: "It has happened",
            trigger:
                ".o_crm_timeline[aria-busy=false]:not(:has([data-section=upcoming])) .o_crm_timeline_entry[data-kind=activity]:contains(They take ten)",
        },
        {
            content: "Plan the next one",
            trigger: ".o_crm_timeline button[name=plan_activity]",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=summary] input",
            run: "edit Send the invoice",
        },
        {
            trigger: ".modal button[name=action_schedule_activities]",
            run: "click",
        },
        {
            trigger:
                "body:not(:has(.modal)) .o_crm_timeline [data-section=upcoming] .o_crm_timeline_entry:contains(Send the invoice)",
        },
        {
            content: "Write a mail to the customer",
            trigger: ".o_crm_timeline button[name=send_email]",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=partner_ids]:contains(Tour)",
        },
        {
            trigger: ".modal .btn-close, .modal .o_form_button_cancel",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal)) .o_crm_timeline",
        },
    ],
});

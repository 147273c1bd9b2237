import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("crm_extended_pls_tooltip", {
    steps: () => [
        {
            content: "Ask why the chances are what they are",
            trigger: ".o_crm_pls_tooltip_button",
            run: "click",
        },
        {
            content: "The segment is among the reasons",
            trigger:
                ".o_crm_pls_tooltip:contains(Customer segment is):contains(Champions)",
        },
    ],
});

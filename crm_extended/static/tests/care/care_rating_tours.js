import { registry } from "@web/core/registry";

/** A customer without an account answers the form behind the link of his mail. */
registry.category("web_tour.tours").add("crm_extended_care_rating", {
    steps: () => [
        {
            content: "The face of the link is chosen",
            trigger: ".o_care_rating:has(input[name=rate][value='5']:checked)",
        },
        {
            content: "It is saved already",
            trigger: ".o_care_rating_kept:contains(Happy)",
        },
        {
            trigger: "label[for=care_expected_7]",
            run: "click",
        },
        {
            trigger: "label[for=care_perceived_8]",
            run: "click",
        },
        {
            trigger: "label[for=care_nps_10]",
            run: "click",
        },
        {
            trigger: "#care_feedback",
            run: "edit Quick and kind",
        },
        {
            trigger: ".o_care_rating button[type=submit]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: ".o_care_rating_used:contains(Thank you)",
        },
    ],
});

/** On a phone: the click in the mail is all that a customer in a hurry does. */
registry.category("web_tour.tours").add("crm_extended_care_rating_click", {
    steps: () => [
        {
            content: "It is saved",
            trigger: ".o_care_rating_kept:contains(Unhappy)",
        },
        {
            content: "A number can be taken back",
            trigger: "label[for=care_perceived_2]",
            run: "click",
        },
        {
            trigger:
                ".o_care_rating:has(#care_perceived_2:checked) label[for=care_perceived_2]",
            run: "click",
        },
        {
            trigger: ".o_care_rating:not(:has(input[name=perceived]:checked))",
        },
    ],
});

/** On a phone: from the home page to a case of one's own. */
registry.category("web_tour.tours").add("crm_extended_care_portal_phone", {
    steps: () => [
        {
            trigger: ".o_portal_my_home a[href='/my/cases']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "It is there without unfolding the bar of filters",
            trigger: "a[href='/my/cases/new']:visible",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: "#care_name",
            run: "edit My lamp flickers",
        },
        {
            trigger: "#care_text",
            run: "edit Since yesterday",
        },
        {
            trigger: ".o_portal_care_new button[type=submit]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: ".o_portal_care_case:contains(My lamp flickers)",
        },
        {
            content: "Not the loudest button",
            trigger: ".o_care_close button.btn-light:contains(Mark as Solved)",
        },
    ],
});

import { registry } from "@web/core/registry";

/** A customer without an account answers the form behind the link of his mail. */
registry.category("web_tour.tours").add("crm_extended_care_rating", {
    steps: () => [
        {
            content: "The face of the link is chosen",
            trigger: ".o_care_rating:has(input[name=rate][value='5']:checked)",
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

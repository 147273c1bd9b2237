import { registry } from "@web/core/registry";

// Features by class, one that is badly put, compared with an earlier wave, and answers.
registry.category("web_tour.tours").add("survey_crm_extended_kano", {
    steps: () => [
        {
            content: "The latest wave, with what is not separated",
            trigger:
                ".o_kano_table tbody tr:contains('Delivery'):contains('Must-be'):contains('not separated from One-dimensional')",
        },
        {
            trigger:
                ".o_kano_table tbody tr:contains('Parts') .o_kano_badly_put:contains('ask again')",
        },
        { trigger: ".o_kano_chart canvas" },
        { trigger: "select[name=compare_id]", run: "selectByLabel First" },
        {
            content: "What was attractive is taken for granted",
            trigger: "td[data-move=expected]:contains('Attractive → Must-be')",
        },
        {
            content: "The answers of the wave",
            trigger: ".o_kano_table tbody tr:contains('Delivery') td button",
            run: "click",
        },
        { trigger: ".o_list_view .o_data_row td[name=kano_class]:contains('Must-be')" },
        { trigger: ".o_back_button, .breadcrumb-item a", run: "click" },
        {
            content: "As it was left",
            trigger: "td[data-move=expected]:contains('Attractive → Must-be')",
        },
        { trigger: "button:contains('New Kano Survey')", run: "click" },
        {
            trigger:
                ".modal .o_field_x2many_list_row_add a, .modal .o_field_x2many_list_row_add button",
            run: "click",
        },
        {
            trigger: ".modal .o_selected_row [name=name] input",
            run: "edit Wrapping",
        },
        { trigger: ".modal-title", run: "click" },
        { trigger: ".modal button[name=action_create_survey]", run: "click" },
        {
            content: "The survey, with its two questions",
            trigger:
                ".o_form_view .o_field_widget[name=question_and_page_ids]:contains('Wrapping: how do you feel if we do not offer this?')",
        },
        { trigger: "button[name=action_kano_analysis]", run: "click" },
        { trigger: ".o_kano_table tbody tr:contains('Wrapping')" },
    ],
});

import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

registry.category("website.form_editor_actions").add("create_care_case", {
    formFields: [
        {
            type: "char",
            required: true,
            name: "contact_name",
            fillWith: "name",
            string: _t("Your Name"),
        },
        {
            type: "email",
            required: true,
            name: "email_from",
            fillWith: "email",
            string: _t("Your Email"),
        },
        {
            type: "selection",
            name: "type",
            string: _t("What Is It About?"),
            // Looked up for fields that are added later, not for those of a new form.
            selection: [
                ["request", _t("Request")],
                ["complaint", _t("Complaint")],
                ["suggestion", _t("Suggestion")],
                ["repair", _t("Repair")],
                ["return", _t("Return")],
            ],
        },
        {
            type: "char",
            modelRequired: true,
            name: "name",
            string: _t("Subject"),
        },
        {
            type: "text",
            required: true,
            name: "description",
            string: _t("What Can We Do for You?"),
        },
        {
            type: "binary",
            custom: true,
            name: _t("Attach Files"),
        },
    ],
    fields: [
        {
            name: "team_id",
            type: "many2one",
            relation: "crm.care.team",
            domain: [["use_portal", "=", true]],
            string: _t("Care Team"),
            title: _t("The team that receives the cases of this form."),
        },
    ],
    successPage: "/help-thank-you",
});

import { Component } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const { Info } = luxon;

/** Keys that a text can hold, with commas between them, by the kind of list. */
const LISTS = {
    channels: () => [
        ["email", _t("Email")],
        ["sms", _t("SMS")],
        ["phone", _t("Phone")],
        ["letter", _t("Letter")],
        ["visit", _t("Visit")],
    ],
    weekdays: () => Info.weekdays("short").map((label, day) => [String(day), label]),
};

/** A text of keys as checkboxes: the channels of a purpose, the days of a week. */
export class KeyListField extends Component {
    static template = "crm_extended.KeyListField";
    static props = { ...standardFieldProps, list: { type: String } };

    get items() {
        return LISTS[this.props.list]().map(([key, label]) => ({
            key,
            label,
            isChosen: this.chosen.includes(key),
        }));
    }

    get chosen() {
        const text = this.props.record.data[this.props.name] || "";
        return text.split(",").filter(Boolean);
    }

    get names() {
        const chosen = this.items.filter((item) => item.isChosen);
        return chosen.map((item) => item.label).join(", ");
    }

    onToggle(key, isChosen) {
        const keys = this.items.map((item) => item.key);
        const wanted = isChosen
            ? [...this.chosen, key]
            : this.chosen.filter((other) => other !== key);
        const text = keys.filter((other) => wanted.includes(other)).join(",");
        this.props.record.update({ [this.props.name]: text });
    }
}

registry.category("fields").add("crm_extended_key_list", {
    component: KeyListField,
    displayName: _t("Checkboxes of keys"),
    supportedTypes: ["char"],
    supportedOptions: [{ label: _t("List"), name: "list", type: "string" }],
    extractProps: ({ options }) => ({ list: options.list || "channels" }),
});

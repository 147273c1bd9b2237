import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { Component } from "@odoo/owl";

/** Which values get which score, "5: up to 5 days · 4: up to 19", the customer's marked. */
export class ScoreRanges extends Component {
    static template = "crm_extended.ScoreRanges";
    static props = {
        ranges: {
            type: Array,
            element: {
                type: Object,
                shape: { score: Number, text: String, own: Boolean },
            },
        },
    };
}

export class ScoreRangesField extends Component {
    static template = "crm_extended.ScoreRangesField";
    static components = { ScoreRanges };
    static props = { ...standardFieldProps };

    get ranges() {
        return this.props.record.data[this.props.name] || [];
    }
}

registry.category("fields").add("crm_extended_score_ranges", {
    component: ScoreRangesField,
    displayName: _t("Score Ranges"),
    supportedTypes: ["json"],
});

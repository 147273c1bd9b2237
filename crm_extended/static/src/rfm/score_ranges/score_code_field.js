import { _t } from "@web/core/l10n/translation";
import { usePopover } from "@web/core/popover/popover_hook";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { Component } from "@odoo/owl";

import { ScoreRanges } from "./score_ranges_field";

/** What a score consists of: a line for each dimension, with the values of all scores. */
export class ScorePopover extends Component {
    static template = "crm_extended.ScorePopover";
    static components = { ScoreRanges };
    static props = { dimensions: Array, close: Function };
}

/** The score of a customer, "545", which explains itself when it is clicked. */
export class ScoreCodeField extends Component {
    static template = "crm_extended.ScoreCodeField";
    static props = {
        ...standardFieldProps,
        // The many2one to the customer; the record itself where there is none.
        partnerField: { type: String, optional: true },
    };

    setup() {
        this.orm = useService("orm");
        this.popover = usePopover(ScorePopover, {
            popoverClass: "o_rfm_score_popover",
            position: "bottom",
        });
    }

    get code() {
        return this.props.record.data[this.props.name] || "";
    }

    get customerId() {
        const { record, partnerField } = this.props;
        return partnerField ? record.data[partnerField]?.id : record.resId;
    }

    async explain(ev) {
        const target = ev.currentTarget;
        const dimensions = await this.orm.call("res.partner", "get_rfm_explanation", [
            this.customerId,
        ]);
        const labels = {
            recency: _t("Recency"),
            frequency: _t("Frequency"),
            monetary: _t("Monetary"),
        };
        this.popover.open(target, {
            dimensions: dimensions.map((dimension) => ({
                ...dimension,
                label: labels[dimension.name],
            })),
        });
    }
}

registry.category("fields").add("crm_extended_score_code", {
    component: ScoreCodeField,
    displayName: _t("Score"),
    supportedTypes: ["char"],
    extractProps: ({ options }) => ({
        partnerField: options.partner_field,
    }),
});

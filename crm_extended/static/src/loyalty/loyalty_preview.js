import { Component, useState } from "@odoo/owl";

import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { formatInteger, formatMonetary } from "@web/views/fields/formatters";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

// What a customer's tier depends on.
const WATCHED = [
    "active",
    "company_id",
    "match",
    "rise_amount",
    "rise_orders",
    "segment_ids",
];

/**
 * How many customers each tier would take with what is entered in the form of a tier,
 * saved or not.
 *
 * On demand: all purchases of the period are summed up, which takes seconds where there
 * are millions; too much for every keystroke.
 */
export class LoyaltyPreview extends Component {
    static template = "crm_extended.LoyaltyPreview";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ preview: null, basis: "", busy: false });
    }

    /** Whether the thresholds are others than those that were counted with. */
    get isStale() {
        return this.state.basis !== this.basis();
    }

    basis() {
        const { data, resId } = this.props.record;
        return JSON.stringify([
            resId,
            ...WATCHED.map((name) => {
                const value = data[name];
                return value?.currentIds || (value && value.id) || value || false;
            }),
        ]);
    }

    async count() {
        this.state.busy = true;
        try {
            const { record } = this.props;
            const values = await record.getChanges({ withReadonly: true });
            const basis = this.basis();
            const preview = await this.orm.call("crm.loyalty.tier", "get_preview", [
                record.resId,
                values,
            ]);
            Object.assign(this.state, { preview, basis });
        } finally {
            this.state.busy = false;
        }
    }

    number(value) {
        return formatInteger(value);
    }

    money(value) {
        return formatMonetary(value, { currencyId: this.state.preview.currency_id });
    }
}

registry.category("view_widgets").add("crm_loyalty_preview", {
    component: LoyaltyPreview,
});

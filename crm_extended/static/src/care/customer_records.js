import { Component, onWillStart, onWillUpdateProps, useState } from "@odoo/owl";

import { formatDay } from "@crm_extended/common/formats";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { formatMonetary } from "@web/views/fields/formatters";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/**
 * What else there is of the customer of a case: other open cases, orders and invoices.
 * Read on its own once the form stands, as soon as a customer is chosen.
 */
export class CareCustomerRecords extends Component {
    static template = "crm_extended.CareCustomerRecords";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ kinds: [] });
        onWillStart(() => this.load(this.props.record));
        onWillUpdateProps((next) => this.load(next.record));
    }

    /** Not awaited: the form does not wait for it. */
    load({ data, resId }) {
        const question = [
            data.partner_id?.id || false,
            data.company_id?.id || false,
            resId || false,
        ];
        // Saving and moving a case may change what else is open.
        const key = JSON.stringify([question, data.stage_id?.id]);
        if (key === this.key) {
            return;
        }
        this.key = key;
        this.fetch(key, question);
    }

    async fetch(key, question) {
        const kinds = question[0]
            ? await this.orm.call("crm.care.case", "customer_records", question)
            : [];
        if (key === this.key) {
            this.state.kinds = kinds;
        }
    }

    day(record) {
        return record.date ? formatDay(record.date) : "";
    }

    amount(record) {
        return record.currency_id
            ? formatMonetary(record.amount, { currencyId: record.currency_id })
            : "";
    }

    open(kind, record) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: kind.model,
            res_id: record.id,
            views: [[false, "form"]],
        });
    }

    openAll(kind) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            name: kind.title,
            res_model: kind.model,
            domain: kind.domain,
            views: [
                [false, "list"],
                [false, "form"],
            ],
        });
    }
}

registry.category("view_widgets").add("crm_care_customer_records", {
    component: CareCustomerRecords,
    fieldDependencies: [
        { name: "partner_id", type: "many2one" },
        { name: "company_id", type: "many2one" },
        { name: "stage_id", type: "many2one" },
    ],
});

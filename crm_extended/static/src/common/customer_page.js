import { Component, onMounted, onWillUnmount, useRef, useState } from "@odoo/owl";

import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

import { fetchedAction } from "./fetched_action";

/**
 * Blocks of the customer page in a form: what there is to know before a call. They are
 * asked for when the line about the customer is unfolded, so opening a contact costs
 * nothing for them.
 */
export class CustomerPage extends Component {
    static template = "crm_extended.CustomerPage";
    static props = {
        ...standardWidgetProps,
        blocks: { type: Array, element: String },
    };

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.root = useRef("root");
        this.state = useState({ blocks: [] });
        this.loadedId = false;
        const load = () => this.load();
        const reload = () => {
            this.loadedId = false;
            return this.load();
        };
        onMounted(() => {
            this.details = this.root.el.closest("details");
            this.details?.addEventListener("toggle", load);
            this.env.bus.addEventListener("CRM_TIMELINE:RELOAD", reload);
            this.load();
        });
        onWillUnmount(() => {
            this.details?.removeEventListener("toggle", load);
            this.env.bus.removeEventListener("CRM_TIMELINE:RELOAD", reload);
        });
        useRecordObserver((record) => {
            // Read, to be called again when another record is shown.
            if (this.details && record.resId !== this.loadedId) {
                this.load();
            }
        });
    }

    async load() {
        const { resId } = this.props.record;
        if (!resId || resId === this.loadedId || (this.details && !this.details.open)) {
            return;
        }
        this.loadedId = resId;
        const blocks = await this.orm.call("res.partner", "get_customer_page", [
            [resId],
            this.props.blocks,
        ]);
        if (this.loadedId === resId) {
            this.state.blocks = blocks;
        }
    }

    /** Heights of bars, in percent of the highest. */
    heights(bars) {
        const highest = Math.max(...bars, 0);
        return bars.map((bar) =>
            highest > 0 ? Math.max(Math.round((bar / highest) * 100), 0) : 0
        );
    }

    canOpen(row) {
        return Boolean(row.method || (row.res_model && row.res_id));
    }

    async open(row) {
        if (row.method) {
            const { resId } = this.props.record;
            const action = await this.orm.call("res.partner", row.method, [[resId]]);
            return this.action.doAction(fetchedAction(action));
        }
        // An activity is seen on its record, which is this one.
        if (row.res_model === "mail.activity") {
            return;
        }
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: row.res_model,
            res_id: row.res_id,
            views: [[false, "form"]],
        });
    }

    print() {
        return this.action.doAction("crm_extended.action_report_customer_page", {
            additionalContext: { active_ids: [this.props.record.resId] },
        });
    }
}

registry.category("view_widgets").add("crm_customer_page", {
    component: CustomerPage,
    extractProps: ({ options }) => ({ blocks: options.blocks }),
});

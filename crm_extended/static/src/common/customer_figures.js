import { Component, onMounted, onWillUnmount, useState } from "@odoo/owl";

import { registry } from "@web/core/registry";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

// What the parts of a page are about to ask for, by model and record.
const batches = new Map();

/**
 * Figures of a record. All parts of a page that ask at the same time share a request.
 *
 * @param {Object} orm
 * @param {string} resModel
 * @param {number} resId
 * @param {string[]} names of the figures
 * @returns {Promise<Object>} figures by name
 */
function readFigures(orm, resModel, resId, names) {
    const key = `${resModel},${resId}`;
    let batch = batches.get(key);
    if (!batch) {
        batch = { names: new Set() };
        batch.figures = Promise.resolve().then(() => {
            batches.delete(key);
            return orm.silent.call(resModel, "get_customer_figures", [
                [resId],
                [...batch.names],
            ]);
        });
        batches.set(key, batch);
    }
    names.forEach((name) => batch.names.add(name));
    return batch.figures;
}

/**
 * Figures of a form's customer, or of its record. They are asked for after the form is
 * shown, so that opening a record is as fast as it is without them.
 */
export class CustomerFigures extends Component {
    static template = "crm_extended.CustomerFigures";
    static props = {
        ...standardWidgetProps,
        figures: { type: Array, element: String },
        // The many2one to the customer; the record itself where there is none.
        partnerField: { type: String, optional: true },
        // On a smart button: the bare figure.
        stat: { type: Boolean, optional: true },
        // A whole sentence, which may take several lines.
        wrap: { type: Boolean, optional: true },
    };

    setup() {
        this.state = useState({ figures: [] });
        this.shown = false;
        this.record = null;
        this.isMounted = false;
        const reload = () => this.load();
        onMounted(() => {
            this.isMounted = true;
            this.env.bus.addEventListener("CRM_TIMELINE:RELOAD", reload);
            this.load();
        });
        onWillUnmount(() => {
            this.isMounted = false;
            this.env.bus.removeEventListener("CRM_TIMELINE:RELOAD", reload);
        });
        useRecordObserver((record) => {
            // Read each time, to be called again when it changes.
            const customerId = this.customerOf(record);
            // A form that is read anew, as after a dialog, has another record.
            const isNew = customerId !== this.shown || record !== this.record;
            this.record = record;
            if (this.isMounted && isNew) {
                this.load();
            }
        });
    }

    customerOf(record) {
        const { partnerField } = this.props;
        const id = partnerField ? record.data[partnerField]?.id : record.resId;
        return id || false;
    }

    async load() {
        const customerId = this.customerOf(this.props.record);
        this.shown = customerId;
        if (!customerId) {
            this.state.figures = [];
            return;
        }
        const { figures: names } = this.props;
        // Not `useService`, which drops answers once the part that asked is gone: others
        // wait for them, too.
        const figures = await readFigures(
            this.env.services.orm,
            this.props.partnerField ? "res.partner" : this.props.record.resModel,
            customerId,
            names
        );
        if (this.isMounted && this.shown === customerId) {
            this.state.figures = names
                .filter((name) => figures[name])
                .map((name) => ({ name, ...figures[name] }));
        }
    }
}

registry.category("view_widgets").add("crm_customer_figures", {
    component: CustomerFigures,
    extractProps: ({ options }) => ({
        figures: options.figures,
        partnerField: options.partner_field,
        stat: options.stat,
        wrap: options.wrap,
    }),
});

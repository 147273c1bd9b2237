import { Component, onWillUnmount, xml } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

const EVERY = 3000;

/** Reads a form again every few seconds as long as its record's state is "running". */
export class ReloadWhileRunning extends Component {
    static template = xml`<t/>`;
    static props = standardWidgetProps;

    setup() {
        const timer = browser.setInterval(() => this.reload(), EVERY);
        onWillUnmount(() => browser.clearInterval(timer));
    }

    async reload() {
        const { record } = this.props;
        if (record.data.state === "running" && !this.loading) {
            this.loading = true;
            try {
                await record.load();
            } finally {
                this.loading = false;
            }
        }
    }
}

registry.category("view_widgets").add("reload_while_running", {
    component: ReloadWhileRunning,
    fieldDependencies: [{ name: "state", type: "selection" }],
});

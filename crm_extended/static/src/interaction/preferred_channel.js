import { Component, onMounted, onWillUpdateProps, useRef, useState } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

const FIELDS = ["preferred_channel", "preferred_channel_by_hand"];

/**
 * The channel that a customer likes best. It is counted from messages, so it is read on
 * its own, once the part of the page that folds it away is open.
 */
export class PreferredChannel extends Component {
    static template = "crm_extended.PreferredChannel";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.root = useRef("root");
        this.state = useState({ values: null, channels: [] });
        onMounted(() => {
            this.details = this.root.el.closest("details");
            this.details?.addEventListener("toggle", () => this.loadShown());
            this.loadShown();
        });
        onWillUpdateProps(({ record }) => {
            if (record.resId !== this.loaded) {
                this.loadShown(record.resId);
            }
        });
    }

    async loadShown(resId = this.props.record.resId) {
        if (this.details && !this.details.open) {
            return;
        }
        if (resId !== this.loaded) {
            await this.load(resId);
        }
    }

    async load(resId) {
        this.loaded = resId;
        if (!resId) {
            this.state.values = null;
            return;
        }
        const [[values], described] = await Promise.all([
            this.orm.read("res.partner", [resId], FIELDS),
            this.described || this.describe(),
        ]);
        if (resId !== this.loaded) {
            return;
        }
        this.state.values = values;
        this.state.channels = described.preferred_channel.selection;
    }

    async describe() {
        this.described = await this.orm.call("res.partner", "fields_get", [
            ["preferred_channel"],
            ["selection"],
        ]);
        return this.described;
    }

    get explanation() {
        if (this.state.values.preferred_channel_by_hand) {
            return _t("set manually");
        }
        return this.state.values.preferred_channel
            ? _t("used most in the last 12 months")
            : "";
    }

    /** An empty choice gives the channel back to what the customer uses. */
    async choose(channel) {
        const { resId } = this.props.record;
        await this.orm.write("res.partner", [resId], {
            preferred_channel: channel || false,
        });
        if (resId === this.loaded) {
            await this.load(resId);
        }
    }
}

registry.category("view_widgets").add("crm_preferred_channel", {
    component: PreferredChannel,
});

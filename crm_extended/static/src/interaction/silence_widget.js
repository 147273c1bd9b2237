import { Component, onWillStart, onWillUpdateProps, useState } from "@odoo/owl";

import { deserializeDate, formatDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

const FIELDS = [
    "last_contact_date",
    "days_of_silence",
    "preferred_channel",
    "preferred_channel_by_hand",
];

/**
 * When a customer was last contacted, and on which channel it likes to be. Read on its
 * own when it is shown, so that opening a contact asks the database for nothing more.
 */
export class SilenceWidget extends Component {
    static template = "crm_extended.SilenceWidget";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ values: null, channels: [] });
        onWillStart(() => this.load(this.props.record.resId));
        onWillUpdateProps((next) => this.load(next.record.resId));
    }

    async load(resId) {
        if (!resId) {
            this.state.values = null;
            return;
        }
        const [[values], described] = await Promise.all([
            this.orm.read("res.partner", [resId], FIELDS),
            this.described || this.describe(),
        ]);
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

    get date() {
        return formatDate(deserializeDate(this.state.values.last_contact_date));
    }

    get ago() {
        const days = this.state.values.days_of_silence;
        if (days === 0) {
            return _t("today");
        }
        return days === 1 ? _t("yesterday") : _t("%s days ago", days);
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
        await this.load(resId);
    }
}

registry.category("view_widgets").add("crm_silence", { component: SilenceWidget });

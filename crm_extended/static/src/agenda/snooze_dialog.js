import { Component, useState } from "@odoo/owl";

import { DateTimeInput } from "@web/core/datetime/datetime_input";
import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";
import { useAutofocus } from "@web/core/utils/hooks";

const { DateTime } = luxon;

/** Until when a customer is left out, and why. */
export class SnoozeDialog extends Component {
    static template = "crm_extended.SnoozeDialog";
    static components = { DateTimeInput, Dialog };
    static props = { name: String, snooze: Function, close: Function };

    setup() {
        // Enter snoozes until tomorrow.
        useAutofocus({ refName: "reason" });
        this.title = _t("Snooze %s", this.props.name);
        this.today = DateTime.local().startOf("day");
        this.state = useState({ until: this.today.plus({ days: 1 }), reason: "" });
    }

    get choices() {
        return [
            { key: "tomorrow", label: _t("Tomorrow"), until: { days: 1 } },
            { key: "week", label: _t("In one week"), until: { weeks: 1 } },
            { key: "month", label: _t("In one month"), until: { months: 1 } },
        ].map((choice) => ({ ...choice, until: this.today.plus(choice.until) }));
    }

    isChosen(choice) {
        return this.state.until && this.state.until.hasSame(choice.until, "day");
    }

    get isValid() {
        return this.state.until && this.state.until > this.today;
    }

    onKeydown(ev) {
        if (ev.key === "Enter") {
            ev.preventDefault();
            this.confirm();
        }
    }

    async confirm() {
        if (this.isValid) {
            this.props.close();
            await this.props.snooze(
                this.state.until.toISODate(),
                this.state.reason.trim()
            );
        }
    }
}

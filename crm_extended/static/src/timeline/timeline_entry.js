import { Component } from "@odoo/owl";

import { formatCurrency } from "@web/core/currency";
import { _t } from "@web/core/l10n/translation";

import { formatEntryDate, machineDate } from "./timeline_dates";

const STATES = {
    success: "text-bg-success",
    warning: "text-bg-warning",
    danger: "text-bg-danger",
    info: "text-bg-info",
    muted: "text-bg-secondary",
};
// Longer bodies are folded to a few lines.
const SHORT_BODY = 240;
const SHORT_LINES = 3;

export function isFoldable(entry) {
    return (
        entry.more ||
        entry.body.length > SHORT_BODY ||
        entry.body.split("\n").length > SHORT_LINES
    );
}

/** One entry of the timeline: what happened, when, with which contact. */
export class TimelineEntry extends Component {
    static template = "crm_extended.TimelineEntry";
    static props = {
        entry: Object,
        kind: Object,
        contact: String,
        expanded: Boolean,
        current: Boolean,
        canPin: Boolean,
        onFocus: Function,
        onOpen: Function,
        onPin: Function,
        onToggle: Function,
    };

    get entry() {
        return this.props.entry;
    }

    get labelId() {
        return `o_crm_timeline_${this.entry.id}`;
    }

    get date() {
        return formatEntryDate(this.entry);
    }

    get machineDate() {
        return machineDate(this.entry);
    }

    get amount() {
        const { amount, currency_id } = this.entry;
        return amount === false || amount === undefined
            ? ""
            : formatCurrency(amount, currency_id);
    }

    get stateClass() {
        return STATES[this.entry.state.color] || STATES.muted;
    }

    get isFoldable() {
        return isFoldable(this.entry);
    }

    get direction() {
        return {
            in: { label: _t("Incoming"), icon: "fa-arrow-down" },
            out: { label: _t("Outgoing"), icon: "fa-arrow-up" },
        }[this.entry.direction];
    }

    /** How it went, unless that is the title already. */
    get channel() {
        const { channel, title } = this.entry;
        return channel && channel.label !== title ? channel.label : "";
    }

    get pinLabel() {
        return this.entry.pinned ? _t("Unpin") : _t("Pin");
    }
}

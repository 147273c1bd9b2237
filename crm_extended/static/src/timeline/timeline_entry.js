import { Component, useState } from "@odoo/owl";

import { formatCurrency } from "@web/core/currency";
import { DateTimeInput } from "@web/core/datetime/datetime_input";
import { serializeDate, today } from "@web/core/l10n/dates";
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

/** Whether there is more than the first lines: of the text, or what came with it. */
export function isFoldable(entry) {
    return (
        entry.more ||
        Boolean(entry.parts?.length) ||
        entry.body.length > SHORT_BODY ||
        entry.body.split("\n").length > SHORT_LINES
    );
}

/** One entry of the timeline: what happened, when, with which contact. */
export class TimelineEntry extends Component {
    static template = "crm_extended.TimelineEntry";
    static components = { DateTimeInput };
    static props = {
        entry: Object,
        kind: Object,
        kindOf: Function,
        contact: String,
        expanded: Boolean,
        current: Boolean,
        canPin: Boolean,
        onFocus: Function,
        onOpen: Function,
        onPin: Function,
        onToggle: Function,
        onAct: Function,
    };

    setup() {
        // What is asked for before an action: feedback, or a date.
        this.state = useState({ asked: "", feedback: "", busy: false });
    }

    get entry() {
        return this.props.entry;
    }

    get labelId() {
        return `o_crm_timeline_${this.entry.id}`;
    }

    get date() {
        return formatEntryDate(this.entry);
    }

    get parts() {
        return this.entry.parts || [];
    }

    dateOf(entry) {
        return formatEntryDate(entry);
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

    get foldLabel() {
        if (this.parts.length) {
            return this.props.expanded
                ? _t("Hide details")
                : _t("Show details (%s)", this.parts.length);
        }
        return this.props.expanded ? _t("Show less") : _t("Show more");
    }

    // -- Actions

    get actions() {
        const all = {
            reply: { label: _t("Reply"), icon: "fa-reply" },
            done: { label: _t("Mark Done"), icon: "fa-check" },
            reschedule: { label: _t("Reschedule"), icon: "fa-calendar" },
        };
        return (this.entry.actions || [])
            .filter((name) => name in all)
            .map((name) => ({ name, ...all[name] }));
    }

    /** Activities are dealt with right here, all else in a dialog of its own. */
    start(name) {
        if (this.entry.kind === "activity" && name !== "reply") {
            this.state.asked = this.state.asked === name ? "" : name;
            return;
        }
        return this.act(name);
    }

    async act(name, values) {
        if (this.state.busy) {
            return;
        }
        this.state.busy = true;
        try {
            await this.props.onAct(this.entry, name, values);
            this.cancel();
        } finally {
            this.state.busy = false;
        }
    }

    cancel() {
        this.state.asked = "";
        this.state.feedback = "";
    }

    markAsDone() {
        return this.act("done", { feedback: this.state.feedback });
    }

    reschedule(day) {
        return day && this.act("reschedule", { date: serializeDate(day) });
    }

    /** The days that Odoo's own activities offer. */
    get days() {
        return [
            { label: _t("Tomorrow"), date: today().plus({ days: 1 }) },
            {
                label: _t("Next Monday"),
                date: today().plus({ weeks: 1 }).startOf("week"),
            },
        ];
    }

    get otherDay() {
        return _t("Another day");
    }

    onKeydown(ev) {
        if (ev.key === "Escape" && this.state.asked) {
            ev.stopPropagation();
            this.cancel();
        }
    }

    get pinLabel() {
        return this.entry.pinned ? _t("Unpin") : _t("Pin");
    }
}

import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { formatDateTime } from "@web/core/l10n/dates";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { Component, onWillDestroy, reactive, useState } from "@odoo/owl";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** One clock for all countdowns of the page; it stands still while there are none. */
const clock = reactive({ now: Date.now() });
let watchers = 0;
let timer;

function useClock() {
    clock.now = Date.now();
    if (!watchers++) {
        timer = setInterval(() => (clock.now = Date.now()), SECOND);
    }
    onWillDestroy(() => {
        if (!--watchers) {
            clearInterval(timer);
        }
    });
    return useState(clock);
}

/**
 * A length of time in its two largest units; below an hour in minutes and seconds.
 *
 * @param {number} milliseconds
 * @returns {string}
 */
export function formatRemaining(milliseconds) {
    const rest = Math.abs(milliseconds);
    if (rest >= DAY) {
        const [days, hours] = [Math.floor(rest / DAY), Math.floor((rest % DAY) / HOUR)];
        return _t("%(days)s d %(hours)s h", { days, hours });
    }
    const pad = (number) => String(Math.floor(number)).padStart(2, "0");
    if (rest >= HOUR) {
        const [hours, minutes] = [Math.floor(rest / HOUR), pad((rest % HOUR) / MINUTE)];
        return _t("%(hours)s h %(minutes)s min", { hours, minutes });
    }
    return `${pad(rest / MINUTE)}:${pad((rest % MINUTE) / SECOND)}`;
}

/** How long there is until a target is due: amber when it is soon, red when missed. */
export class CareCountdown extends Component {
    static template = "crm_extended.CareCountdown";
    static props = {
        ...standardFieldProps,
        stateField: { type: String, optional: true },
        startField: { type: String, optional: true },
    };

    setup() {
        this.clock = useClock();
    }

    get deadline() {
        return this.props.record.data[this.props.name];
    }

    get remaining() {
        return this.deadline.toMillis() - this.clock.now;
    }

    /** The state as it was read, which time moves on from ongoing to missed. */
    get state() {
        const state = this.props.record.data[this.props.stateField];
        return state === "paused" ? state : this.remaining < 0 ? "failed" : "ongoing";
    }

    /** In the last hour, or in the last quarter of the time there was. */
    get isSoon() {
        const start = this.props.record.data[this.props.startField];
        const whole = start ? this.deadline.toMillis() - start.toMillis() : 0;
        return this.remaining < Math.max(HOUR, whole / 4);
    }

    get colorClass() {
        if (this.state === "paused") {
            return "text-bg-secondary";
        }
        if (this.state === "failed") {
            return "text-bg-danger";
        }
        return this.isSoon ? "text-bg-warning" : "text-bg-light";
    }

    get icon() {
        return (
            { paused: "fa-pause", failed: "fa-exclamation-triangle" }[this.state] ||
            "fa-clock-o"
        );
    }

    get text() {
        if (this.state === "paused") {
            return _t("Paused");
        }
        const time = formatRemaining(this.remaining);
        return this.state === "failed" ? _t("%s late", time) : time;
    }

    get title() {
        return _t("Due %s", formatDateTime(this.deadline));
    }
}

export const careCountdown = {
    component: CareCountdown,
    displayName: _t("SLA Target Countdown"),
    supportedTypes: ["datetime"],
    listViewWidth: [130, 160],
    supportedOptions: [
        {
            label: _t("Status field"),
            name: "state_field",
            type: "field",
            availableTypes: ["selection"],
        },
        {
            label: _t("Start field"),
            name: "start_field",
            type: "field",
            availableTypes: ["datetime"],
        },
    ],
    extractProps: ({ options }) => ({
        stateField: options.state_field,
        startField: options.start_field,
    }),
};

registry.category("fields").add("crm_care_countdown", careCountdown);

import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { formatDateTime } from "@web/core/l10n/dates";
import { formatFloat } from "@web/core/utils/numbers";
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
 * A length of time in its two largest units.
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
    return formatHours(rest);
}

/**
 * A length of time in hours and minutes, however many: "29 h", "1 h 30 min", "45 min".
 *
 * @param {number} milliseconds
 * @returns {string}
 */
function formatHours(milliseconds) {
    const hours = Math.floor(milliseconds / HOUR);
    const minutes = Math.floor((milliseconds % HOUR) / MINUTE);
    if (!hours) {
        return _t("%s min", minutes);
    }
    return minutes
        ? _t("%(hours)s h %(minutes)s min", { hours, minutes })
        : _t("%s h", hours);
}

/**
 * A length of working time: "8 working hours left", "3.5 working hours late". Rounded
 * down, so that no one counts on time that is not there.
 *
 * @param {number} milliseconds
 * @param {boolean} isLate
 * @returns {string}
 */
export function formatWorkingTime(milliseconds, isLate) {
    if (milliseconds < HOUR) {
        const minutes = Math.floor(milliseconds / MINUTE);
        if (minutes === 1) {
            return isLate ? _t("1 working minute late") : _t("1 working minute left");
        }
        return isLate
            ? _t("%s working minutes late", minutes)
            : _t("%s working minutes left", minutes);
    }
    const hours = milliseconds / HOUR;
    const rounded = hours < 10 ? Math.floor(hours * 2) / 2 : Math.floor(hours);
    if (rounded === 1) {
        return isLate ? _t("1 working hour late") : _t("1 working hour left");
    }
    const text = formatFloat(rounded, { digits: [16, rounded % 1 ? 1 : 0] });
    return isLate
        ? _t("%s working hours late", text)
        : _t("%s working hours left", text);
}

/**
 * A moment as people say it: the day of the week where that is enough.
 *
 * @param {luxon.DateTime} moment
 * @param {number} now milliseconds
 */
export function formatMoment(moment, now) {
    const isNear = Math.abs(moment.toMillis() - now) < 6 * DAY;
    return moment.toLocaleString({
        ...(isNear ? { weekday: "short" } : { month: "short", day: "numeric" }),
        hour: "numeric",
        minute: "2-digit",
    });
}

/** How long there is until a target is due: amber when it is soon, red when missed. */
export class CareCountdown extends Component {
    static template = "crm_extended.CareCountdown";
    static props = {
        ...standardFieldProps,
        stateField: { type: String, optional: true },
        startField: { type: String, optional: true },
        targetField: { type: String, optional: true },
        hoursField: { type: String, optional: true },
        isDetailed: { type: Boolean, optional: true },
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

    /** The name of the target that is due next; empty where it is not read. */
    get target() {
        const { record, targetField } = this.props;
        const value = record.data[targetField];
        const selection = record.fields[targetField]?.selection || [];
        return selection.find(([key]) => key === value)?.[1] || "";
    }

    /**
     * Working time left, or since the deadline, in milliseconds; nothing where the server
     * did not say.
     *
     * It was true when the record was read. Since then no more can be left than there is
     * by the clock, so that the last hours of a day count down.
     */
    get workingTime() {
        const hours = this.props.record.data[this.props.hoursField];
        const isLate = this.state === "failed";
        if (!hours || hours < 0 !== isLate) {
            return null;
        }
        const read = Math.abs(hours) * HOUR;
        return isLate ? read : Math.min(read, this.remaining);
    }

    get timeText() {
        if (this.state === "paused") {
            return _t("Paused");
        }
        const isLate = this.state === "failed";
        const workingTime = this.workingTime;
        if (this.props.isDetailed && workingTime !== null) {
            return formatWorkingTime(workingTime, isLate);
        }
        // A day has as many working hours as the team works: no days of working time.
        const time =
            workingTime === null
                ? formatRemaining(this.remaining)
                : formatHours(workingTime);
        return isLate ? _t("%s late", time) : time;
    }

    get momentText() {
        return formatMoment(this.deadline, this.clock.now);
    }

    get text() {
        const parts = [this.target, this.timeText];
        if (this.props.isDetailed && this.state !== "paused") {
            parts.splice(1, 0, this.momentText);
        }
        return parts.filter(Boolean).join(" · ");
    }

    get title() {
        const due = _t("Due %s", formatDateTime(this.deadline));
        const parts = [this.target, due];
        if (this.workingTime !== null && this.state !== "paused") {
            parts.push(formatWorkingTime(this.workingTime, this.state === "failed"));
        }
        return parts.filter(Boolean).join(" · ");
    }
}

export const careCountdown = {
    component: CareCountdown,
    displayName: _t("SLA Target Countdown"),
    supportedTypes: ["datetime"],
    listViewWidth: [150, 250],
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
        {
            label: _t("Target field"),
            name: "target_field",
            type: "field",
            availableTypes: ["selection"],
        },
        {
            label: _t("Working hours field"),
            name: "hours_field",
            type: "field",
            availableTypes: ["float"],
        },
        {
            label: _t("Show date and working hours"),
            name: "detailed",
            type: "boolean",
        },
    ],
    extractProps: ({ options }) => ({
        stateField: options.state_field,
        startField: options.start_field,
        targetField: options.target_field,
        hoursField: options.hours_field,
        isDetailed: Boolean(options.detailed),
    }),
};

registry.category("fields").add("crm_care_countdown", careCountdown);

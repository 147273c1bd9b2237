import {
    deserializeDate,
    deserializeDateTime,
    formatDate,
    getStartOfLocalWeek,
    today,
} from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";

const { DateTime } = luxon;

/** The moment of an entry in the user's time zone; a mere date is not moved. */
export function entryDate(entry) {
    return entry.all_day
        ? deserializeDate(entry.date.slice(0, 10))
        : deserializeDateTime(entry.date);
}

/** The same for programs that read the page. */
export function machineDate(entry) {
    const date = entryDate(entry);
    return entry.all_day ? date.toISODate() : date.toUTC().toISO();
}

/** A date as people say it, with the time where there is one. */
export function formatEntryDate(entry) {
    const date = entryDate(entry);
    const now = DateTime.local();
    const isToday = date.hasSame(now, "day");
    const time = entry.all_day ? "" : date.toLocaleString(DateTime.TIME_SIMPLE);
    if (isToday && time) {
        return time;
    }
    const sameYear = date.hasSame(now, "year");
    const day = sameYear
        ? date.toLocaleString({ weekday: "short", day: "numeric", month: "short" })
        : formatDate(date);
    return [day, time].filter(Boolean).join(", ");
}

/**
 * Entries, newest first, under Today, Yesterday, This Week and then by month.
 *
 * @returns {{ key: string, label: string, entries: Object[] }[]}
 */
export function groupEntries(entries) {
    const start = today();
    const week = getStartOfLocalWeek(start);
    const groups = [];
    const byKey = {};
    for (const entry of entries) {
        const { key, label } = groupOf(entryDate(entry), start, week);
        if (!byKey[key]) {
            byKey[key] = { key, label, entries: [] };
            groups.push(byKey[key]);
        }
        byKey[key].entries.push(entry);
    }
    return groups;
}

function groupOf(date, start, week) {
    const day = date.startOf("day");
    const days = Math.round(start.diff(day, "days").days);
    if (days < 0) {
        return { key: "later", label: _t("Later") };
    }
    if (days === 0) {
        return { key: "today", label: _t("Today") };
    }
    if (days === 1) {
        return { key: "yesterday", label: _t("Yesterday") };
    }
    if (day >= week) {
        return { key: "week", label: _t("This Week") };
    }
    return {
        key: day.toFormat("yyyy-MM"),
        label: day.toLocaleString({ month: "long", year: "numeric" }),
    };
}

/** The bounds of a period that is chosen by its name, in the user's time zone. */
export function periodBounds(period) {
    const start = today();
    const until = { date_to: false };
    switch (period) {
        case "week":
            return { date_from: start.minus({ days: 6 }), ...until };
        case "month":
            return { date_from: start.minus({ days: 29 }), ...until };
        case "year":
            return { date_from: start.startOf("year"), ...until };
        case "last_year": {
            const year = start.minus({ years: 1 });
            return { date_from: year.startOf("year"), date_to: year.endOf("year") };
        }
    }
    return { date_from: false, ...until };
}

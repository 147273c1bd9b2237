import { periodBounds } from "./timeline_dates";
import { NO_FILTERS } from "./timeline_model";

const { DateTime } = luxon;

const PERIODS = ["week", "month", "year", "last_year"];

/** Filters as the address of the timeline's page says them; undefined is left out. */
export function filtersToAddress(filters) {
    const { kinds, extra, search, period, date_from, date_to, author_id, direction } =
        filters;
    const isCustom = period === "custom";
    return {
        kinds: kinds.join(",") || undefined,
        extra: (extra || []).join(",") || undefined,
        search: search || undefined,
        period: period === "all" ? undefined : period,
        // The bounds of the others follow from the day they are looked at.
        date_from: (isCustom && date_from && date_from.toISODate()) || undefined,
        date_to: (isCustom && date_to && date_to.toISODate()) || undefined,
        author_id: author_id || undefined,
        direction: direction || undefined,
    };
}

/** The filters an address says; what makes no sense in it is no filter. */
export function readAddress(params) {
    const author = Number(params.author_id);
    return {
        ...NO_FILTERS,
        kinds: readList(params.kinds),
        extra: readList(params.extra),
        search: String(params.search || ""),
        ...readPeriod(params),
        author_id: Number.isInteger(author) && author > 0 && author,
        direction: ["in", "out"].includes(params.direction) && params.direction,
    };
}

function readList(text) {
    return String(text || "")
        .split(",")
        .filter(Boolean);
}

function readPeriod({ period, date_from, date_to }) {
    if (PERIODS.includes(period)) {
        return { period, ...periodBounds(period) };
    }
    if (period !== "custom") {
        return {};
    }
    const from = DateTime.fromISO(String(date_from));
    const to = DateTime.fromISO(String(date_to));
    return {
        period,
        date_from: from.isValid && from.startOf("day"),
        date_to: to.isValid && to.endOf("day"),
    };
}

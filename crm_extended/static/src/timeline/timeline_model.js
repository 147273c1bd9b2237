import { serializeDateTime } from "@web/core/l10n/dates";
import { KeepLast } from "@web/core/utils/concurrency";

import { entryDate } from "./timeline_dates";

const { DateTime } = luxon;

export const PAGE_SIZE = 30;
// So many entries at most are asked for again after something has changed.
const MAX_RELOADED = 90;

export const NO_FILTERS = Object.freeze({
    kinds: [],
    // Kinds on demand that are switched on, beside those chosen.
    extra: [],
    period: "all",
    date_from: false,
    date_to: false,
    author_id: false,
    direction: false,
    search: "",
});

const lower = (text) => (text || "").toLocaleLowerCase();

/**
 * What the timeline of one record holds, as far as it has been fetched, and how it is
 * filtered. Keeps no rights of its own: it shows what `crm.timeline` hands out.
 */
export class TimelineModel {
    constructor(orm, { resModel, resId, scope, filters }) {
        this.orm = orm;
        this.resModel = resModel;
        this.resId = resId;
        this.scope = scope || "company";
        this.filters = { ...NO_FILTERS, ...filters };
        this.head = null;
        this.entries = [];
        this.counts = {};
        // Kinds of which there may be more than were counted.
        this.at_least = [];
        this.cursor = false;
        this.loading = false;
        this.loadingMore = false;
        this.error = "";
        this.moreError = "";
        this.keepLast = new KeepLast();
        // Identifies a page that was requested before the filters changed.
        this.generation = 0;
    }

    call(method, args = [], kwargs = {}) {
        return this.orm.silent.call(
            "crm.timeline",
            method,
            [this.resModel, this.resId, ...args],
            { ...kwargs, context: this.context }
        );
    }

    /** The days are those of the clock that all of the web client goes by. */
    get context() {
        return { tz: DateTime.local().zoneName };
    }

    /** Reload: the top (unless only the filters changed) and the first page. */
    async load({ withHead = true, limit = PAGE_SIZE } = {}) {
        this.generation++;
        this.loading = true;
        this.loadingMore = false;
        this.error = this.moreError = "";
        try {
            if (this.filters.extra.length && !this.head) {
                // All kinds and one more: which these are, the top says.
                this.head = await this.keepLast.add(this.fetchHead());
            }
            const [head, page] = await this.keepLast.add(
                Promise.all([
                    withHead ? this.fetchHead() : this.head,
                    this.fetch(limit, false),
                ])
            );
            Object.assign(this, { head, at_least: [], ...page });
        } catch (error) {
            this.error = error.data?.message || error.message;
        }
        this.loading = false;
    }

    /** The same again, as far as it was shown: something may be new. */
    reload() {
        const shown = Math.max(this.entries.length, PAGE_SIZE);
        return this.load({ limit: Math.min(shown, MAX_RELOADED) });
    }

    async loadMore() {
        if (!this.cursor || this.loading || this.loadingMore) {
            return;
        }
        const generation = this.generation;
        this.loadingMore = true;
        this.moreError = "";
        try {
            const { entries, cursor } = await this.fetch(PAGE_SIZE, this.cursor);
            if (generation !== this.generation) {
                return;
            }
            const known = new Set(this.entries.map((entry) => entry.id));
            this.entries.push(...entries.filter((entry) => !known.has(entry.id)));
            this.cursor = cursor;
        } catch (error) {
            if (generation === this.generation) {
                this.moreError = error.data?.message || error.message;
            }
        }
        if (generation === this.generation) {
            this.loadingMore = false;
        }
    }

    /** What the server is asked for, as it is filtered. */
    get options() {
        const { search, date_from, date_to, author_id, direction } = this.filters;
        const options = { scope: this.scope };
        const kinds = this.askedKinds;
        if (kinds.length) {
            options.kinds = kinds;
        }
        if (search) {
            options.search = search;
        }
        if (date_from) {
            options.date_from = serializeDateTime(date_from);
        }
        if (date_to) {
            options.date_to = serializeDateTime(date_to);
        }
        if (author_id) {
            options.author_id = author_id;
        }
        if (direction) {
            options.direction = direction;
        }
        return options;
    }

    /** The kinds to ask for; none are all but those on demand. */
    get askedKinds() {
        const { kinds, extra } = this.filters;
        if (kinds.length || !extra.length) {
            return kinds.length ? [...new Set([...kinds, ...extra])] : [];
        }
        const usual = this.kinds.filter(({ on_demand }) => !on_demand);
        return [...usual.map(({ key }) => key), ...extra];
    }

    get kinds() {
        return this.head?.kinds || [];
    }

    fetch(limit, cursor) {
        return this.call("get_page", [], { limit, cursor, ...this.options });
    }

    getPrintAction() {
        return this.call("get_print_action", [], this.options);
    }

    fetchHead() {
        return this.call("head", [], { scope: this.scope });
    }

    setFilters(changes) {
        Object.assign(this.filters, changes);
        return this.load({ withHead: false });
    }

    setScope(scope) {
        this.scope = scope;
        return this.load();
    }

    get isFiltered() {
        const { kinds, search, period, author_id, direction } = this.filters;
        return Boolean(
            kinds.length || search || period !== "all" || author_id || direction
        );
    }

    /** Do something with an entry: an action to open, or true. */
    act(entry, name, values = {}) {
        return this.call("act", [entry.id, name, values]);
    }

    getComposeAction() {
        return this.call("compose");
    }

    /** Pin or unpin; everybody who may see the entry sees the pin. */
    async togglePin(entry) {
        await this.call(entry.pinned ? "unpin" : "pin", [entry.id]);
        const pinned = !entry.pinned;
        for (const same of [
            ...this.entries,
            ...this.head.upcoming,
            ...this.head.pinned,
        ]) {
            if (same.id === entry.id) {
                same.pinned = pinned;
            }
        }
        this.head.pinned = this.head.pinned.filter((same) => same.id !== entry.id);
        if (pinned) {
            this.head.pinned.unshift(entry);
        }
    }

    // -- What is shown, in which order

    get upcoming() {
        return this.head.upcoming.filter((entry) => this.matches(entry));
    }

    get pinned() {
        const upcoming = new Set(this.upcoming.map((entry) => entry.id));
        return this.head.pinned.filter(
            (entry) => this.matches(entry) && !upcoming.has(entry.id)
        );
    }

    /**
     * What has passed, without what stands above already. What lies ahead and is not
     * above, of which there was too much or which only the server could find, is here.
     */
    get past() {
        const above = new Set(
            [...this.upcoming, ...this.pinned].map((entry) => entry.id)
        );
        return this.entries.filter((entry) => !above.has(entry.id));
    }

    /** The filters, for the few entries that come without any. */
    matches(entry) {
        const { kinds, extra, search, date_from, date_to, author_id, direction } =
            this.filters;
        const date = entryDate(entry);
        const text = lower(`${entry.title}\n${entry.body}`);
        return (
            (!kinds.length || [...kinds, ...extra].includes(entry.kind)) &&
            (!search || text.includes(lower(search))) &&
            (!date_from || date >= date_from) &&
            (!date_to || date <= date_to) &&
            (!author_id || entry.author?.id === author_id) &&
            (!direction || entry.direction === direction)
        );
    }
}

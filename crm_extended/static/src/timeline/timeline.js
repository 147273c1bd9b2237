import {
    Component,
    onWillStart,
    onWillUnmount,
    useEffect,
    useRef,
    useState,
} from "@odoo/owl";

import { DateTimeInput } from "@web/core/datetime/datetime_input";
import { _t } from "@web/core/l10n/translation";
import { SIZES } from "@web/core/ui/ui_service";
import { useBus, useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";

import { groupEntries, periodBounds } from "./timeline_dates";
import { TimelineEntry } from "./timeline_entry";
import { NO_FILTERS, TimelineModel } from "./timeline_model";
import { useThreadChanges } from "./use_thread_changes";

const SEARCH_DELAY = 300;
const RELOAD_DELAY = 200;
// What the server counts no further than.
const MANY = 100;

const NEXT = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 };

/** Everything that passed between us and a customer, as far as the reader may see it. */
export class Timeline extends Component {
    static template = "crm_extended.Timeline";
    static components = { DateTimeInput, TimelineEntry };
    static props = {
        resModel: String,
        resId: Number,
        scope: { type: String, optional: true },
        filters: { type: Object, optional: true },
        // Whether it is a page of its own.
        isPage: { type: Boolean, optional: true },
        onHead: { type: Function, optional: true },
        onChoice: { type: Function, optional: true },
        onLogged: { type: Function, optional: true },
    };
    static defaultProps = {
        isPage: false,
        onHead: () => {},
        onChoice: () => {},
        onLogged: () => {},
    };

    setup() {
        this.action = useService("action");
        this.notification = useService("notification");
        this.ui = useService("ui");
        this.store = this.env.services["mail.store"];
        this.root = useRef("root");
        this.feed = useRef("feed");
        this.sentinel = useRef("sentinel");
        const { resModel, resId, scope, filters } = this.props;
        this.model = useState(
            new TimelineModel(useService("orm"), { resModel, resId, scope, filters })
        );
        this.state = useState({
            expanded: {},
            allExpanded: false,
            current: null,
            showFilters: false,
        });
        this.search = useDebounced(
            (text) => this.setFilters({ search: text.trim() }),
            SEARCH_DELAY
        );
        this.reloadSoon = useDebounced(() => this.reload(), RELOAD_DELAY);
        useBus(this.env.bus, "CRM_TIMELINE:RELOAD", () => this.reloadSoon());
        useThreadChanges(resModel, resId, () => this.reloadSoon());
        onWillStart(() => this.load());
        this.setupScrolling();
    }

    /** The next page comes when the end of this one comes into sight. */
    setupScrolling() {
        const observer = new IntersectionObserver(
            (sights) => {
                if (sights.some((sight) => sight.isIntersecting)) {
                    this.loadMore();
                }
            },
            { rootMargin: "200px" }
        );
        useEffect(
            (el, loading, error, count, byScrolling) => {
                // Where the chatter is below the form, it must be reached.
                if (!el || loading || error || !byScrolling) {
                    return;
                }
                observer.observe(el);
                return () => observer.unobserve(el);
            },
            () => [
                this.sentinel.el,
                this.model.loadingMore || this.model.loading,
                this.model.moreError,
                this.model.entries.length,
                this.props.isPage || this.ui.size >= SIZES.XXL,
            ]
        );
        onWillUnmount(() => observer.disconnect());
    }

    async load() {
        await this.model.load();
        if (this.model.head) {
            this.props.onHead(this.model.head);
        }
    }

    reload() {
        return this.model.reload();
    }

    loadMore() {
        return this.model.loadMore();
    }

    // -- What is shown

    get head() {
        return this.model.head;
    }

    get filters() {
        return this.model.filters;
    }

    get sections() {
        const { upcoming, pinned, past } = this.model;
        return [
            { key: "upcoming", label: _t("Upcoming and Overdue"), entries: upcoming },
            { key: "pinned", label: _t("Pinned"), entries: pinned },
            ...groupEntries(past),
        ].filter((section) => section.entries.length);
    }

    get shown() {
        return this.sections.flatMap((section) => section.entries);
    }

    /** The kinds there is something of, and those that are chosen; on demand last. */
    get kinds() {
        const { counts, at_least, filters } = this.model;
        const chosen = [...filters.kinds, ...filters.extra];
        const isOnDemand = ({ on_demand }) => Boolean(on_demand);
        return this.head.kinds
            .filter(
                ({ key }) =>
                    counts[key] || at_least.includes(key) || chosen.includes(key)
            )
            .sort((one, other) => isOnDemand(one) - isOnDemand(other))
            .map((kind) => ({
                ...kind,
                title: kind.on_demand
                    ? _t("Show what Odoo has recorded, too: changes, new records")
                    : _t("Show only these"),
                chosen: chosen.includes(kind.key),
                count: this.formatCount(
                    counts[kind.key] || 0,
                    at_least.includes(kind.key)
                ),
            }));
    }

    /** "12+": at least so many, where the server has not looked through all. */
    formatCount(count, isAtLeast) {
        if (count >= MANY) {
            return `${MANY - 1}+`;
        }
        return isAtLeast ? `${count}+` : String(count);
    }

    kindOf(entry) {
        return (
            this.head.kinds.find((kind) => kind.key === entry.kind) || {
                label: "",
                icon: "fa-circle-o",
            }
        );
    }

    get periods() {
        return [
            { key: "all", label: _t("Any Date") },
            { key: "week", label: _t("Last 7 days") },
            { key: "month", label: _t("Last 30 days") },
            { key: "year", label: _t("This year") },
            { key: "last_year", label: _t("Last year") },
            { key: "custom", label: _t("From … to …") },
        ];
    }

    get directions() {
        return [
            { key: "", label: _t("All Directions") },
            { key: "in", label: _t("Incoming") },
            { key: "out", label: _t("Outgoing") },
        ];
    }

    get scopes() {
        return [
            { key: "contact", label: _t("This Contact") },
            { key: "company", label: _t("Whole Company") },
        ];
    }

    /** The authors to filter by, with the one in a bookmarked address. */
    get authors() {
        const { author_id } = this.filters;
        const { authors } = this.head;
        if (!author_id || authors.some(({ id }) => id === author_id)) {
            return authors;
        }
        const found = this.model.entries.find(({ author }) => author?.id === author_id);
        return [
            ...authors,
            { id: author_id, name: found?.author.name || _t("Someone else") },
        ];
    }

    /** The contact of a company that an entry is about, if it is not this one. */
    contactOf(entry) {
        const { contact } = entry;
        return contact && contact.id !== this.head.partner_id ? contact.name : "";
    }

    get moreFilterCount() {
        const { period, author_id, direction } = this.filters;
        return [period !== "all", author_id, direction].filter(Boolean).length;
    }

    isExpanded(entry) {
        return this.state.expanded[entry.id] ?? this.state.allExpanded;
    }

    /** The entry that Tab reaches. */
    isCurrent(entry) {
        const { shown } = this;
        const current = shown.some(({ id }) => id === this.state.current)
            ? this.state.current
            : shown[0]?.id;
        return entry.id === current;
    }

    get label() {
        return _t("Timeline of %s", this.head.name);
    }

    // -- Choices

    async setFilters(changes) {
        await this.model.setFilters(changes);
        this.tellChoice();
    }

    async setScope(scope) {
        await this.model.setScope(scope);
        this.tellChoice();
    }

    tellChoice() {
        const { filters, scope } = this.model;
        this.props.onChoice({ scope, filters: { ...filters } });
    }

    toggleKind({ key, on_demand }) {
        const name = on_demand ? "extra" : "kinds";
        const keys = this.filters[name];
        return this.setFilters({
            [name]: keys.includes(key)
                ? keys.filter((other) => other !== key)
                : [...keys, key],
        });
    }

    setPeriod(period) {
        const bounds = period === "custom" ? {} : periodBounds(period);
        return this.setFilters({ period, ...bounds });
    }

    setDay(name, day) {
        const date =
            day && (name === "date_from" ? day.startOf("day") : day.endOf("day"));
        return this.setFilters({ [name]: date || false });
    }

    setAuthor(ev) {
        return this.setFilters({ author_id: Number(ev.target.value) || false });
    }

    clearFilters() {
        this.root.el.querySelector("input[name=search]").value = "";
        return this.setFilters({ ...NO_FILTERS, kinds: [], extra: [] });
    }

    toggle(entry) {
        this.state.expanded[entry.id] = !this.isExpanded(entry);
    }

    toggleAll() {
        this.state.allExpanded = !this.state.allExpanded;
        this.state.expanded = {};
    }

    async pin(entry) {
        if (!this.head.can_pin) {
            return;
        }
        await this.model.togglePin(entry);
        this.focusEntry(entry.id);
    }

    // -- Elsewhere

    open(entry) {
        if (!entry.record) {
            return;
        }
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: entry.record.model,
            res_id: entry.record.id,
            views: [[false, "form"]],
        });
    }

    async print() {
        return this.action.doAction(await this.model.getPrintAction());
    }

    openPage() {
        const { resModel, resId } = this.props;
        return this.action.doAction({
            type: "ir.actions.client",
            tag: "crm_extended.timeline",
            path: "timeline",
            name: _t("Timeline"),
            params: { resModel, resId, scope: this.model.scope },
        });
    }

    // -- Acting

    /** An action in a dialog; what it has changed is shown when it is closed. */
    doInDialog(action, options = {}) {
        return this.action.doAction(action, {
            ...options,
            onClose: (info) => {
                if (!info?.dismiss && !info?.special) {
                    this.onChanged();
                }
            },
        });
    }

    /** The stream, the form around it and the chatter beside it may be different now. */
    onChanged() {
        this.reloadSoon();
        this.props.onLogged();
        if (!this.props.isPage) {
            const { resModel, resId } = this.props;
            const thread = this.store?.Thread.insert({ model: resModel, id: resId });
            thread?.fetchThreadData(["activities", "messages"]);
        }
    }

    logContact() {
        const { resModel, resId } = this.props;
        return this.doInDialog("crm_extended.crm_interaction_wizard_action", {
            additionalContext: {
                active_model: resModel,
                active_id: resId,
                active_ids: [resId],
            },
        });
    }

    async sendEmail() {
        return this.doInDialog(await this.model.getComposeAction());
    }

    async planActivity() {
        const { resModel, resId } = this.props;
        await this.store.scheduleActivity(resModel, [resId]);
        this.onChanged();
    }

    /** Do what an entry offers; a reply is one to the message that opened its record. */
    async act(entry, name, values) {
        if (!entry.actions?.includes(name)) {
            return;
        }
        const target =
            (name === "reply" &&
                entry.parts?.find((part) => part.actions.includes(name))) ||
            entry;
        const action = await this.model.act(target, name, values);
        if (action === true) {
            this.onChanged();
        } else {
            await this.doInDialog(action);
        }
    }

    // -- Keyboard

    focusEntry(id) {
        this.state.current = id;
        this.feed.el?.querySelector(`[data-entry="${CSS.escape(id)}"]`)?.focus();
    }

    onKeydown(ev) {
        if (ev.ctrlKey || ev.altKey || ev.metaKey || ev.shiftKey) {
            return;
        }
        if (ev.target.closest("input, select, textarea")) {
            return;
        }
        const { shown } = this;
        const index = shown.findIndex((entry) => entry.id === this.state.current);
        const entry = shown[index];
        const onEntry = ev.target.matches(".o_crm_timeline_entry");
        if (ev.key in NEXT) {
            const next = shown[index + NEXT[ev.key]];
            if (next) {
                this.focusEntry(next.id);
            } else if (NEXT[ev.key] > 0) {
                this.loadMore();
            }
        } else if (ev.key === "Home" && shown.length) {
            this.focusEntry(shown[0].id);
        } else if (ev.key === "End" && shown.length) {
            this.focusEntry(shown.at(-1).id);
        } else if (onEntry && entry && ev.key === "Enter") {
            this.open(entry);
        } else if (onEntry && entry && ev.key === " ") {
            this.toggle(entry);
        } else if (onEntry && entry && ev.key === "p") {
            this.pin(entry);
        } else if (onEntry && entry && ev.key === "r") {
            this.act(entry, "reply");
        } else {
            return;
        }
        ev.preventDefault();
        ev.stopPropagation();
    }
}

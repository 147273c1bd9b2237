import { _t } from "@web/core/l10n/translation";
import { user } from "@web/core/user";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import {
    formatFloat,
    formatInteger,
    formatMonetary,
} from "@web/views/fields/formatters";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { SearchBar } from "@web/search/search_bar/search_bar";
import { useSearchBarToggler } from "@web/search/search_bar/search_bar_toggler";
import { Component, onWillStart, onWillUpdateProps, useState } from "@odoo/owl";

import { fetchedAction } from "../../common/fetched_action";
import { formatShare } from "../../common/formats";
import { SALES_MANAGER } from "../../rfm/first_steps/first_steps";

const MODEL = "crm.customer.profile";
// From where on the color of a cell is dark enough for light figures.
const STRONG = 0.78;
// So many rows of each table are shown at first.
const SHORT = 8;

/** A heat map of any two dimensions, and what the best customers have in common. */
export class ProfileTables extends Component {
    static template = "crm_extended.ProfileTables";
    static components = { Layout, SearchBar };
    static props = { domain: Array, state: { type: Object, optional: true } };

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.keepTable = new KeepLast();
        this.keepBest = new KeepLast();
        this.keepCount = new KeepLast();
        this.display = { controlPanel: {} };
        const { row, column, measure, target } = this.props.state || {};
        this.state = useState({
            row: row || "rfm_segment_id",
            column: column || "country_id",
            measure: measure || "customers",
            target: target || "decile",
            table: null,
            best: null,
            chosen: [],
            alike: 0,
            isLoading: false,
            isLong: false,
        });
        useSetupAction({
            getLocalState: () => ({
                row: this.state.row,
                column: this.state.column,
                measure: this.state.measure,
                target: this.state.target,
            }),
        });
        this.searchBarToggler = useSearchBarToggler();
        onWillStart(async () => {
            [this.mayFill] = await Promise.all([
                user.hasGroup(SALES_MANAGER),
                this.load(this.props.domain),
            ]);
        });
        onWillUpdateProps(async ({ domain }) => {
            if (JSON.stringify(domain) !== JSON.stringify(this.props.domain)) {
                await this.load(domain);
            }
        });
    }

    load(domain) {
        return Promise.all([this.loadTable(domain), this.loadBest(domain)]);
    }

    async loadTable(domain) {
        this.state.isLoading = true;
        try {
            const { row, column } = this.state;
            this.state.table = await this.keepTable.add(
                this.orm.call(MODEL, "get_table", [], { domain, row, column })
            );
        } finally {
            this.state.isLoading = false;
        }
    }

    async loadBest(domain) {
        const best = await this.keepBest.add(
            this.orm.call(MODEL, "get_best", [], { target: this.state.target, domain })
        );
        this.state.best = best;
        this.state.chosen = best.chosen;
        await this.countAlike(domain);
    }

    async countAlike(domain) {
        this.state.alike = await this.keepCount.add(
            this.orm.call(MODEL, "count_alike", [
                this.state.best.target,
                this.state.chosen,
                domain,
            ])
        );
    }

    change(values) {
        Object.assign(this.state, values);
        return this.loadTable(this.props.domain);
    }

    setTarget(target) {
        this.state.target = target;
        return this.loadBest(this.props.domain);
    }

    // -- The heat map

    get table() {
        return this.state.table;
    }

    get best() {
        return this.state.best;
    }

    get isEmpty() {
        return !this.table.total && !this.table.refused && !this.props.domain.length;
    }

    get headline() {
        if (this.table.customers === 1) {
            return _t(
                "One customer of %s, limited to the customers you can see",
                this.table.company
            );
        }
        return _t(
            "%(customers)s customers of %(company)s, limited to the customers you can see",
            {
                customers: formatInteger(this.table.customers),
                company: this.table.company,
            }
        );
    }

    get refusedNote() {
        return _t(
            "Customers left out because they refused profiling: %s",
            formatInteger(this.table.refused)
        );
    }

    get measures() {
        return [
            { name: "customers", label: _t("Customers") },
            { name: "share", label: _t("Share of All") },
            { name: "row", label: _t("Share of Row") },
            { name: "revenue", label: _t("Revenue") },
        ];
    }

    /** What the rows or the columns can be: not what the others are. */
    dimensionsBut(name) {
        return this.table.dimensions.filter((each) => each.name !== name);
    }

    labelOf(name) {
        return this.table.dimensions.find((each) => each.name === name)?.label;
    }

    cell(row, column) {
        return this.table.cells[`${row},${column}`] || { customers: 0, revenue: 0 };
    }

    value(row, column) {
        const cell = this.cell(row, column);
        switch (this.state.measure) {
            case "share":
                return this.table.customers && cell.customers / this.table.customers;
            case "row":
                return cell.customers / this.table.rows[row].customers;
            default:
                return cell[this.state.measure];
        }
    }

    figure(row, column) {
        const cell = this.cell(row, column);
        if (!cell.customers) {
            return "";
        }
        const value = this.value(row, column);
        switch (this.state.measure) {
            case "customers":
                return formatInteger(value);
            case "revenue":
                return this.money(value);
            default:
                return formatShare(value);
        }
    }

    money(value) {
        return formatMonetary(value, {
            currencyId: this.table.currency_id,
            humanReadable: Math.abs(value) >= 10000,
            digits: [16, 0],
        });
    }

    get highest() {
        const places = Object.keys(this.table.cells).map((key) => key.split(","));
        return Math.max(...places.map(([row, column]) => this.value(row, column)), 0);
    }

    /** How strong a cell's color is, 0 to 1: its part of the highest. */
    heat(row, column, highest) {
        return highest && Math.max(0, this.value(row, column) / highest);
    }

    cellClass(heat) {
        return { o_cohort_cell: true, o_cohort_strong: heat >= STRONG };
    }

    cellTitle(row, column) {
        const cell = this.cell(row, column);
        return _t(
            "%(row)s, %(column)s: %(customers)s customers (%(share)s of all), revenue: %(revenue)s",
            {
                row: this.table.rows[row].label,
                column: this.table.columns[column].label,
                customers: formatInteger(cell.customers),
                share: formatShare(cell.customers / (this.table.customers || 1)),
                revenue: this.money(cell.revenue),
            }
        );
    }

    openCell(row, column) {
        const { rows, columns } = this.table;
        return this.open(
            `${rows[row].label}, ${columns[column].label}`,
            [...rows[row].domain, ...columns[column].domain],
            "list"
        );
    }

    openRow(row) {
        const { label, domain } = this.table.rows[row];
        return this.open(label, domain, "list");
    }

    // -- Like the best

    get bestLine() {
        return _t("%(best)s of %(customers)s customers are the best.", {
            best: formatInteger(this.best.best),
            customers: formatInteger(this.best.customers),
        });
    }

    get tables() {
        const traits = this.best.values.filter((each) => !each.is_habit);
        const habits = this.best.values.filter((each) => each.is_habit);
        return [
            { name: "traits", title: _t("Who They Are"), values: traits },
            { name: "habits", title: _t("How They Buy"), values: habits },
        ].filter(({ values }) => values.length);
    }

    shown(values) {
        return this.state.isLong ? values : values.slice(0, SHORT);
    }

    get isCut() {
        return this.tables.some(({ values }) => values.length > SHORT);
    }

    get leastNote() {
        return _t(
            "Values of fewer than %s customers are left out. How they buy follows from the same purchases that make customers the best, so a high lift there is no surprise.",
            this.best.least
        );
    }

    share(value) {
        return formatShare(value);
    }

    times(value) {
        return _t("%s×", formatFloat(value, { digits: [16, 1] }));
    }

    interval({ low, high }) {
        return _t("%(low)s to %(high)s", {
            low: formatFloat(low, { digits: [16, 1] }),
            high: formatFloat(high, { digits: [16, 1] }),
        });
    }

    isChosen({ dimension, value }) {
        return this.state.chosen.some(
            ([name, each]) => name === dimension && each === value
        );
    }

    toggle({ dimension, value }) {
        this.state.chosen = this.isChosen({ dimension, value })
            ? this.state.chosen.filter(
                  ([name, each]) => name !== dimension || each !== value
              )
            : [...this.state.chosen, [dimension, value]];
        return this.countAlike(this.props.domain);
    }

    get alikeLine() {
        if (!this.state.chosen.length) {
            return _t("Select values to find customers who are like the best.");
        }
        return _t(
            "Customers with the selected values who are not among the best: %s",
            formatInteger(this.state.alike)
        );
    }

    openValue({ label, domain }) {
        return this.open(label, domain, "list");
    }

    async call(method) {
        const action = await this.orm.call(MODEL, method, [
            this.best.target,
            this.state.chosen,
            this.props.domain,
        ]);
        return this.action.doAction(fetchedAction(action));
    }

    // -- What one can do

    async open(name, domain, view) {
        // What was shown when it was clicked: another search may have come meanwhile.
        const { company_id } = this.table;
        const searched = this.props.domain;
        const action = await this.action.loadAction(
            "crm_extended.crm_customer_profile_action"
        );
        const views = [...action.views].sort(
            (one, other) => (other[1] === view) - (one[1] === view)
        );
        return this.action.doAction({
            ...action,
            name: name || action.name,
            display_name: name || action.name,
            domain: [["company_id", "=", company_id], ...domain, ...searched],
            views,
            // On a phone customers are cards.
            mobile_view_mode: view === "list" ? "kanban" : view,
        });
    }

    analyze() {
        return this.open("", [], "pivot");
    }

    importPurchases() {
        return this.action.doAction("crm_extended.crm_purchase_history_import_action");
    }
}

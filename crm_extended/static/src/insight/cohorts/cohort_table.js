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
import { usePager } from "@web/search/pager_hook";
import { SearchBar } from "@web/search/search_bar/search_bar";
import { useSearchBarToggler } from "@web/search/search_bar/search_bar_toggler";
import { Component, onWillStart, onWillUpdateProps, useRef, useState } from "@odoo/owl";

import { formatDay, formatShare } from "../../common/formats";
import { SALES_MANAGER } from "../../rfm/first_steps/first_steps";
import { formatPeriod } from "./period_field";

const { DateTime } = luxon;

const LIMIT = 24;
// From where on the color of a cell is dark enough for light figures.
const STRONG = 0.78;
const ARROWS = {
    ArrowUp: [-1, 0],
    ArrowDown: [1, 0],
    ArrowLeft: [0, -1],
    ArrowRight: [0, 1],
};

/** Cohorts in rows, the latest first; their age in columns; a cell opens its customers. */
export class CohortTable extends Component {
    static template = "crm_extended.CohortTable";
    static components = { Layout, SearchBar };
    static props = { domain: Array, state: { type: Object, optional: true } };

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.keepLast = new KeepLast();
        this.display = { controlPanel: {} };
        this.root = useRef("root");
        const { step, measure, offset } = this.props.state || {};
        this.state = useState({
            step: step || "month",
            measure: measure || "share",
            offset: offset || 0,
            isLoading: false,
            table: null,
        });
        useSetupAction({
            getLocalState: () => ({
                step: this.state.step,
                measure: this.state.measure,
                offset: this.state.offset,
            }),
        });
        this.searchBarToggler = useSearchBarToggler();
        usePager(() =>
            this.state.table?.count > LIMIT
                ? {
                      offset: this.state.offset,
                      limit: LIMIT,
                      total: this.state.table.count,
                      isEditable: false,
                      onUpdate: ({ offset: to }) => this.change({ offset: to }),
                  }
                : undefined
        );
        onWillStart(async () => {
            [this.mayFill] = await Promise.all([
                user.hasGroup(SALES_MANAGER),
                this.load(this.props.domain),
            ]);
        });
        onWillUpdateProps(async ({ domain }) => {
            if (JSON.stringify(domain) !== JSON.stringify(this.props.domain)) {
                this.state.offset = 0;
                await this.load(domain);
            }
        });
    }

    async load(domain) {
        const { step, offset } = this.state;
        this.state.isLoading = true;
        try {
            const table = await this.keepLast.add(
                this.orm.call("crm.cohort", "get_table", [], {
                    domain,
                    step,
                    offset,
                    limit: LIMIT,
                })
            );
            // What is shown is of this step, also while the next one is asked for.
            this.state.table = { ...table, step };
        } finally {
            this.state.isLoading = false;
        }
    }

    change(values) {
        Object.assign(this.state, values);
        return this.load(this.props.domain);
    }

    setStep(step) {
        return step === this.state.step ? undefined : this.change({ step, offset: 0 });
    }

    // -- What is shown

    get table() {
        return this.state.table;
    }

    get steps() {
        return [
            { name: "month", label: _t("Month") },
            { name: "quarter", label: _t("Quarter") },
        ];
    }

    get measures() {
        return [
            { name: "share", label: _t("Share") },
            { name: "customers", label: _t("Customers") },
            { name: "orders", label: _t("Purchases") },
            { name: "revenue", label: _t("Revenue") },
        ];
    }

    get headline() {
        const { company, customers } = this.table;
        if (customers === 1) {
            return _t(
                "One customer of %s by their first purchase, limited to the customers you can see",
                company
            );
        }
        return _t(
            "%(customers)s customers of %(company)s by their first purchase, limited to the customers you can see",
            { customers: formatInteger(customers), company }
        );
    }

    get asOf() {
        return _t(
            "As of %s. Imported purchases can move customers to an earlier cohort, and purchases that are taken back in full to a later one.",
            formatDay(this.table.as_of)
        );
    }

    /** What the switches say, which are not printed. */
    get printed() {
        const { step, measure } = this.state;
        return [
            this.steps.find(({ name }) => name === step).label,
            this.measures.find(({ name }) => name === measure).label,
        ].join(" · ");
    }

    /** For print: the number of columns, and the width of one in letters. */
    get columns() {
        const width = this.state.measure === "revenue" ? 5 : 3.1;
        return `--o-cohort-ages: ${this.table.ages}; --o-cohort-em: ${width}`;
    }

    get agesLabel() {
        return this.table.step === "quarter"
            ? _t("Quarters since the first purchase")
            : _t("Months since the first purchase");
    }

    get averageLabel() {
        return this.isShare ? _t("Average") : _t("Average per Customer");
    }

    get isShare() {
        return ["share", "customers"].includes(this.state.measure);
    }

    get ages() {
        return [...Array(this.table.ages).keys()];
    }

    get isCut() {
        return this.table.ages === this.table.max_ages;
    }

    get cutNote() {
        return _t("More than %s periods are in Analyze.", this.table.max_ages);
    }

    cohortLabel(day) {
        return formatPeriod(DateTime.fromISO(day), this.table.step);
    }

    figure(cell) {
        const value = cell[this.state.measure];
        switch (this.state.measure) {
            case "share":
                return formatShare(value);
            case "revenue":
                return formatMonetary(value, {
                    currencyId: this.table.currency_id,
                    humanReadable: Math.abs(value) >= 10000,
                    digits: [16, 0],
                });
            default:
                return formatInteger(value);
        }
    }

    average(age) {
        const value = this.table.averages[this.state.measure][age];
        if (value === undefined) {
            return "";
        }
        if (this.isShare) {
            return formatShare(value);
        }
        return this.state.measure === "revenue"
            ? formatMonetary(value, { currencyId: this.table.currency_id })
            : formatFloat(value, { digits: [16, 2] });
    }

    /** How strong a cell's color is, 0 to 1: its share, or its part of the highest. */
    heat(cohort, cell) {
        const { measure } = this.state;
        if (this.isShare) {
            return cell.share;
        }
        const highest = Math.max(
            ...this.table.cohorts.flatMap(({ cells, size }) =>
                cells.map((each) => each[measure] / size)
            ),
            0
        );
        return highest && Math.max(0, cell[measure] / cohort.size / highest);
    }

    cellClass(cohort, cell) {
        return {
            o_cohort_cell: true,
            o_cohort_running: cell.is_running,
            o_cohort_strong: this.heat(cohort, cell) >= STRONG,
        };
    }

    cellTitle(cohort, cell) {
        const title = _t(
            "%(cohort)s, in %(period)s: %(customers)s of %(size)s customers (%(share)s), purchases: %(orders)s, revenue: %(revenue)s",
            {
                cohort: this.cohortLabel(cohort.date),
                period: this.cohortLabel(cell.date),
                customers: formatInteger(cell.customers),
                size: formatInteger(cohort.size),
                share: formatShare(cell.share),
                orders: formatInteger(cell.orders),
                revenue: formatMonetary(cell.revenue, {
                    currencyId: this.table.currency_id,
                }),
            }
        );
        return cell.is_running ? `${title}. ${_t("Not over yet")}` : title;
    }

    // -- What one can do

    /** Arrow keys go from cell to cell. */
    onKeydown(ev) {
        const step = ARROWS[ev.key];
        const { row, age } = ev.target.dataset;
        if (!step || row === undefined) {
            return;
        }
        const place = `[data-row="${Number(row) + step[0]}"][data-age="${Number(age) + step[1]}"]`;
        const next = this.root.el.querySelector(place);
        if (next) {
            ev.preventDefault();
            next.focus();
        }
    }

    async open(name, domain, view) {
        // What was shown when it was clicked: another step may have come meanwhile.
        const { company_id, step } = this.table;
        const searched = this.props.domain;
        const action = await this.action.loadAction("crm_extended.crm_cohort_action");
        const views = [...action.views].sort(
            (one, other) => (other[1] === view) - (one[1] === view)
        );
        return this.action.doAction({
            ...action,
            name: name || action.name,
            display_name: name || action.name,
            domain: [["company_id", "=", company_id], ...domain, ...searched],
            context: { ...action.context, cohort_step: step },
            views,
            // On a phone customers are cards.
            mobile_view_mode: view === "list" ? "kanban" : view,
        });
    }

    openCell(cohort, cell) {
        const name = _t("%(cohort)s, in %(period)s", {
            cohort: this.cohortLabel(cohort.date),
            period: this.cohortLabel(cell.date),
        });
        return this.open(
            name,
            [
                ["cohort_date", "=", cohort.date],
                ["age", "=", cell.age],
                ["customers", ">", 0],
            ],
            "list"
        );
    }

    analyze() {
        return this.open("", [], "pivot");
    }

    print() {
        window.print();
    }

    importPurchases() {
        return this.action.doAction("crm_extended.crm_purchase_history_import_action");
    }
}

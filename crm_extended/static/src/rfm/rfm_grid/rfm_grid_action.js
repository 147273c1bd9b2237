import { Component, onMounted, onWillStart, useRef, useState } from "@odoo/owl";

import { formatCurrency } from "@web/core/currency";
import { Domain } from "@web/core/domain";
import { _t } from "@web/core/l10n/translation";
import { MultiRecordSelector } from "@web/core/record_selectors/multi_record_selector";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { formatInteger, formatMonetary } from "@web/views/fields/formatters";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { CompanySelector } from "@web/webclient/switch_company_menu/switch_company_menu";

import { formatShare } from "../../common/formats";
import { FirstSteps } from "../first_steps/first_steps";
import { RfmGrid } from "./rfm_grid";

// Above so many scores a tile has no room for the name of its segment.
const MAX_BINS_WITH_NAMES = 6;

/** The company's customers on the grid of recency and frequency. */
export class RfmGridAction extends Component {
    static template = "crm_extended.RfmGridAction";
    static components = { FirstSteps, Layout, MultiRecordSelector, RfmGrid };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.actionService = useService("action");
        this.keepLast = new KeepLast();
        this.root = useRef("root");
        this.user = user;
        const kept = this.props.state?.grid;
        // What is kept when coming back by the breadcrumbs.
        this.choice = useState(
            kept || {
                measure: "count",
                monetary: 0,
                showFilters: false,
                filters: { team_ids: [], user_ids: [], country_ids: [], tag_ids: [] },
                current: null,
            }
        );
        this.state = useState({ grid: null, loading: false, error: "" });
        useSetupAction({
            rootRef: this.root,
            getLocalState: () => ({ grid: JSON.parse(JSON.stringify(this.choice)) }),
        });
        onWillStart(() => this.load());
        onMounted(() => {
            if (kept?.current) {
                this.root.el.querySelector(".o_rfm_tile[tabindex='0']")?.focus();
            }
        });
    }

    async load() {
        this.state.loading = true;
        this.state.error = "";
        try {
            this.state.grid = await this.keepLast.add(
                this.orm.call("crm.rfm.score", "get_grid", [], {
                    monetary_score: this.choice.monetary || false,
                    ...this.choice.filters,
                })
            );
            // The company may have fewer scores than when it was chosen.
            this.choice.monetary = this.state.grid.monetary_score;
        } catch (error) {
            this.state.error = error.data?.message || error.message;
        }
        this.state.loading = false;
    }

    // -- What is shown

    get grid() {
        return this.state.grid;
    }

    get hasFigures() {
        return Boolean(this.grid && !this.grid.is_empty);
    }

    get hasNames() {
        return this.grid.bins <= MAX_BINS_WITH_NAMES;
    }

    get scores() {
        return Array.from({ length: this.grid?.bins || 0 }, (_, index) => index + 1);
    }

    get filters() {
        return [
            { name: "team_ids", model: "crm.team", label: _t("Sales Team") },
            {
                name: "user_ids",
                model: "res.users",
                label: _t("Salesperson"),
                domain: [["share", "=", false]],
            },
            { name: "country_ids", model: "res.country", label: _t("Country") },
            { name: "tag_ids", model: "res.partner.category", label: _t("Tag") },
        ];
    }

    get filterCount() {
        return Object.values(this.choice.filters).filter((ids) => ids.length).length;
    }

    get shownCount() {
        return this.grid.tiles.reduce((sum, tile) => sum + tile.count, 0);
    }

    get isNobodyShown() {
        return !this.shownCount && !this.grid.lost.count;
    }

    get gridLabel() {
        return _t("Customers of %(company)s by recency and frequency", {
            company: this.grid.company,
        });
    }

    get tiles() {
        const { measure } = this.choice;
        const segments = Object.fromEntries(
            this.grid.segments.map((segment) => [segment.id, segment])
        );
        const largest = Math.max(...this.grid.tiles.map((tile) => tile[measure]), 0);
        return this.grid.tiles.map((tile) => {
            const owners = tile.segment_ids.map((id) => segments[id]);
            const name = owners[0]?.name || _t("No segment");
            return {
                recency: tile.recency,
                frequency: tile.frequency,
                color: owners.length ? owners[0].color : false,
                hatched: !owners.length,
                share: largest ? Math.max(tile[measure], 0) / largest : 0,
                text: tile.count ? this.shortFigure(tile) : "",
                name: this.hasNames ? name : "",
                title: _t("%(segment)s (R %(recency)s, F %(frequency)s)", {
                    segment: name,
                    recency: tile.recency,
                    frequency: tile.frequency,
                }),
                lines: [...this.figures(tile), ...this.remarks(tile, owners)],
            };
        });
    }

    shortFigure(tile) {
        return this.choice.measure === "count"
            ? formatInteger(tile.count, { humanReadable: tile.count > 9999 })
            : formatCurrency(tile.revenue, this.grid.currency_id, {
                  humanReadable: true,
                  digits: [0, 0],
                  noSymbol: true,
              });
    }

    figures({ count, count_share, revenue, revenue_share, average }) {
        return [
            _t("Customers: %(count)s (%(share)s)", {
                count: formatInteger(count),
                share: this.share(count_share),
            }),
            _t("Revenue: %(amount)s (%(share)s)", {
                amount: this.money(revenue),
                share: this.share(revenue_share),
            }),
            _t("Average: %(amount)s", { amount: this.money(average) }),
        ];
    }

    remarks(tile, owners) {
        const remarks = [];
        if (owners.length > 1) {
            const names = owners.slice(1).map((segment) => segment.name);
            remarks.push(
                _t("Also, depending on the monetary score: %(segments)s", {
                    segments: names.join(", "),
                })
            );
        }
        if (owners.length && tile.gaps) {
            remarks.push(
                _t(
                    "Some monetary scores here do not belong to any segment: %(count)s",
                    {
                        count: tile.gaps,
                    }
                )
            );
        }
        return remarks;
    }

    money(amount) {
        return formatMonetary(amount, { currencyId: this.grid.currency_id });
    }

    share(share) {
        return formatShare(share);
    }

    legendText(figures) {
        return this.choice.measure === "count"
            ? `${formatInteger(figures.count)} · ${this.share(figures.count_share)}`
            : `${this.money(figures.revenue)} · ${this.share(figures.revenue_share)}`;
    }

    // -- Choices

    setMeasure(measure) {
        this.choice.measure = measure;
    }

    setMonetary(ev) {
        this.choice.monetary = Number(ev.target.value);
        return this.load();
    }

    setFilter(name, ids) {
        this.choice.filters[name] = ids;
        return this.load();
    }

    clearFilters() {
        for (const name in this.choice.filters) {
            this.choice.filters[name] = [];
        }
        this.choice.monetary = 0;
        return this.load();
    }

    /** Log into another company, as the company menu does. */
    switchCompany(ev) {
        const selector = new CompanySelector(this.actionService, {});
        selector.switchCompany("loginto", Number(ev.target.value));
    }

    async refresh() {
        const action = await this.orm.call("crm.rfm.score", "action_refresh", [[]]);
        return this.actionService.doAction(action);
    }

    importPurchases() {
        return this.actionService.doAction(
            "crm_extended.crm_purchase_history_import_action"
        );
    }

    // -- The customers behind it

    openTile(tile) {
        return this.openCustomers(tile.title, this.grid.domain, [
            ["recency_score", "=", tile.recency],
            ["frequency_score", "=", tile.frequency],
        ]);
    }

    openSegment(segment) {
        return this.openCustomers(segment.name, this.grid.domain, [
            ["segment_id", "=", segment.id],
        ]);
    }

    openUnassigned() {
        return this.openCustomers(_t("No segment"), this.grid.domain, [
            ["segment_id", "=", false],
        ]);
    }

    openLost() {
        return this.openCustomers(this.grid.lost.name, this.grid.lost.domain);
    }

    openCustomers(name, ...domains) {
        return this.actionService.doAction({
            type: "ir.actions.act_window",
            name,
            res_model: "crm.rfm.score",
            views: [
                [false, "list"],
                [false, "kanban"],
                [false, "pivot"],
                [false, "graph"],
                [false, "form"],
            ],
            domain: Domain.and(domains).toList(),
        });
    }

    /** The list from which the menu leads here, as the switch between views would. */
    showList() {
        return this.actionService.doAction("crm_extended.crm_rfm_score_action", {
            clearBreadcrumbs: true,
        });
    }

    openSegments() {
        return this.actionService.doAction("crm_extended.crm_rfm_segment_action");
    }
}

registry.category("actions").add("crm_extended.rfm_grid", RfmGridAction);

import { _t } from "@web/core/l10n/translation";
import { getColor, getCustomColor } from "@web/core/colors/colors";
import { cookie } from "@web/core/browser/cookie";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { formatInteger, formatMonetary } from "@web/views/fields/formatters";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { Component, onWillStart } from "@odoo/owl";

import { fetchedAction } from "../../common/fetched_action";
import { formatShare } from "../../common/formats";
import { describePopulation } from "../../common/population";
import { SALES_MANAGER } from "../../rfm/first_steps/first_steps";
import { ChartCanvas } from "../../rfm/pareto/chart_canvas";

/** What the customers of the current company earn, and which of them cost money. */
export class ProfitabilityPage extends Component {
    static template = "crm_extended.ProfitabilityPage";
    static components = { ChartCanvas, Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.display = { controlPanel: {} };
        onWillStart(async () => {
            [this.summary, this.mayFill] = await Promise.all([
                this.orm.call("crm.customer.margin", "get_summary", []),
                user.hasGroup(SALES_MANAGER),
            ]);
            this.config = this.makeConfig();
        });
    }

    get population() {
        return describePopulation(this.summary);
    }

    get isEmpty() {
        return !this.summary.customers && !this.summary.unknown;
    }

    get headline() {
        const { customers, peak, losing } = this.summary;
        return _t(
            "%(share)s of the margin comes from %(earning)s of %(customers)s customers. Customers who cost money: %(losing)s",
            {
                share: this.percent(peak.share),
                earning: this.number(peak.customers),
                customers: this.number(customers),
                losing: this.number(losing),
            }
        );
    }

    get unknown() {
        return _t(
            "Left out, because more than 20% of their revenue has no cost: %(count)s customers with a revenue of %(revenue)s.",
            {
                count: this.number(this.summary.unknown),
                revenue: this.money(this.summary.unknown_revenue),
            }
        );
    }

    /** Why customers cost money: service only where it is counted. */
    get reasons() {
        const { reasons, service } = this.summary;
        return reasons.filter((row) => service || row.reason !== "service");
    }

    money(amount) {
        return formatMonetary(amount, { currencyId: this.summary.currency_id });
    }

    number(value) {
        return formatInteger(value);
    }

    percent(fraction) {
        return formatShare(fraction);
    }

    /** The whale curve: what so many of the best customers earn together. */
    makeConfig() {
        const scheme = cookie.get("color_scheme");
        const text = getCustomColor(scheme, "#111827", "#E4E4E4");
        const grid = getCustomColor(scheme, "rgba(0,0,0,.1)", "rgba(255,255,255,.15)");
        const color = getColor(0, scheme, "sm");
        const { curve, customers } = this.summary;
        return {
            type: "line",
            data: {
                datasets: [
                    {
                        label: _t("Cumulative Margin"),
                        data: curve.map((point) => ({
                            x: point.customers,
                            y: point.share,
                        })),
                        borderColor: color,
                        backgroundColor: color,
                        pointRadius: 0,
                        tension: 0,
                    },
                    {
                        label: this.percent(1),
                        data: [
                            { x: 0, y: 1 },
                            { x: customers, y: 1 },
                        ],
                        borderColor: getColor(1, scheme, "sm"),
                        backgroundColor: "transparent",
                        borderDash: [6, 6],
                        pointRadius: 0,
                        pointHitRadius: 0,
                    },
                ],
            },
            options: {
                animation: false,
                maintainAspectRatio: false,
                interaction: { mode: "nearest", axis: "x", intersect: false },
                plugins: {
                    legend: { labels: { color: text } },
                    tooltip: {
                        callbacks: {
                            title: ([item]) =>
                                _t("Top %s", formatInteger(item.parsed.x)),
                            label: (item) => this.percent(item.parsed.y),
                        },
                    },
                },
                scales: {
                    x: {
                        type: "linear",
                        min: 0,
                        max: customers,
                        title: {
                            display: true,
                            text: _t("Customers, highest margin first"),
                            color: text,
                        },
                        ticks: { color: text, precision: 0 },
                        grid: { display: false },
                    },
                    y: {
                        min: 0,
                        ticks: {
                            color: text,
                            callback: (value) => formatShare(value),
                        },
                        grid: { color: grid },
                    },
                },
            },
        };
    }

    /** Customers of the company that the page is about, whichever others are selected. */
    async openCustomers(context = {}) {
        const action = await this.action.loadAction(
            "crm_extended.crm_customer_margin_action"
        );
        return this.action.doAction(
            { ...action, domain: [["company_id", "=", this.summary.company_id]] },
            { additionalContext: context }
        );
    }

    openReason({ reason }) {
        return this.openCustomers({ [`search_default_reason_${reason}`]: 1 });
    }

    openUnknown() {
        return this.openCustomers({ search_default_unknown: 1 });
    }

    async openProducts() {
        const action = await this.orm.call(
            "crm.customer.margin",
            "action_open_products",
            []
        );
        return this.action.doAction(fetchedAction(action));
    }

    importPurchases() {
        return this.action.doAction("crm_extended.crm_purchase_history_import_action");
    }
}

registry.category("actions").add("crm_extended.profitability", ProfitabilityPage);

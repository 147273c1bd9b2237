import { _t } from "@web/core/l10n/translation";
import { getColor, getCustomColor } from "@web/core/colors/colors";
import { cookie } from "@web/core/browser/cookie";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { formatInteger, formatMonetary } from "@web/views/fields/formatters";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { Component, onWillStart } from "@odoo/owl";

import { formatShare } from "../../common/formats";
import { describePopulation } from "../../common/population";
import { FillPage } from "../first_steps/fill_page";
import { ChartCanvas } from "./chart_canvas";

const GOAL = 0.8;

/** The customers of the current company in tenths, and what each tenth brings. */
export class ParetoPage extends Component {
    static template = "crm_extended.ParetoPage";
    static components = { ChartCanvas, FillPage, Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.display = { controlPanel: {} };
        onWillStart(async () => {
            this.summary = await this.orm.call("crm.rfm.pareto", "get_summary", []);
            this.config = this.makeConfig();
        });
    }

    get population() {
        return describePopulation(this.summary);
    }

    get shareFor80() {
        const { customers_for_80: count, customers } = this.summary;
        return this.percent(count / customers);
    }

    money(amount) {
        return formatMonetary(amount, { currencyId: this.summary.currency_id });
    }

    number(value) {
        return formatInteger(value);
    }

    percent(fraction) {
        return fraction === null ? "–" : formatShare(fraction);
    }

    /** Bars for the shares, a line for what they add up to, and one at 80 %. */
    makeConfig() {
        const scheme = cookie.get("color_scheme");
        const text = getCustomColor(scheme, "#111827", "#E4E4E4");
        const grid = getCustomColor(scheme, "rgba(0,0,0,.1)", "rgba(255,255,255,.15)");
        const { tenths } = this.summary;
        const line = { type: "line", tension: 0, fill: false };
        return {
            data: {
                labels: tenths.map((tenth) => tenth.number),
                datasets: [
                    {
                        ...line,
                        label: _t("Cumulative"),
                        data: tenths.map((tenth) => tenth.cumulated),
                        borderColor: getColor(0, scheme, "sm"),
                        backgroundColor: getColor(0, scheme, "sm"),
                    },
                    {
                        ...line,
                        label: this.percent(GOAL),
                        data: tenths.map(() => GOAL),
                        borderColor: getColor(1, scheme, "sm"),
                        // A dashed box in the legend, too, and no filled one.
                        backgroundColor: "transparent",
                        borderDash: [6, 6],
                        pointRadius: 0,
                        pointHitRadius: 0,
                    },
                    {
                        type: "bar",
                        label: _t("Share of Revenue"),
                        data: tenths.map((tenth) => tenth.share),
                        backgroundColor: getColor(0, scheme, "odoo"),
                    },
                ],
            },
            options: {
                animation: false,
                maintainAspectRatio: false,
                interaction: { mode: "index", intersect: false },
                onClick: (event, elements) => {
                    if (elements.length) {
                        this.openTenth(tenths[elements[0].index].number);
                    }
                },
                plugins: {
                    legend: { labels: { color: text } },
                    tooltip: {
                        callbacks: {
                            title: ([item]) => _t("Decile %s", item.label),
                            label: (item) =>
                                `${item.dataset.label}: ${this.percent(item.raw)}`,
                        },
                    },
                },
                scales: {
                    x: {
                        title: {
                            display: true,
                            text: _t("Customer deciles, highest revenue first"),
                            color: text,
                        },
                        ticks: { color: text },
                        grid: { display: false },
                    },
                    y: {
                        min: Math.min(0, ...tenths.map((tenth) => tenth.share)),
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

    openTenth(number) {
        return this.openCustomers({ search_default_decile: number });
    }

    /** "A", up to 80%; "B", up to 95%; "C", the rest. */
    classLabel({ name }) {
        const [first, second] = this.summary.class_limits;
        const limit = { A: first, B: second }[name];
        return limit ? _t("up to %s", this.percent(limit / 100)) : _t("the rest");
    }

    openClass({ name }) {
        return this.openCustomers({
            [`search_default_class_${name.toLowerCase()}`]: 1,
        });
    }

    openCustomers(context = {}) {
        return this.action.doAction("crm_extended.crm_rfm_pareto_action", {
            additionalContext: context,
        });
    }

    planReach() {
        return this.action.doAction("crm_extended.crm_rfm_reach_wizard_action");
    }
}

registry.category("actions").add("crm_extended.pareto", ParetoPage);

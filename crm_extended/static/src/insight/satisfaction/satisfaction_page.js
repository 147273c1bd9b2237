import { _t } from "@web/core/l10n/translation";
import { getColor, getCustomColor } from "@web/core/colors/colors";
import { cookie } from "@web/core/browser/cookie";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { formatFloat, formatInteger } from "@web/views/fields/formatters";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { Component, onWillStart, useState } from "@odoo/owl";

import { fetchedAction } from "../../common/fetched_action";
import { formatShare } from "../../common/formats";
import { ChartCanvas } from "../../rfm/pareto/chart_canvas";

const { DateTime } = luxon;

/** What customers said in the last 12 months: index, NPS, CSAT and c by group; its trend,
 * and what drives it. */
export class SatisfactionPage extends Component {
    static template = "crm_extended.SatisfactionPage";
    static components = { ChartCanvas, Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.keepLast = new KeepLast();
        this.display = { controlPanel: {} };
        this.state = useState({ page: null });
        useSetupAction({
            getLocalState: () => ({ dimension: this.state.page?.dimension }),
        });
        onWillStart(() => this.load(this.props.state?.dimension || "segment"));
    }

    async load(dimension) {
        const page = await this.keepLast.add(
            this.orm.call("crm.satisfaction.report", "get_page", [], { dimension })
        );
        this.trend = this.makeTrend(page);
        this.drivers = this.makeDrivers(page);
        this.state.page = page;
    }

    // -- What is shown

    get page() {
        return this.state.page;
    }

    get headline() {
        return _t(
            "What customers of %(company)s said in the last 12 months, each person once, limited to the customers you can see",
            { company: this.page.company }
        );
    }

    get figures() {
        return [
            {
                name: "index",
                label: _t("Satisfaction Index"),
                title: _t(
                    "0 to 100: overall satisfaction, expectations met and closeness to the ideal, weighted."
                ),
            },
            {
                name: "nps",
                label: _t("NPS"),
                title: _t(
                    "Percentage of promoters (9-10) minus percentage of detractors (0-6). From -100 to 100."
                ),
            },
            {
                name: "csat",
                label: _t("CSAT"),
                title: _t("Percentage of happy faces, rated on service cases."),
            },
            {
                name: "ratio",
                label: _t("Perceived / Expected"),
                title: _t(
                    "Below 0.9: dissatisfied. 0.9 to 1.1: fairly satisfied. Above 1.1: exceeded."
                ),
            },
        ];
    }

    get dimensionLabel() {
        return this.page.dimensions.find(({ name }) => name === this.page.dimension)
            .label;
    }

    get emptyText() {
        return _t(
            "The satisfaction of customers appears here once %s people have answered.",
            this.page.least
        );
    }

    get hidden() {
        return _t(
            "Not shown: %(groups)s groups with fewer than %(least)s answers, or that could be computed from the others",
            { groups: formatInteger(this.page.hidden), least: this.page.least }
        );
    }

    get shownTrend() {
        return this.page.trend.filter((month) => month.index.count).length > 1;
    }

    rowName(row) {
        return this.page.dimension === "month" ? this.monthLabel(row.name) : row.name;
    }

    monthLabel(date) {
        return DateTime.fromISO(date).toLocaleString({
            year: "numeric",
            month: "short",
        });
    }

    value(name, figure) {
        if (!figure.count) {
            return "–";
        }
        if (name === "ratio") {
            return formatFloat(figure.value, { digits: [16, 2] });
        }
        if (name === "csat") {
            return formatShare(figure.value / 100);
        }
        return formatFloat(figure.value, { digits: [16, name === "nps" ? 0 : 1] });
    }

    /** "68.1 to 76.0": the 95% interval. */
    interval(name, figure) {
        if (!figure.count || typeof figure.low !== "number") {
            return "";
        }
        const [low, high] = [figure.low, figure.high].map((value) =>
            this.value(name, { count: 1, value })
        );
        return _t("%(low)s to %(high)s", { low, high });
    }

    verdicts(figure) {
        const { unmet, dissatisfied, fair, exceeded } = figure.verdicts || {};
        return figure.count
            ? _t(
                  "Unmet or dissatisfied: %(below)s, fairly satisfied: %(fair)s, exceeded: %(exceeded)s",
                  {
                      below: formatInteger(unmet + dissatisfied),
                      fair: formatInteger(fair),
                      exceeded: formatInteger(exceeded),
                  }
              )
            : "";
    }

    count(figure) {
        return figure.count ? _t("n = %s", formatInteger(figure.count)) : "";
    }

    barStyle({ low, high }) {
        return `left: ${low}%; width: ${Math.max(high - low, 1)}%`;
    }

    get driversNote() {
        const { count, r_squared, left_out } = this.page.drivers;
        const parts = [
            _t("n = %s", formatInteger(count)),
            _t("%s of the variance explained", formatShare(r_squared)),
        ];
        if (left_out.length) {
            parts.push(_t("left out: %s", left_out.join(", ")));
        }
        return parts.join(" · ");
    }

    // -- Charts

    colors() {
        const scheme = cookie.get("color_scheme");
        return {
            text: getCustomColor(scheme, "#111827", "#E4E4E4"),
            grid: getCustomColor(scheme, "rgba(0,0,0,.1)", "rgba(255,255,255,.15)"),
            first: getColor(0, scheme, "sm"),
            second: getColor(1, scheme, "sm"),
        };
    }

    makeTrend({ trend }) {
        const { text, grid, first, second } = this.colors();
        const line = (name, label, color) => ({
            label,
            data: trend.map((month) => (month[name].count ? month[name].value : null)),
            borderColor: color,
            backgroundColor: color,
            spanGaps: false,
            tension: 0,
        });
        return {
            type: "line",
            data: {
                labels: trend.map(({ date }) => this.monthLabel(date)),
                datasets: [
                    line("index", _t("Satisfaction Index"), first),
                    line("nps", _t("NPS"), second),
                ],
            },
            options: {
                animation: false,
                maintainAspectRatio: false,
                interaction: { mode: "index", intersect: false },
                plugins: {
                    legend: { labels: { color: text } },
                    tooltip: {
                        callbacks: {
                            label: ({ dataset, datasetIndex, dataIndex }) => {
                                const name = datasetIndex ? "nps" : "index";
                                const figure = trend[dataIndex][name];
                                return `${dataset.label}: ${this.value(name, figure)} (${this.count(figure)})`;
                            },
                        },
                    },
                },
                scales: {
                    x: { ticks: { color: text }, grid: { display: false } },
                    y: { max: 100, ticks: { color: text }, grid: { color: grid } },
                },
            },
        };
    }

    makeDrivers({ drivers }) {
        const { text, grid, first } = this.colors();
        return {
            type: "bar",
            data: {
                labels: drivers.weights.map(({ label }) => label),
                datasets: [
                    {
                        data: drivers.weights.map(({ value }) => value),
                        backgroundColor: first,
                    },
                ],
            },
            options: {
                animation: false,
                maintainAspectRatio: false,
                indexAxis: "y",
                plugins: {
                    legend: { display: false },
                    tooltip: {
                        callbacks: {
                            label: ({ parsed }) =>
                                formatFloat(parsed.x, { digits: [16, 2] }),
                        },
                    },
                },
                scales: {
                    x: { ticks: { color: text }, grid: { color: grid } },
                    y: { ticks: { color: text }, grid: { display: false } },
                },
            },
        };
    }

    // -- What one can do

    async openAnswers(dimension, key) {
        const action = await this.orm.call(
            "crm.satisfaction.report",
            "action_open_answers",
            [],
            { dimension, key }
        );
        return this.action.doAction(fetchedAction(action));
    }

    send() {
        return this.action.doAction(this.page.send_action);
    }
}

registry.category("actions").add("crm_extended.satisfaction", SatisfactionPage);

import { Component, onWillStart, onWillUpdateProps, useState } from "@odoo/owl";

import { cookie } from "@web/core/browser/cookie";
import { getColor, getCustomColor } from "@web/core/colors/colors";
import { formatDate, deserializeDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

import { ChartCanvas } from "../../rfm/pareto/chart_canvas";

/** Purchases by week: what happened, and what the model expected. */
export class ForecastCurve extends Component {
    static template = "crm_extended.ForecastCurve";
    static components = { ChartCanvas };
    static props = standardWidgetProps;

    setup() {
        this.orm = useService("orm");
        this.keepLast = new KeepLast();
        this.state = useState({ config: null });
        onWillStart(() => this.load(this.props));
        onWillUpdateProps((props) => this.load(props));
    }

    get label() {
        return _t("Repeat purchases by week: happened and expected");
    }

    async load(props) {
        const weeks = await this.keepLast.add(
            this.orm.searchRead(
                "crm.forecast.week",
                [["model_id", "=", props.record.resId]],
                ["date", "actual", "expected", "is_holdout"],
                { order: "date" }
            )
        );
        this.state.config = weeks.length ? this.makeConfig(weeks) : null;
    }

    makeConfig(weeks) {
        const scheme = cookie.get("color_scheme");
        const text = getCustomColor(scheme, "#111827", "#E4E4E4");
        const line = (label, number, data, more = {}) => ({
            label,
            data,
            borderColor: getColor(number, scheme, "sm"),
            backgroundColor: getColor(number, scheme, "sm"),
            pointRadius: 0,
            tension: 0,
            ...more,
        });
        return {
            type: "line",
            data: {
                labels: weeks.map((week) => formatDate(deserializeDate(week.date))),
                datasets: [
                    line(
                        _t("Happened"),
                        0,
                        weeks.map((week) => week.actual)
                    ),
                    line(
                        _t("Expected"),
                        1,
                        weeks.map((week) => (week.is_holdout ? null : week.expected)),
                        { borderDash: [2, 4] }
                    ),
                    line(
                        _t("Predicted"),
                        1,
                        weeks.map((week) => (week.is_holdout ? week.expected : null))
                    ),
                ],
            },
            options: {
                animation: false,
                maintainAspectRatio: false,
                interaction: { mode: "index", intersect: false },
                plugins: { legend: { labels: { color: text } } },
                scales: {
                    x: { ticks: { color: text, maxTicksLimit: 12 } },
                    y: {
                        beginAtZero: true,
                        ticks: { color: text },
                        title: {
                            display: true,
                            text: _t("Repeat purchases a week"),
                            color: text,
                        },
                    },
                },
            },
        };
    }
}

registry.category("view_widgets").add("crm_forecast_curve", {
    component: ForecastCurve,
});

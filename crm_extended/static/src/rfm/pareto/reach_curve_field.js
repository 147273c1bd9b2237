import { _t } from "@web/core/l10n/translation";
import { getColor, getCustomColor } from "@web/core/colors/colors";
import { cookie } from "@web/core/browser/cookie";
import { registry } from "@web/core/registry";
import { formatInteger } from "@web/views/fields/formatters";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { Component } from "@odoo/owl";

import { formatShare } from "../../common/formats";
import { ChartCanvas } from "./chart_canvas";

/**
 * What share of the revenue is reached with how many customers: a line through points
 * ``{customers, share}``, with a dot at the number chosen.
 */
export class ReachCurveField extends Component {
    static template = "crm_extended.ReachCurveField";
    static components = { ChartCanvas };
    static props = {
        ...standardFieldProps,
        chosenField: { type: String, optional: true },
    };

    get label() {
        return _t("Share of revenue by number of customers");
    }

    get config() {
        const scheme = cookie.get("color_scheme");
        const text = getCustomColor(scheme, "#111827", "#E4E4E4");
        const grid = getCustomColor(scheme, "rgba(0,0,0,.1)", "rgba(255,255,255,.15)");
        const color = getColor(0, scheme, "sm");
        const percent = (value) => formatShare(value);
        const points = [
            { x: 0, y: 0 },
            ...(this.props.record.data[this.props.name] || []).map((point) => ({
                x: point.customers,
                y: point.share,
            })),
        ];
        const chosen = this.props.record.data[this.props.chosenField];
        return {
            type: "line",
            data: {
                datasets: [
                    {
                        data: points,
                        borderColor: color,
                        backgroundColor: color,
                        pointRadius: points.map(({ x }) => (x && x === chosen ? 6 : 0)),
                        tension: 0,
                    },
                ],
            },
            options: {
                animation: false,
                maintainAspectRatio: false,
                interaction: { mode: "nearest", axis: "x", intersect: false },
                plugins: {
                    legend: { display: false },
                    tooltip: {
                        callbacks: {
                            title: ([item]) =>
                                _t("Top %s", formatInteger(item.parsed.x)),
                            label: (item) => percent(item.parsed.y),
                        },
                    },
                },
                scales: {
                    x: {
                        type: "linear",
                        min: 0,
                        max: points[points.length - 1].x,
                        ticks: { color: text, precision: 0 },
                        grid: { color: grid },
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
}

registry.category("fields").add("crm_extended_reach_curve", {
    component: ReachCurveField,
    displayName: _t("Revenue Curve"),
    supportedTypes: ["json"],
    extractProps: ({ options }) => ({ chosenField: options.chosen_field }),
});

import { cookie } from "@web/core/browser/cookie";
import { getCustomColor } from "@web/core/colors/colors";
import { _t } from "@web/core/l10n/translation";

import { formatShare } from "@crm_extended/common/formats";

// They differ for the color-blind, too (Okabe and Ito), and each has a shape of its own.
const LOOKS = {
    M: { color: "#0072b2", shape: "rect" },
    O: { color: "#009e73", shape: "triangle" },
    A: { color: "#d55e00", shape: "circle" },
    I: { color: "#8a8a8a", shape: "rectRot" },
    R: { color: "#cc79a7", shape: "crossRot" },
    Q: { color: "#b58900", shape: "star" },
};
const MIDDLE = 0.5;

function isDrawn(figures) {
    return Boolean(figures) && typeof figures.better === "number";
}

/** Where a feature stands: right what annoys by its absence, up what pleases. */
function pointOf(feature, figures) {
    return {
        x: -figures.worse,
        y: figures.better,
        number: feature.number,
        name: feature.name,
    };
}

/** The four fields with their names, and the way each feature went. */
function makeQuadrants(text, grid, moves) {
    const names = [
        [0.25, 0.94, _t("Attractive")],
        [0.75, 0.94, _t("Performance")],
        [0.25, 0.06, _t("Indifferent")],
        [0.75, 0.06, _t("Must-be")],
    ];
    const line = (chart, from, to) => {
        const { x, y } = chart.scales;
        chart.ctx.beginPath();
        chart.ctx.moveTo(x.getPixelForValue(from.x), y.getPixelForValue(from.y));
        chart.ctx.lineTo(x.getPixelForValue(to.x), y.getPixelForValue(to.y));
        chart.ctx.stroke();
    };
    return {
        id: "kanoQuadrants",
        beforeDatasetsDraw(chart) {
            const { ctx, scales } = chart;
            ctx.save();
            ctx.strokeStyle = grid;
            line(chart, { x: MIDDLE, y: 0 }, { x: MIDDLE, y: 1 });
            line(chart, { x: 0, y: MIDDLE }, { x: 1, y: MIDDLE });
            ctx.fillStyle = text;
            ctx.globalAlpha = 0.65;
            ctx.textAlign = "center";
            ctx.textBaseline = "middle";
            ctx.font = "italic 13px sans-serif";
            for (const [x, y, name] of names) {
                ctx.fillText(
                    name,
                    scales.x.getPixelForValue(x),
                    scales.y.getPixelForValue(y)
                );
            }
            ctx.strokeStyle = text;
            ctx.setLineDash([4, 4]);
            for (const { from, to } of moves) {
                line(chart, from, to);
            }
            ctx.restore();
        },
        afterDatasetsDraw(chart) {
            const { ctx } = chart;
            ctx.save();
            ctx.fillStyle = text;
            ctx.font = "bold 12px sans-serif";
            ctx.textBaseline = "bottom";
            chart.data.datasets.forEach((dataset, index) => {
                if (!chart.isDatasetVisible(index)) {
                    return;
                }
                chart.getDatasetMeta(index).data.forEach((element, place) => {
                    const { number } = dataset.data[place];
                    ctx.fillText(number, element.x + 7, element.y - 4);
                });
            });
            ctx.restore();
        },
    };
}

/**
 * The configuration of the scatter plot.
 *
 * @param {Object[]} features of the page, with their numbers
 * @param {Object} classes labels by letter
 */
export function makeKanoChart(features, classes) {
    const scheme = cookie.get("color_scheme");
    const text = getCustomColor(scheme, "#111827", "#E4E4E4");
    const grid = getCustomColor(scheme, "rgba(0,0,0,.35)", "rgba(255,255,255,.4)");
    const drawn = features.filter((feature) => isDrawn(feature.now));
    const datasets = Object.entries(LOOKS)
        .map(([letter, { color, shape }]) => ({
            label: classes[letter],
            data: drawn
                .filter((feature) => feature.now.class === letter)
                .map((feature) => pointOf(feature, feature.now)),
            pointStyle: shape,
            pointRadius: 7,
            pointHoverRadius: 9,
            backgroundColor: color,
            borderColor: color,
            borderWidth: 2,
        }))
        .filter((dataset) => dataset.data.length);
    const before = features.filter((feature) => isDrawn(feature.before));
    if (before.length) {
        datasets.push({
            label: _t("Before"),
            data: before.map((feature) => pointOf(feature, feature.before)),
            pointStyle: "circle",
            pointRadius: 5,
            backgroundColor: "transparent",
            borderColor: text,
            borderWidth: 1,
        });
    }
    const moves = drawn
        .filter((feature) => isDrawn(feature.before))
        .map((feature) => ({
            from: pointOf(feature, feature.before),
            to: pointOf(feature, feature.now),
        }));
    const axis = (title) => ({
        type: "linear",
        min: 0,
        max: 1,
        title: { display: true, text: title, color: text },
        ticks: { color: text, callback: (value) => formatShare(value) },
        grid: { display: false },
    });
    return {
        type: "scatter",
        data: { datasets },
        plugins: [makeQuadrants(text, grid, moves)],
        options: {
            animation: false,
            maintainAspectRatio: false,
            // A point on the edge is drawn whole.
            clip: false,
            layout: { padding: { top: 20, right: 20 } },
            plugins: {
                legend: {
                    position: "bottom",
                    labels: { color: text, usePointStyle: true },
                },
                tooltip: {
                    callbacks: {
                        label: ({ raw }) =>
                            _t(
                                "%(number)s. %(name)s: better %(better)s, worse %(worse)s",
                                {
                                    number: raw.number,
                                    name: raw.name,
                                    better: formatShare(raw.y),
                                    worse: formatShare(-raw.x),
                                }
                            ),
                    },
                },
            },
            scales: {
                x: axis(_t("Worse: annoyed without the feature")),
                y: axis(_t("Better: pleased with the feature")),
            },
        },
    };
}

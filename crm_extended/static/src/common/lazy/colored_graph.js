import { registry } from "@web/core/registry";
import { sortBy } from "@web/core/utils/arrays";
import { formatMonetary } from "@web/views/fields/formatters";
import { GraphModel } from "@web/views/graph/graph_model";
import { GraphRenderer } from "@web/views/graph/graph_renderer";
import { graphView } from "@web/views/graph/graph_view";

import { paletteColor } from "../palette";

/** Models whose records have a color of their own, and the field that has it. */
export const coloredModels = registry.category("crm_extended.colored_models");

/** Knows the color of each record that data points are grouped by. */
export class ColoredGraphModel extends GraphModel {
    async _loadDataPoints(metaData) {
        const result = await super._loadDataPoints(...arguments);
        const [dataPoints] = result;
        await Promise.all(
            metaData.groupBy.map((groupBy, index) =>
                this.loadColors(dataPoints, metaData.fields[groupBy.fieldName], index)
            )
        );
        return result;
    }

    async loadColors(dataPoints, field, index) {
        const colorField = field?.relation && coloredModels.get(field.relation, null);
        if (!colorField) {
            return;
        }
        const idOf = (dataPoint) => {
            const [value] = Object.values(JSON.parse(dataPoint.identifier)[index]);
            return value && value[0];
        };
        const ids = [...new Set(dataPoints.map(idOf))].filter(Boolean);
        const records = ids.length
            ? await this.orm.read(field.relation, ids, [colorField])
            : [];
        const numbers = new Map(
            records.map((record) => [record.id, record[colorField]])
        );
        for (const dataPoint of dataPoints) {
            dataPoint.colors ||= {};
            dataPoint.colors[index] = numbers.get(idOf(dataPoint)) || 0;
        }
    }
}

/** Draws lines, bars and slices of records in the color that their badges have. */
export class ColoredGraphRenderer extends GraphRenderer {
    /** Color of the data points at this place among the groups, if they have one. */
    colorOf(dataPoints, index) {
        const number = dataPoints.find((point) => point.colors)?.colors[index];
        return number === undefined ? null : paletteColor(number);
    }

    /** Color of a line or of bars in a row: theirs, if one group tells them apart. */
    seriesColor(dataset) {
        const { dataPoints, metaData } = this.model;
        if (metaData.groupBy.length !== 2) {
            return null;
        }
        return this.colorOf(
            dataPoints.filter(
                (point) => this.model._getDatasetLabel(point) === dataset.label
            ),
            1
        );
    }

    /** Colors of single bars or slices, if one group tells them apart. */
    itemColors() {
        const { data, dataPoints, metaData } = this.model;
        if (metaData.groupBy.length !== 1) {
            return null;
        }
        const colors = data.labels.map((_label, index) =>
            this.colorOf(
                dataPoints.filter((point) => point.labelIndex === index),
                0
            )
        );
        return colors.some(Boolean) ? colors : null;
    }

    getBarChartData() {
        const data = super.getBarChartData();
        const items = this.itemColors();
        for (const dataset of this.model.data.datasets) {
            dataset.backgroundColor =
                items || this.seriesColor(dataset) || dataset.backgroundColor;
        }
        return data;
    }

    getLineChartData() {
        const data = super.getLineChartData();
        for (const dataset of data.datasets) {
            const color = this.seriesColor(dataset);
            if (color) {
                dataset.borderColor = color;
                dataset.hoverBackgroundColor = color;
                dataset.pointBackgroundColor = color;
                dataset.backgroundColor = color
                    .replace("rgb(", "rgba(")
                    .replace(")", ", 0.5)");
            }
        }
        return data;
    }

    getPieChartData() {
        // Before a slice is added that says that there is no data.
        const items = this.itemColors();
        const data = super.getPieChartData();
        if (items) {
            for (const dataset of data.datasets) {
                dataset.backgroundColor = items;
                dataset.hoverBackgroundColor = items;
            }
        }
        return data;
    }

    getLegendOptions() {
        const options = super.getLegendOptions();
        const { generateLabels } = options.labels;
        options.labels.generateLabels = (chart) => {
            const labels = generateLabels(chart);
            if (!this.itemColors()) {
                return labels;
            }
            if (this.model.metaData.mode !== "pie") {
                // Bars have their names below, and no color in common.
                return [];
            }
            const [{ backgroundColor }] = chart.data.datasets;
            return labels.map((label) => ({
                ...label,
                fillStyle: backgroundColor[label.index] || label.fillStyle,
            }));
        };
        return options;
    }

    /** Whole numbers on the axis of records, and money with its currency. */
    getScaleOptions() {
        const options = super.getScaleOptions();
        const { measure, measures } = this.model.metaData;
        if (!options.y) {
            return options;
        }
        const { ticks } = options.y;
        if (measures[measure].type === "integer") {
            ticks.precision = 0;
            ticks.callback = (value) => this.formatValue(value, true);
        }
        const currencies = new Set(
            this.model.dataPoints.map((point) => point.currencyId)
        );
        const [currencyId] = currencies;
        if (measures[measure].type === "monetary" && currencyId) {
            // Amounts in several currencies have been converted to one.
            ticks.callback = (value) =>
                formatMonetary(value, { currencyId, humanReadable: true });
        }
        return options;
    }

    getTooltipItems(data, metaData, tooltipModel) {
        const items = super.getTooltipItems(...arguments);
        // In the order in which Odoo lists them.
        const points = sortBy(tooltipModel.dataPoints, "raw", "desc");
        return items.map((item, index) => ({
            ...item,
            boxColor: Array.isArray(item.boxColor)
                ? item.boxColor[points[index].dataIndex]
                : item.boxColor,
        }));
    }
}

export const coloredGraphView = {
    ...graphView,
    Model: ColoredGraphModel,
    Renderer: ColoredGraphRenderer,
};

registry.category("views").add("crm_extended_colored_graph", coloredGraphView);

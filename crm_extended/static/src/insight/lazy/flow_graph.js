import { registry } from "@web/core/registry";

import {
    ColoredGraphModel,
    ColoredGraphRenderer,
    coloredGraphView,
} from "../../common/lazy/colored_graph";
import { FlowGraphController } from "./flow_outlook";

// They differ for the color-blind, too (Okabe and Ito), in either color scheme.
const COLORS = {
    gained: "#0072b2",
    won_back: "#56b4e9",
    lost: "#d55e00",
    taken_back: "#999999",
};

/** Months without a change have their place; what no month has is not drawn. */
export class FlowGraphModel extends ColoredGraphModel {
    _getProcessedDataPoints() {
        const { groupBy, mode, order } = this.metaData;
        if (mode === "bar" && order === null && groupBy[0]?.fieldName === "date") {
            return this.dataPoints;
        }
        return super._getProcessedDataPoints();
    }

    _getData() {
        const data = super._getData(...arguments);
        const drawn = data.datasets.filter((dataset) => dataset.data.some(Boolean));
        // Without any, the months are there all the same.
        return { ...data, datasets: drawn.length ? drawn : data.datasets.slice(0, 1) };
    }
}

/** Each change has its own color, in whichever order they are drawn. */
export class FlowGraphRenderer extends ColoredGraphRenderer {
    kindColor(dataPoints, index) {
        const [point] = dataPoints;
        const { groupBy } = this.model.metaData;
        if (!point || groupBy[index]?.fieldName !== "kind") {
            return null;
        }
        const kind = Object.values(JSON.parse(point.identifier)[index])[0];
        return COLORS[kind] || null;
    }

    colorOf(dataPoints, index) {
        return super.colorOf(dataPoints, index) || this.kindColor(dataPoints, index);
    }
}

registry.category("views").add("crm_extended_flow_graph", {
    ...coloredGraphView,
    Controller: FlowGraphController,
    Model: FlowGraphModel,
    Renderer: FlowGraphRenderer,
});

import { Domain } from "@web/core/domain";
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

/** The number of customers changes by those who come and go, not by those who stay. */
export class FlowGraphModel extends ColoredGraphModel {
    async load(searchParams) {
        const domain = Domain.and([searchParams.domain, [["kind", "!=", "kept"]]]);
        return super.load({ ...searchParams, domain: domain.toList() });
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

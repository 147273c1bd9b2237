import { Domain } from "@web/core/domain";
import { getColor } from "@web/core/colors/colors";
import { cookie } from "@web/core/browser/cookie";
import { registry } from "@web/core/registry";

import {
    ColoredGraphModel,
    ColoredGraphRenderer,
    coloredGraphView,
} from "../../common/lazy/colored_graph";

// Places in Odoo's palette that differ for the color-blind, too: blue, light blue, orange.
const COLORS = { gained: 0, won_back: 3, lost: 1, taken_back: 2 };

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
        const place = COLORS[kind];
        return place === undefined ? null : getColor(place, cookie.get("color_scheme"));
    }

    colorOf(dataPoints, index) {
        return super.colorOf(dataPoints, index) || this.kindColor(dataPoints, index);
    }
}

registry.category("views").add("crm_extended_flow_graph", {
    ...coloredGraphView,
    Model: FlowGraphModel,
    Renderer: FlowGraphRenderer,
});

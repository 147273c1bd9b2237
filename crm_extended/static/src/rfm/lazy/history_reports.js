import { registry } from "@web/core/registry";
import { GraphController } from "@web/views/graph/graph_controller";
import { graphView } from "@web/views/graph/graph_view";
import { PivotController } from "@web/views/pivot/pivot_controller";
import { PivotRenderer } from "@web/views/pivot/pivot_renderer";
import { pivotView } from "@web/views/pivot/pivot_view";

import { coloredGraphView } from "../../common/lazy/colored_graph";
import { withHistoryNotice } from "../history/history_notice";
import { withHistory } from "../history/history_search";

// Smaller differences between two segments are neither up nor down.
const SAME = 0.01;

class HistoryPivotController extends withHistoryNotice(PivotController) {
    static template = "crm_extended.HistoryPivotView";
}

class HistoryGraphController extends withHistoryNotice(GraphController) {
    static template = "crm_extended.HistoryGraphView";
}

/** A pivot in which customers who moved up or down have a color of their own. */
export class FlowPivotRenderer extends PivotRenderer {
    static template = "crm_extended.FlowPivotRenderer";

    /** Whether the customers in a cell moved "up" or "down". */
    flowOf(cell) {
        const { fullColGroupBys, fullRowGroupBys } = this.model.metaData;
        const [[row], [column]] = cell.groupId;
        const sides = { [fullRowGroupBys[0]]: row, [fullColGroupBys[0]]: column };
        const { ranks } = this.env.searchModel.history;
        const before = ranks[sides.old_segment_id];
        const after = ranks[sides.new_segment_id];
        // New customers, and totals, have no segment on one side.
        if (!cell.value || before === undefined || after === undefined) {
            return undefined;
        }
        if (Math.abs(after - before) < SAME) {
            return undefined;
        }
        return after > before ? "up" : "down";
    }
}

registry.category("views").add("crm_extended_history_pivot", {
    ...pivotView,
    Controller: HistoryPivotController,
    SearchModel: withHistory(pivotView.SearchModel),
});

registry.category("views").add("crm_extended_flow_pivot", {
    ...pivotView,
    Controller: HistoryPivotController,
    Renderer: FlowPivotRenderer,
    SearchModel: withHistory(pivotView.SearchModel),
});

registry.category("views").add("crm_extended_history_graph", {
    ...coloredGraphView,
    Controller: HistoryGraphController,
    SearchModel: withHistory(graphView.SearchModel),
});

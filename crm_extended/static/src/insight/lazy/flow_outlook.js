import { Component, onWillStart, useState } from "@odoo/owl";

import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { GraphController } from "@web/views/graph/graph_controller";
import { PivotController } from "@web/views/pivot/pivot_controller";
import { pivotView } from "@web/views/pivot/pivot_view";

/** Above the flow of customers until now: what is expected from now on, by segment. */
export class FlowOutlook extends Component {
    static template = "crm_extended.FlowOutlook";
    static props = {};

    setup() {
        const orm = useService("orm");
        this.state = useState({ outlook: {} });
        onWillStart(async () => {
            this.state.outlook = await orm.call("crm.customer.flow", "get_outlook", []);
        });
    }
}

export class FlowGraphController extends GraphController {
    static template = "crm_extended.FlowGraphView";
    static components = { ...GraphController.components, FlowOutlook };
}

export class FlowPivotController extends PivotController {
    static template = "crm_extended.FlowPivotView";
    static components = { ...PivotController.components, FlowOutlook };
}

registry.category("views").add("crm_extended_customer_flow_pivot", {
    ...pivotView,
    Controller: FlowPivotController,
});

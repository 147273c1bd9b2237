import { Component, onWillStart, useState } from "@odoo/owl";

import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { KanbanController } from "@web/views/kanban/kanban_controller";
import { kanbanView } from "@web/views/kanban/kanban_view";
import { ListController } from "@web/views/list/list_controller";
import { ListRenderer } from "@web/views/list/list_renderer";
import { listView } from "@web/views/list/list_view";

const COLUMNS_OF_A_MODEL = [
    "active_band",
    "p_active",
    "expected_30",
    "expected_90",
    "expected_365",
    "lifetime_revenue",
    "lifetime_value",
];

/** Above the forecasts: which model they are by, how its test came out, or why there is
 *  none. */
export class ForecastBanner extends Component {
    static template = "crm_extended.ForecastBanner";
    static props = {};

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.state = useState({ summary: {} });
        onWillStart(async () => {
            this.state.summary = await this.orm.call(
                "crm.forecast.model",
                "get_summary",
                []
            );
        });
    }

    get isShown() {
        return Boolean(this.state.summary.state);
    }

    openModel() {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "crm.forecast.model",
            res_id: this.state.summary.id,
            views: [[false, "form"]],
        });
    }
}

export class ForecastListController extends ListController {
    static template = "crm_extended.ForecastListView";
    static components = { ...ListController.components, ForecastBanner };
}

export class ForecastListRenderer extends ListRenderer {
    /** Without a model its columns are empty, and their totals are sums of nothing. */
    getActiveColumns() {
        const columns = super.getActiveColumns();
        const { groups, isGrouped, records } = this.props.list;
        const hasModel = isGrouped
            ? groups.some(({ aggregates }) => aggregates.expected_90)
            : records.some(({ data }) => data.has_model);
        if (hasModel) {
            return columns;
        }
        return columns.filter(({ name }) => !COLUMNS_OF_A_MODEL.includes(name));
    }
}

export class ForecastKanbanController extends KanbanController {
    static template = "crm_extended.ForecastKanbanView";
    static components = { ...KanbanController.components, ForecastBanner };
}

registry.category("views").add("crm_forecast_list", {
    ...listView,
    Controller: ForecastListController,
    Renderer: ForecastListRenderer,
});
registry.category("views").add("crm_forecast_kanban", {
    ...kanbanView,
    Controller: ForecastKanbanController,
});

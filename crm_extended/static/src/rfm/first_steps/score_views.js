import { Component } from "@odoo/owl";

import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { STATIC_ACTIONS_GROUP_NUMBER } from "@web/search/action_menus/action_menus";
import { KanbanController } from "@web/views/kanban/kanban_controller";
import { kanbanView } from "@web/views/kanban/kanban_view";
import { ListController } from "@web/views/list/list_controller";
import { listView } from "@web/views/list/list_view";

import { FirstSteps, SALES_MANAGER, SHOW } from "./first_steps";

/** The pages of segments, with the checklist of the first hour above them. */
export class ScoreListController extends ListController {
    static template = "crm_extended.ScoreListView";
    static components = { ...ListController.components, FirstSteps };
}

export class ScoreKanbanController extends KanbanController {
    static template = "crm_extended.ScoreKanbanView";
    static components = { ...KanbanController.components, FirstSteps };
}

registry.category("views").add("crm_rfm_score_list", {
    ...listView,
    Controller: ScoreListController,
});
registry.category("views").add("crm_rfm_score_kanban", {
    ...kanbanView,
    Controller: ScoreKanbanController,
});

/** Shows the checklist again after it was closed. */
export class FirstStepsItem extends Component {
    static template = "crm_extended.FirstStepsItem";
    static components = { DropdownItem };
    static props = {};

    async show() {
        // Not useService: the menu closes meanwhile, which would end the call.
        await this.env.services.orm.call(
            "onboarding.onboarding",
            "show_first_steps",
            []
        );
        this.env.bus.trigger(SHOW);
    }
}

registry.category("cogMenu").add(
    "crm_first_steps",
    {
        Component: FirstStepsItem,
        groupNumber: STATIC_ACTIONS_GROUP_NUMBER,
        isDisplayed: ({ config, searchModel }) =>
            config.actionType === "ir.actions.act_window" &&
            ["kanban", "list"].includes(config.viewType) &&
            searchModel.resModel === "crm.rfm.score" &&
            user.hasGroup(SALES_MANAGER),
    },
    { sequence: 20 }
);

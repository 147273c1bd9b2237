import { Component, onWillStart } from "@odoo/owl";

import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";

import { SALES_MANAGER } from "./first_steps";

/** On a page without scored customers: the buttons that fill it, or who can. */
export class FillPage extends Component {
    static template = "crm_extended.FillPage";
    static props = {};

    setup() {
        this.action = useService("action");
        onWillStart(async () => {
            this.mayFill = await user.hasGroup(SALES_MANAGER);
        });
    }

    updateScores() {
        return this.action.doAction("crm_extended.crm_rfm_refresh_server_action");
    }

    importPurchases() {
        return this.action.doAction("crm_extended.crm_purchase_history_import_action");
    }
}

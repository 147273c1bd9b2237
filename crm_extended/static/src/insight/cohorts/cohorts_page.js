import { registry } from "@web/core/registry";
import { WithSearch } from "@web/search/with_search/with_search";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { Component } from "@odoo/owl";

import { CohortTable } from "./cohort_table";

/** What the customers of each month or quarter bought since, with a search bar. */
export class CohortsPage extends Component {
    static template = "crm_extended.CohortsPage";
    static components = { CohortTable, WithSearch };
    static props = { ...standardActionServiceProps };

    get searchProps() {
        return {
            resModel: "crm.cohort",
            searchViewId: this.props.action.params.search_view_id,
            searchMenuTypes: ["filter"],
            context: {},
            globalState: this.props.globalState,
        };
    }
}

registry.category("actions").add("crm_extended.cohorts", CohortsPage);

import { registry } from "@web/core/registry";
import { WithSearch } from "@web/search/with_search/with_search";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { Component } from "@odoo/owl";

import { ProfileTables } from "./profile_tables";

/** Who the customers are, and what the best have in common, with a search bar. */
export class ProfilePage extends Component {
    static template = "crm_extended.ProfilePage";
    static components = { ProfileTables, WithSearch };
    static props = { ...standardActionServiceProps };

    get searchProps() {
        return {
            resModel: "crm.customer.profile",
            searchViewId: this.props.action.params.search_view_id,
            searchMenuTypes: ["filter"],
            context: {},
            globalState: this.props.globalState,
        };
    }
}

registry.category("actions").add("crm_extended.customer_profile", ProfilePage);

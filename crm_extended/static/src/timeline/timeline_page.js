import { Component, useState } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

import { Timeline } from "./timeline";
import { filtersToAddress, readAddress } from "./timeline_address";

/**
 * The timeline as a page. Its address has the record and the filters:
 * /odoo/timeline/42?resModel=res.partner&scope=contact&kinds=email,order&period=week
 */
export class TimelinePage extends Component {
    static template = "crm_extended.TimelinePage";
    static components = { Layout, Timeline };
    static props = { ...standardActionServiceProps };
    static path = "timeline";
    static displayName = _t("Timeline");

    setup() {
        const params = this.props.action.params || {};
        this.resModel = params.resModel || "res.partner";
        this.resId = Number(params.resId || this.props.resId) || 0;
        // What is kept when coming back by the breadcrumbs.
        this.choice = this.props.state?.choice || {
            scope: ["contact", "company"].includes(params.scope)
                ? params.scope
                : "company",
            filters: readAddress(params),
        };
        this.state = useState({ name: "" });
        this.display = { controlPanel: {} };
        useSetupAction({
            getLocalState: () => ({ choice: this.choice }),
        });
        this.tellAddress();
    }

    onHead(head) {
        this.state.name = head.name;
        this.env.config.setDisplayName(_t("Timeline: %s", head.name));
    }

    onChoice(choice) {
        this.choice = choice;
        this.tellAddress();
    }

    /** The address leads back to what is shown. */
    tellAddress() {
        const { scope, filters } = this.choice;
        this.props.updateActionState?.({
            resModel: this.resModel,
            resId: this.resId,
            scope,
            ...filtersToAddress(filters),
        });
    }
}

registry.category("actions").add("crm_extended.timeline", TimelinePage);

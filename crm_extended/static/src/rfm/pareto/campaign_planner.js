import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { formView } from "@web/views/form/form_view";

/**
 * A page with a question and its answer: nothing of it is worth saving, so it opens with
 * the defaults, has one address, and asks nothing when it is left.
 */
export class CampaignPlannerController extends formView.Controller {
    setup() {
        super.setup();
        this.canCreate = false;
        // No buttons to save and discard.
        this.canEdit = false;
    }

    displayName() {
        return _t("Plan a Campaign");
    }

    async beforeLeave() {}

    async beforeUnload() {}

    beforeVisibilityChange() {}
}

registry.category("views").add("crm_extended_campaign_planner", {
    ...formView,
    Controller: CampaignPlannerController,
    props: (genericProps, view) => ({
        ...formView.props(genericProps, view),
        // The record behind the page goes away after a while: it is no part of the
        // address, which can be kept and passed on.
        updateActionState: () => {},
    }),
});

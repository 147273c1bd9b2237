import { Component, onWillStart } from "@odoo/owl";

import { useCommand } from "@web/core/commands/command_hook";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";

/** Models whose open record an interaction is logged for. */
const contacted = registry.category("crm_extended.contacted_models");
contacted.add("res.partner", {}).add("crm.lead", {});

const MAY_LOG = "crm_extended.group_use_timeline";

/** Logs a contact from any page, for the record that is open. */
export class LogContactMenu extends Component {
    static template = "crm_extended.LogContactMenu";
    static props = {};

    setup() {
        this.action = useService("action");
        onWillStart(async () => {
            this.isShown = await user.hasGroup(MAY_LOG);
        });
        useCommand(_t("Log an interaction"), () => this.open(), {
            category: "activity",
            hotkey: "alt+shift+c",
            global: true,
            isAvailable: () => this.isShown,
        });
    }

    /** The record whose form or timeline is on the screen. */
    get openRecord() {
        const controller = this.action.currentController;
        const { resModel, type } = controller?.props || {};
        const state = controller?.currentState || {};
        if (type === "form" && contacted.contains(resModel) && state.resId) {
            return { model: resModel, id: state.resId };
        }
        if (contacted.contains(state.resModel) && state.resId) {
            return { model: state.resModel, id: state.resId };
        }
        return false;
    }

    open() {
        const record = this.openRecord;
        return this.action.doAction("crm_extended.crm_interaction_wizard_action", {
            additionalContext: record
                ? {
                      active_model: record.model,
                      active_id: record.id,
                      active_ids: [record.id],
                  }
                : { active_model: false, active_id: false, active_ids: [] },
            onClose: (info) => {
                if (!info?.dismiss && !info?.special) {
                    this.env.bus.trigger("CRM_TIMELINE:RELOAD");
                }
            },
        });
    }
}

registry
    .category("systray")
    .add(
        "crm_extended.LogContactMenu",
        { Component: LogContactMenu },
        { sequence: 22 }
    );

import { Component } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";

import { formatDay } from "../../common/formats";

/** Says since when scores are known, with the button that makes it longer. */
export class HistoryNotice extends Component {
    static template = "crm_extended.HistoryNotice";
    static props = { history: Object };

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
    }

    get sentences() {
        const { has_several_companies: isSeveral, missing } = this.props.history;
        return missing.map(({ company, start }) =>
            isSeveral
                ? _t("History of %(company)s starts on %(date)s.", {
                      company,
                      date: formatDay(start),
                  })
                : _t("History starts on %s.", formatDay(start))
        );
    }

    rebuild() {
        return this.action.doAction("crm_extended.crm_rfm_rebuild_action", {
            viewType: this.props.history.is_rebuilding ? "list" : "form",
        });
    }

    async refresh() {
        const action = await this.orm.call("crm.rfm.score", "action_refresh", [[]]);
        return this.action.doAction(action);
    }
}

/**
 * Adds to a class of controllers the notice about what is not known, and the button to
 * choose days.
 */
export function withHistoryNotice(Controller) {
    return class HistoryController extends Controller {
        static components = { ...Controller.components, HistoryNotice };

        get history() {
            return this.env.searchModel.history;
        }

        get displayNoContent() {
            return !this.history.is_empty && super.displayNoContent;
        }

        chooseDays() {
            const { date_from, date_to } = this.history;
            return this.actionService.doAction(
                "crm_extended.crm_rfm_movement_wizard_action",
                {
                    additionalContext: {
                        rfm_date_from: date_from,
                        rfm_date_to: date_to,
                    },
                }
            );
        }

        setup() {
            super.setup(...arguments);
            this.actionService = useService("action");
        }
    };
}

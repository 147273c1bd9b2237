import { Component, onWillDestroy, onWillStart, useState } from "@odoo/owl";

import { browser } from "@web/core/browser/browser";
import { deserializeDateTime } from "@web/core/l10n/dates";
import { rpcBus } from "@web/core/network/rpc";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { session } from "@web/session";
import { useBus, useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** How often the server is asked where nothing happens. */
export const ASK_EVERY = 10 * MINUTE;
const COUNT_EVERY = MINUTE / 4;
/** Several changes of one moment are asked for once. */
const TOGETHER = 2_000;
const MOST = 99;

/**
 * My cases that are due soon or missed. The server says when they are due; what that
 * comes to at this moment is counted here, so the number is right between two askings.
 */
export class CareDueMenu extends Component {
    static template = "crm_extended.CareDueMenu";
    static props = {};

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.state = useState({ shown: false, missed: 0, soon: 0 });
        this.due = [];
        const askSoon = useDebounced(() => this.ask(), TOGETHER);
        useService("bus_service").subscribe("crm_extended.care_due", askSoon);
        // Users who switch the counter on or off in their preferences.
        useBus(rpcBus, "RPC:RESPONSE", ({ detail }) => {
            const { model, method } = detail.data?.params || {};
            if (model === "res.users" && ["web_save", "write"].includes(method)) {
                askSoon();
            }
        });
        const asking = browser.setInterval(
            () => this.state.shown && this.ask(),
            ASK_EVERY
        );
        const counting = browser.setInterval(() => this.count(), COUNT_EVERY);
        onWillDestroy(() => {
            browser.clearInterval(asking);
            browser.clearInterval(counting);
        });
        onWillStart(() => {
            if (session.care_systray) {
                // Not waited for: the page does not hang on it.
                this.ask();
            }
        });
    }

    async ask() {
        const found = await this.orm.silent.call("res.users", "care_due_cases");
        if (found.shown) {
            // The clocks of servers and browsers differ.
            this.ahead = Date.now() - deserializeDateTime(found.now).toMillis();
            this.soon = found.soon * HOUR;
            this.due = found.due.map((due) =>
                due ? deserializeDateTime(due).toMillis() : 0
            );
        } else {
            this.due = [];
        }
        this.state.shown = found.shown;
        this.count();
    }

    count() {
        const now = Date.now() - (this.ahead || 0);
        this.state.missed = this.due.filter((due) => due < now).length;
        this.state.soon = this.due.filter(
            (due) => due >= now && due <= now + this.soon
        ).length;
    }

    get text() {
        const number = this.state.missed + this.state.soon;
        return number > MOST ? `${MOST}+` : `${number}`;
    }

    get title() {
        return _t("My cases: %(missed)s missed, %(soon)s due soon", {
            missed: this.state.missed,
            soon: this.state.soon,
        });
    }

    open() {
        return this.action.doAction("crm_extended.crm_care_case_my_action", {
            additionalContext: { search_default_due_soon: 1, search_default_missed: 1 },
            clearBreadcrumbs: true,
        });
    }
}

registry
    .category("systray")
    .add("crm_extended.CareDueMenu", { Component: CareDueMenu }, { sequence: 21 });

import { Component, onWillStart, useEffect, useRef, useState } from "@odoo/owl";

import { browser } from "@web/core/browser/browser";
import { deserializeDateTime, formatDateTime } from "@web/core/l10n/dates";
import { localization } from "@web/core/l10n/localization";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useBus, useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { formatMonetary } from "@web/views/fields/formatters";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

import { formatDay, formatShare } from "../common/formats";
import { AgendaModel, settledText } from "./agenda_model";
import { SnoozeDialog } from "./snooze_dialog";

// A finger that moves so far across, and less up or down, swipes.
const SWIPE = 80;

const KEYS = {
    j: "next",
    ArrowDown: "next",
    k: "previous",
    ArrowUp: "previous",
    l: "log",
    s: "snooze",
    e: "write",
    a: "schedule",
    n: "skip",
    d: "done",
    Enter: "open",
};

/** Whom to contact today, and why: a list that ends. */
export class CustomerAgenda extends Component {
    static template = "crm_extended.CustomerAgenda";
    static components = { Layout };
    static props = { ...standardActionServiceProps };
    static displayName = _t("My Customers Today");

    setup() {
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.notification = useService("notification");
        this.store = useService("mail.store");
        this.ui = useService("ui");
        this.root = useRef("root");
        this.display = { controlPanel: {} };
        this.model = useState(new AgendaModel(useService("orm")));
        this.orm = useService("orm");
        this.state = useState({ showRule: false, results: null });
        useBus(this.env.bus, "CRM_TIMELINE:RELOAD", () => this.model.load());
        onWillStart(async () => {
            [this.mayLog, this.isManager] = await Promise.all([
                user.hasGroup("crm_extended.group_use_timeline"),
                user.hasGroup("sales_team.group_sale_manager"),
                this.model.load(),
            ]);
        });
        // The row of the keyboard stays in sight.
        useEffect(
            (id) => {
                const el = id && this.root.el?.querySelector(`[data-id="${id}"]`);
                el?.scrollIntoView({ block: "nearest" });
                if (el && !this.ui.isSmall) {
                    el.focus({ preventScroll: true });
                }
            },
            () => [this.model.row?.id]
        );
    }

    // -- What is shown

    get day() {
        return formatDay(this.model.day);
    }

    /** On a phone one customer at a time. */
    get rows() {
        const { row, rows } = this.model;
        return this.ui.isSmall ? (row ? [row] : []) : rows;
    }

    get progress() {
        const { done, total } = this.model;
        return {
            text: _t("%(done)s of %(total)s", { done, total }),
            width: total ? Math.round((done / total) * 100) : 0,
        };
    }

    money(value) {
        return formatMonetary(value, { currencyId: this.model.currencyId });
    }

    stake(row) {
        return row.is_revenue
            ? _t("Revenue of this customer in 12 months")
            : _t("Largest amount of the reasons");
    }

    share(weight) {
        return formatShare(weight);
    }

    channel(row, channel) {
        return row.channels.find((one) => one.channel === channel);
    }

    from(channel) {
        return _t(
            "from %s",
            formatDateTime(deserializeDateTime(channel.from), {
                format: localization.timeFormat,
            })
        );
    }

    purpose(purpose) {
        return purpose === "service" ? _t("Service") : _t("Marketing");
    }

    /** What the keys do, for the line below the list. */
    get keys() {
        return [
            { key: "j", label: _t("next") },
            { key: "k", label: _t("previous") },
            { key: "l", label: this.mayLog ? _t("log") : _t("contacted") },
            { key: "e", label: _t("write") },
            { key: "a", label: _t("schedule") },
            { key: "s", label: _t("snooze") },
            { key: "n", label: _t("not now") },
            { key: "d", label: _t("contacted") },
            { key: "Enter", label: _t("open") },
        ];
    }

    isCurrent(row) {
        return row === this.model.row;
    }

    // -- Keyboard and fingers

    onKeydown(ev) {
        const isTyping = ev.target.closest(
            "input, textarea, select, [contenteditable]"
        );
        const isButton = ev.key === "Enter" && ev.target.closest("a, button");
        if (isTyping || isButton || ev.ctrlKey || ev.altKey || ev.metaKey) {
            return;
        }
        const what = KEYS[ev.key];
        if (what && this.model.row) {
            ev.preventDefault();
            ev.stopPropagation();
            this[what](this.model.row);
        }
    }

    onTouchstart(ev) {
        const [touch] = ev.touches;
        this.touch = { x: touch.clientX, y: touch.clientY };
    }

    /** Towards the end of the line: log; towards its beginning: not now. */
    onTouchend(row, ev) {
        const [touch] = ev.changedTouches;
        const x = touch.clientX - this.touch.x;
        const y = touch.clientY - this.touch.y;
        if (Math.abs(x) < SWIPE || Math.abs(y) > Math.abs(x) / 2) {
            return;
        }
        const isForwards = localization.direction === "rtl" ? x < 0 : x > 0;
        return isForwards ? this.log(row) : this.skip(row);
    }

    next() {
        this.model.move(1);
    }

    previous() {
        this.model.move(-1);
    }

    select(row) {
        this.model.moveTo(this.model.rows.indexOf(row));
    }

    // -- What is done

    async settle(row, method, ...args) {
        await this.model.settle(row, method, args);
        const close = this.notification.add(settledText(method, row.name), {
            type: "success",
            buttons: [
                {
                    name: _t("Undo"),
                    onClick: () => {
                        close();
                        return this.model.reopen(row);
                    },
                },
            ],
        });
    }

    done(row) {
        return this.settle(row, "action_done");
    }

    skip(row) {
        return this.settle(row, "action_skip");
    }

    snooze(row) {
        this.dialog.add(SnoozeDialog, {
            name: row.name,
            snooze: (until, reason) => this.settle(row, "action_snooze", until, reason),
        });
    }

    contactOf(row) {
        const channel = this.channel(row, "phone") || row.channels[0];
        return channel ? channel.contact_id : row.partner_id;
    }

    /** Call, and log it: where there are no interactions, the customer is done. */
    call(row) {
        const phone = this.channel(row, "phone")?.phone;
        if (phone) {
            browser.open(`tel:${phone.replace(/\s/g, "")}`, "_self");
        }
        return this.log(row);
    }

    log(row) {
        if (!this.mayLog) {
            return this.done(row);
        }
        const id = this.contactOf(row);
        return this.action.doAction("crm_extended.crm_interaction_wizard_action", {
            additionalContext: {
                active_model: "res.partner",
                active_id: id,
                active_ids: [id],
            },
            onClose: (info) => {
                if (!info?.dismiss && !info?.special) {
                    return this.model.load();
                }
            },
        });
    }

    write(row) {
        const channel = this.channel(row, "email");
        if (!channel || channel.from) {
            this.notification.add(_t("%s may not be mailed now.", row.name), {
                type: "warning",
            });
            return;
        }
        return this.action.doAction(
            {
                type: "ir.actions.act_window",
                name: _t("Write to %s", channel.contact),
                res_model: "mail.compose.message",
                views: [[false, "form"]],
                target: "new",
                context: {
                    default_model: "res.partner",
                    default_res_ids: [channel.contact_id],
                    default_partner_ids: [channel.contact_id],
                    default_composition_mode: "comment",
                },
            },
            { onClose: () => this.model.load() }
        );
    }

    async schedule(row) {
        await this.store.scheduleActivity("res.partner", [row.partner_id]);
        await this.model.load();
    }

    /** What other packages offer to do with a customer. */
    /** What else can be done with a customer, for the reasons that they are listed for. */
    actions(row) {
        return this.model.actions.filter(
            ({ reasons }) =>
                !reasons || row.reasons.some(({ key }) => reasons.includes(key))
        );
    }

    runAction(row, { action }) {
        return this.action.doAction(action, {
            additionalContext: {
                active_model: "res.partner",
                active_id: row.partner_id,
                active_ids: [row.partner_id],
            },
            onClose: () => this.model.load(),
        });
    }

    open(row) {
        return this.openRecord("res.partner", row.partner_id);
    }

    openRecord(resModel, resId) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: resModel,
            res_id: resId,
            views: [[false, "form"]],
        });
    }

    openReason(row, reason) {
        // An activity is seen on its customer.
        return reason.res_model && reason.res_model !== "mail.activity"
            ? this.openRecord(reason.res_model, reason.res_id)
            : this.open(row);
    }

    /** What came of the lists, for managers. */
    async toggleResults() {
        this.state.results = this.state.results
            ? null
            : await this.orm.call("crm.agenda.outcome", "get_summary", []);
    }

    get resultsText() {
        return _t(
            "What customers bought within %s days: after someone contacted them from a list, and after they were listed and not contacted. This compares two groups and proves nothing: customers who are contacted may have been better customers all along.",
            this.state.results.days
        );
    }

    resultMoney(value) {
        const { currency_id: currencyId } = this.state.results;
        return formatMonetary(value, { currencyId });
    }

    openResults() {
        return this.action.doAction("crm_extended.crm_agenda_outcome_action");
    }

    openTeam() {
        return this.action.doAction("crm_extended.crm_agenda_item_action");
    }

    openReasons() {
        return this.action.doAction("crm_extended.crm_agenda_reason_server_action");
    }

    openCustomers() {
        return this.action.doAction("contacts.action_contacts");
    }

    more() {
        return this.model.load(true);
    }
}

registry.category("actions").add("crm_extended.customer_agenda", CustomerAgenda);

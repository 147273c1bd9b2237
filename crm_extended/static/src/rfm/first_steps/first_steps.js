import { Component, onMounted, onWillUnmount, useState } from "@odoo/owl";

import { browser } from "@web/core/browser/browser";
import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";
import { user } from "@web/core/user";
import { KeepLast } from "@web/core/utils/concurrency";
import { useBus, useService } from "@web/core/utils/hooks";

const EVERY = 3000;
const SECOND = 1000;
const CHECKLIST = "onboarding.onboarding";
const STEP = "onboarding.onboarding.step";
/** Of the environment's bus: the checklist was asked for again. */
export const SHOW = "CRM_FIRST_STEPS:SHOW";
/** Of Odoo's bus: how far a call of this user is. */
const PROGRESS = "crm_extended.progress";
export const SALES_MANAGER = "sales_team.group_sale_manager";

/** The checklist of the first hour, for sales managers, until it is closed. */
export class FirstSteps extends Component {
    static template = "crm_extended.FirstSteps";
    static props = {};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.keepLast = new KeepLast();
        this.state = useState({
            list: false,
            openId: null,
            details: null,
            error: "",
            waiting: "",
            seconds: 0,
            progress: null,
        });
        // The page does not wait for it.
        onMounted(() => this.start());
        useBus(this.env.bus, SHOW, () => this.start());
        // As long as something is at work in the background.
        const timer = browser.setInterval(() => this.poll(), EVERY);
        const ticking = browser.setInterval(() => this.state.seconds++, SECOND);
        const bus = useService("bus_service");
        const onProgress = (progress) => this.showProgress(progress);
        bus.subscribe(PROGRESS, onProgress);
        onWillUnmount(() => {
            browser.clearInterval(timer);
            browser.clearInterval(ticking);
            bus.unsubscribe(PROGRESS, onProgress);
        });
    }

    async start() {
        if (await user.hasGroup(SALES_MANAGER)) {
            await this.loadList();
            if (this.isShown) {
                await this.openFirst();
            }
        }
    }

    get isShown() {
        return Boolean(this.state.list && !this.state.list.is_closed);
    }

    get isComplete() {
        return this.state.list.done === this.state.list.steps.length;
    }

    get progressText() {
        const { done, steps } = this.state.list;
        return _t("%(done)s of %(total)s", { done, total: steps.length });
    }

    get openStep() {
        return this.state.list.steps.find((step) => step.id === this.state.openId);
    }

    stateText(step) {
        return { open: _t("To do"), done: _t("Done"), skipped: _t("Skipped") }[
            step.state
        ];
    }

    async loadList() {
        this.state.list = await this.orm.silent.call(CHECKLIST, "get_first_steps", []);
    }

    openFirst() {
        const next = this.state.list.steps.find((step) => step.state === "open");
        return this.open(next ? next.id : null);
    }

    async open(stepId) {
        Object.assign(this.state, { openId: stepId, details: null, error: "" });
        if (stepId) {
            await this.loadDetails();
        }
    }

    async loadDetails() {
        try {
            this.state.details = await this.keepLast.add(
                this.orm.silent.call(CHECKLIST, "get_first_step_details", [
                    this.state.openId,
                ])
            );
        } catch (error) {
            this.state.error = error.data?.message || error.message;
        }
    }

    /** Read the checklist again, and go on with what is next. */
    async reload() {
        const before = this.openStep;
        await this.loadList();
        if (!this.isShown) {
            return;
        }
        const now = this.openStep;
        if (before?.state === "open" && now?.state !== "open") {
            return this.openFirst();
        }
        return this.state.openId ? this.loadDetails() : undefined;
    }

    async poll() {
        const isRunning = this.state.details?.progress !== undefined;
        if (isRunning && this.isShown && !this.isPolling) {
            this.isPolling = true;
            try {
                await this.reload();
            } finally {
                this.isPolling = false;
            }
        }
    }

    /** Without such messages, only the seconds move. */
    showProgress(progress) {
        if (this.state.waiting && progress.company_id === user.activeCompany.id) {
            this.state.progress = progress;
        }
    }

    get secondsText() {
        return this.state.seconds > 1 ? _t("%s s", this.state.seconds) : "";
    }

    async press(button) {
        if (button.confirm) {
            this.dialog.add(ConfirmationDialog, {
                body: button.confirm,
                confirmLabel: button.label,
                confirm: () => this.act(button.method, [], button.wait),
                cancel: () => {},
            });
        } else {
            await this.act(button.method, [], button.wait);
        }
    }

    choose(choice) {
        return this.act(this.state.details.choose, [choice.value]);
    }

    async act(method, args, wait) {
        const waiting = wait || _t("Loading…");
        Object.assign(this.state, { waiting, seconds: 0, progress: null });
        let action;
        try {
            action = await this.orm.call(STEP, method, args);
        } finally {
            Object.assign(this.state, { waiting: "", progress: null });
        }
        await this.reload();
        if (action) {
            await this.action.doAction(action, { onClose: () => this.reload() });
        }
    }

    async skip() {
        await this.orm.call(CHECKLIST, "skip_first_step", [this.state.openId]);
        await this.reload();
    }

    async close() {
        await this.orm.call(CHECKLIST, "close_first_steps", []);
        await this.loadList();
    }
}

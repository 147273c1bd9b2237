import { markRaw } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { Mutex } from "@web/core/utils/concurrency";

/** The list of a day, and what is done with its customers. */
export class AgendaModel {
    constructor(orm) {
        this.orm = orm;
        // One request after the other: a list that is asked for after a customer was
        // settled does not have them any more.
        this.mutex = markRaw(new Mutex());
        this.settling = markRaw(new Set());
        this.rows = [];
        this.rule = [];
        this.actions = [];
        this.done = 0;
        this.total = 0;
        this.current = 0;
        this.loading = false;
        this.error = null;
        // Whether more customers were asked for, and none came.
        this.isExhausted = false;
    }

    async load(more = false) {
        this.loading = true;
        this.error = null;
        try {
            const day = await this.call("crm.customer.agenda", "get_today", [], {
                more,
            });
            const before = this.row?.id;
            // Without those who were settled since it was asked for.
            const rows = day.rows.filter((row) => !this.settling.has(row.id));
            this.isExhausted = more && rows.length <= this.rows.length;
            Object.assign(this, {
                day: day.day,
                rows,
                rule: day.rule,
                actions: day.actions,
                done: day.done + day.rows.length - rows.length,
                total: day.total,
                currencyId: day.currency_id,
            });
            const same = this.rows.findIndex((row) => row.id === before);
            this.moveTo(same >= 0 ? same : this.current);
        } catch (error) {
            this.error = error;
            throw error;
        } finally {
            this.loading = false;
        }
    }

    call(model, method, args, kwargs) {
        return this.mutex.exec(() => this.orm.call(model, method, args, kwargs));
    }

    get row() {
        return this.rows[this.current];
    }

    get isFinished() {
        return !this.rows.length && this.done > 0;
    }

    moveTo(index) {
        this.current = Math.max(0, Math.min(index, this.rows.length - 1));
    }

    move(steps) {
        this.moveTo(this.current + steps);
    }

    /**
     * Settle a customer: off the list at once, and back on it where that fails.
     *
     * @param {Object} row
     * @param {string} method of `crm.agenda.item`
     * @param {Array} args of it
     */
    async settle(row, method, args = []) {
        const index = this.rows.indexOf(row);
        if (index < 0) {
            return;
        }
        this.rows.splice(index, 1);
        this.settling.add(row.id);
        this.done += 1;
        this.moveTo(this.current > index ? this.current - 1 : this.current);
        try {
            await this.call("crm.agenda.item", method, [[row.id], ...args]);
        } catch (error) {
            this.rows.splice(index, 0, row);
            this.done -= 1;
            this.moveTo(index);
            throw error;
        } finally {
            this.settling.delete(row.id);
        }
    }

    async reopen(row) {
        await this.call("crm.agenda.item", "action_reopen", [[row.id]]);
        await this.load();
        this.moveTo(this.rows.findIndex((one) => one.id === row.id));
    }
}

/** What is said about a customer who is settled. */
export function settledText(method, name) {
    return {
        action_done: _t("%s: contacted", name),
        action_skip: _t("%s: not now", name),
        action_snooze: _t("%s: snoozed", name),
    }[method];
}

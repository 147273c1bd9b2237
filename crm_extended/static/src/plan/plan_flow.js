import { toRaw, useEffect, useRef, useState } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { formatInteger } from "@web/views/fields/formatters";
import { X2ManyField, x2ManyField } from "@web/views/fields/x2many/x2many_field";

import { fetchedAction } from "../common/fetched_action";
import { layOut, numbered } from "./plan_flow_layout";

const ICONS = {
    activity: "fa-phone",
    mail: "fa-envelope-o",
    log: "fa-sticky-note-o",
    tag: "fa-tag",
    case: "fa-life-ring",
    server_action: "fa-cogs",
    list_add: "fa-list-ul",
    list_remove: "fa-list-ul",
};
const COLORS = {
    done: "text-success",
    completed: "text-success",
    goal: "text-success",
};

/**
 * The steps of a plan as a picture, in which they are edited: boxes one below the other,
 * branches as lines beside them, and in each box how many customers are there.
 *
 * It is drawn out of the steps in the form, saved or not; the numbers are the server's.
 */
export class PlanFlow extends X2ManyField {
    static template = "crm_extended.PlanFlow";

    setup() {
        super.setup();
        this.orm = useService("orm");
        this.root = useRef("root");
        this.state = useState({ flow: null });
        this.keepLast = new KeepLast();
        useRecordObserver((record) => this.follow(record));
        // Elements that are moved lose the focus.
        useEffect(() => this.restoreFocus());
    }

    /** Load the numbers when the plan is another one, or was loaded again. */
    follow(record) {
        const { resId } = record;
        const list = toRaw(record.data[this.props.name]);
        if (this.followed === list && this.followedId === resId) {
            return;
        }
        Object.assign(this, { followed: list, followedId: resId });
        this.loadNumbers(resId);
    }

    async loadNumbers(resId) {
        this.state.flow = await this.keepLast.add(
            resId
                ? this.orm.call("crm.care.plan", "get_flow", [[resId]])
                : Promise.resolve(null)
        );
    }

    get canEdit() {
        return !this.props.readonly && Boolean(this.activeActions.write);
    }

    /** The steps in their order; those in force come in it. */
    get records() {
        const { records } = this.list;
        return this.isMany2Many
            ? records
            : [...records].sort(
                  (one, other) => one.data.sequence - other.data.sequence
              );
    }

    /** The boxes of the steps, and the branches between them. */
    drawPicture() {
        const { records } = this;
        const { steps, branches } = layOut(
            records.map(({ data, resId }) => ({
                resId,
                elseId: data.else_step_id?.id || false,
                hasCondition: Boolean(data.condition),
                isLast: data.is_last,
            }))
        );
        const boxes = records.map((record, place) => ({
            ...steps[place],
            lines: this.describe(records, steps, place),
            numbers: record.resId
                ? this.numbers(this.state.flow?.steps[record.resId])
                : [],
            place,
            record,
        }));
        return { boxes, branches };
    }

    /** A step in lines: what is done, when, and whether. */
    describe(records, steps, place) {
        const { data, fields } = records[place];
        const kind = fields.kind.selection.find(([key]) => key === data.kind);
        const lines = [
            {
                name: "title",
                icon: ICONS[data.kind] || "fa-check-square-o",
                text: `${place + 1}. ${data.name || ""}`,
                note: kind ? kind[1] : "",
            },
            { name: "when", icon: "fa-clock-o", text: data.when_text },
            {
                name: "condition",
                icon: "fa-code-fork",
                text: data.if_text && _t("Only if: %s", data.if_text),
            },
            {
                name: "is_last",
                icon: "fa-stop-circle-o",
                text: data.is_last && _t("Then the plan ends"),
            },
            {
                name: "otherwise",
                icon: "fa-level-down",
                text: data.condition && this.otherwise(records, steps, place),
            },
            {
                name: "unreached",
                icon: "fa-exclamation-triangle",
                color: "text-warning",
                text: !steps[place].isReached && _t("No customer gets to this step"),
            },
        ];
        return lines.filter((line) => line.text);
    }

    /** Where those go who do not meet the condition of a step. */
    otherwise(records, steps, place) {
        const target = records[steps[place].branchTo];
        if (target) {
            return _t("Otherwise: go to %(number)s. %(step)s", {
                number: steps[place].branchTo + 1,
                step: target.data.name,
            });
        }
        return records[place].data.is_last && place + 1 < records.length
            ? _t("Otherwise: go on with the next step")
            : _t("Otherwise: skip this step");
    }

    /** The numbers that there are, in words. */
    numbers(counts = {}) {
        const { flow } = this.state;
        if (!flow?.total) {
            return [];
        }
        const said = {
            enrolled: (count) => _t("%s enrolled", count),
            queued: (count) => _t("%s waiting for a place", count),
            waiting: (count) => _t("%s waiting", count),
            done: (count) => _t("%s done", count),
            skipped: (count) => _t("%s skipped", count),
            failed: (count) => _t("%s failed", count),
            completed: (count) => _t("%s completed", count),
            goal: (count) => _t("%s reached the goal", count),
            left: (count) => _t("%s left", count),
        };
        return Object.keys(said)
            .filter((key) => counts[key])
            .map((key) => ({
                key,
                color: key === "failed" ? "text-danger" : COLORS[key] || "",
                text: said[key](formatInteger(counts[key])),
            }));
    }

    numberLabel(number, of) {
        return _t("%(number)s: %(step)s", { number: number.text, step: of });
    }

    get endLabel() {
        return _t("End of the plan");
    }

    get elsewhereLabel() {
        return _t("Steps that are no longer here");
    }

    moveLabel(box, by) {
        return by > 0
            ? _t("Move “%s” down", box.record.data.name)
            : _t("Move “%s” up", box.record.data.name);
    }

    deleteLabel(box) {
        return _t("Delete “%s”", box.record.data.name);
    }

    /** The rows in which a branch begins and ends, below that of the trigger. */
    branchStyle({ from, to, lane }) {
        return `grid-row: ${from + 2} / ${to + 2}; grid-column: 2 / ${lane + 4};`;
    }

    rowStyle(row) {
        return `grid-row: ${row};`;
    }

    async openCustomers(key, stepId = false) {
        const action = await this.orm.call("crm.care.plan", "action_flow_customers", [
            [this.props.record.resId],
            key,
            stepId,
        ]);
        return this.action.doAction(fetchedAction(action));
    }

    /**
     * Let a step change places with its neighbor.
     *
     * Not by a handle: in an ordered list Odoo forgets what is unsaved of other records
     * when one is added in a dialog.
     */
    async move(place, by) {
        const { records } = this;
        const numbers = numbered(records.map(({ data }) => data.sequence));
        const other = place + by;
        [numbers[place], numbers[other]] = [numbers[other], numbers[place]];
        this.focusOn = {
            id: records[place].id,
            name: by > 0 ? "move_down" : "move_up",
        };
        for (const [index, record] of records.entries()) {
            if (record.data.sequence !== numbers[index]) {
                await record.update({ sequence: numbers[index] });
            }
        }
    }

    async remove(record) {
        await this.activeActions.onDelete(record);
        this.focusOn = { name: "add_step" };
        this.render();
    }

    restoreFocus() {
        const { focusOn } = this;
        if (!focusOn) {
            return;
        }
        this.focusOn = null;
        const root = this.root.el;
        const box = focusOn.id ? root.querySelector(`[data-id="${focusOn.id}"]`) : root;
        const button =
            box?.querySelector(`button[name=${focusOn.name}]:not(:disabled)`) ||
            box?.querySelector("button[name=open_step]");
        button?.focus();
    }
}

registry.category("fields").add("crm_care_plan_flow", {
    ...x2ManyField,
    component: PlanFlow,
});

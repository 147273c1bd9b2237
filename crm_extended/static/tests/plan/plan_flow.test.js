import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { describe, expect, getFixture, test } from "@odoo/hoot";
import { press, queryAll, queryAllTexts, queryOne } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import {
    contains,
    defineModels,
    fields,
    mockService,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";

import { layOut, numbered } from "@crm_extended/plan/plan_flow_layout";

class Plan extends models.Model {
    _name = "crm.care.plan";

    name = fields.Char();
    trigger_text = fields.Char();
    step_ids = fields.One2many({ relation: "plan.step", relation_field: "plan_id" });

    _records = [
        {
            id: 1,
            name: "Welcome",
            trigger_text: "First purchase",
            step_ids: [11, 12, 13],
        },
        { id: 2, name: "Empty", trigger_text: "Manual", step_ids: [] },
    ];
}

class Step extends models.Model {
    _name = "plan.step";

    name = fields.Char();
    plan_id = fields.Many2one({ relation: "crm.care.plan" });
    sequence = fields.Integer();
    kind = fields.Selection({
        selection: [
            ["mail", "Email"],
            ["other", "Of another addon"],
        ],
    });
    when_text = fields.Char();
    if_text = fields.Char();
    condition = fields.Char();
    else_step_id = fields.Many2one({ relation: "plan.step" });
    is_last = fields.Boolean();

    _records = [
        { id: 11, name: "Thanks", kind: "mail", when_text: "At once", sequence: 10 },
        {
            id: 12,
            name: "Call",
            kind: "mail",
            when_text: "2 days later",
            sequence: 20,
            condition: "bought",
            if_text: "They bought",
        },
        {
            id: 13,
            name: "Note",
            kind: "other",
            when_text: "1 week later",
            sequence: 30,
        },
    ];

    _views = {
        form: `
            <form>
                <field name="name" />
                <field name="condition" />
                <field name="else_step_id" />
                <field name="sequence" />
            </form>`,
    };
}

defineMailModels();
defineModels([Plan, Step]);

const FORM = `
    <form>
        <field name="trigger_text" />
        <field name="step_ids" widget="crm_care_plan_flow" mode="list">
            <list limit="200">
                <field name="sequence" />
                <field name="when_text" />
                <field name="kind" />
                <field name="name" />
                <field name="if_text" />
                <field name="condition" />
                <field name="else_step_id" />
                <field name="is_last" />
            </list>
        </field>
    </form>`;

const FLOW = {
    total: 9,
    start: { enrolled: 8, queued: 1 },
    steps: { 11: { waiting: 1, done: 1200 }, 12: { skipped: 2, failed: 1 } },
    elsewhere: { waiting: 1 },
    end: { completed: 2, goal: 1 },
};

/** The form of a plan, and what was asked of the server. */
async function showPlan({ flow = FLOW, arch = FORM, resId = 1, ...params } = {}) {
    const asked = [];
    onRpc("crm.care.plan", "get_flow", ({ args }) => {
        asked.push(args[0]);
        return flow;
    });
    await mountView({
        type: "form",
        resModel: "crm.care.plan",
        resId,
        arch,
        ...params,
    });
    await animationFrame();
    return asked;
}

const titles = () => queryAllTexts("[name=step] [name=title] > div > span:first-child");
const box = (number) => `[name=step]:eq(${number - 1})`;

const step = (resId, values = {}) => ({
    resId,
    elseId: false,
    hasCondition: false,
    isLast: false,
    ...values,
});

describe("layout", () => {
    test("steps follow one another, and the last one leads to the end", () => {
        const { steps, branches } = layOut([step(1), step(2)]);
        expect(steps.map(({ next }) => next)).toEqual(["then", "then"]);
        expect(branches).toEqual([]);
        expect(layOut([])).toEqual({ steps: [], branches: [] });
    });

    test("a branch leads past other steps; to the next step it needs no line", () => {
        const branch = { hasCondition: true };
        const { steps, branches } = layOut([
            step(1, { ...branch, elseId: 3 }),
            step(2, { ...branch, elseId: 3 }),
            step(3),
        ]);
        expect(branches).toEqual([{ from: 0, to: 2, lane: 0 }]);
        expect(steps.map(({ branchTo }) => branchTo)).toEqual([2, 2, -1]);
    });

    test("without a condition there is no branch", () => {
        expect(layOut([step(1, { elseId: 3 }), step(2), step(3)]).branches).toEqual([]);
    });

    test("branches that would cross have lanes of their own", () => {
        const to = (elseId) => ({ hasCondition: true, elseId });
        const { branches } = layOut([
            step(1, to(4)),
            step(2, to(5)),
            step(3),
            step(4, to(6)),
            step(5),
            step(6),
        ]);
        const lanes = Object.fromEntries(
            branches.map(({ from, lane }) => [from, lane])
        );
        // The last one begins where the first one ends.
        expect(lanes[3]).not.toBe(lanes[1]);
        expect(lanes[0]).not.toBe(lanes[1]);
        expect(Math.max(...branches.map(({ lane }) => lane))).toBe(1);
    });

    test("a step behind the end of the plan is reached by a branch alone", () => {
        const last = { isLast: true };
        const reached = (...steps) =>
            layOut(steps).steps.map(({ isReached }) => isReached);
        expect(reached(step(1, last), step(2))).toEqual([true, false]);
        expect(
            reached(step(1, { hasCondition: true, elseId: 3 }), step(2, last), step(3))
        ).toEqual([true, true, true]);
        const { steps } = layOut([step(1, { ...last, hasCondition: true }), step(2)]);
        expect(steps[0].next).toBe("otherwise");
        expect(steps[1].isReached).toBe(true);
    });

    test("a branch that leads back is not drawn", () => {
        const back = { hasCondition: true, elseId: 1 };
        expect(layOut([step(1), step(2), step(3, back)]).branches).toEqual([]);
    });

    test("numbers of steps stay, where they rise", () => {
        expect(numbered([10, 20, 30])).toEqual([10, 20, 30]);
        expect(numbered([7, 7, 8])).toEqual([7, 8, 9]);
        expect(numbered([10, 100_000, 100_000])).toEqual([10, 11, 12]);
    });
});

test("each step is a box with its words and numbers", async () => {
    const asked = await showPlan();
    expect(asked).toEqual([[1]]);
    expect("[name=start]").toHaveText(/First purchase/);
    expect(titles()).toEqual(["1. Thanks", "2. Call", "3. Note"]);
    expect(`${box(2)} [name=when]`).toHaveText("2 days later");
    expect(`${box(2)} [name=condition]`).toHaveText("Only if: They bought");
    expect(`${box(2)} [name=otherwise]`).toHaveText("Otherwise: skip this step");
    expect(queryAllTexts("[name=start] .btn")).toEqual([
        "8 enrolled",
        "1 waiting for a place",
    ]);
    expect(queryAllTexts(`${box(1)} .rounded-pill`)).toEqual([
        "1 waiting",
        "1,200 done",
    ]);
    expect(queryAllTexts(`${box(2)} .rounded-pill`)).toEqual(["2 skipped", "1 failed"]);
    expect(`${box(3)} .rounded-pill`).toHaveCount(0);
    expect(queryAllTexts("[name=end] .btn")).toEqual([
        "2 completed",
        "1 reached the goal",
    ]);
    expect("[name=elsewhere]").toHaveText(/1 waiting/);
});

test("a plan that never had customers shows no numbers", async () => {
    await showPlan({
        flow: { total: 0, start: {}, steps: {}, elsewhere: {}, end: {} },
    });
    expect("[name=step]").toHaveCount(3);
    expect(".rounded-pill").toHaveCount(0);
});

test("a plan without steps says so, and offers the first one", async () => {
    await showPlan({ resId: 2, flow: { ...FLOW, total: 0 } });
    expect("[name=no_steps]").toHaveText(/no steps yet/);
    expect("button[name=add_step]").toHaveCount(1);
    expect("[name=end]").toHaveCount(0);
});

test("numbers and boxes are named buttons in the order of the steps", async () => {
    await showPlan();
    const names = queryAll(".o_crm_plan_flow_field button:not(:disabled)").map(
        (button) => `${button.name}:${button.getAttribute("aria-label") || ""}`
    );
    expect(names.slice(0, 7)).toEqual([
        "enrolled:8 enrolled: First purchase",
        "queued:1 waiting for a place: First purchase",
        "open_step:",
        "move_down:Move “Thanks” down",
        "delete_step:Delete “Thanks”",
        "waiting:1 waiting: Thanks",
        "done:1,200 done: Thanks",
    ]);
    expect(".o_crm_plan_flow_field button[tabindex]").toHaveCount(0);
});

test("a number opens its customers", async () => {
    onRpc("crm.care.plan", "action_flow_customers", ({ args }) => {
        expect.step(args);
        return { type: "ir.actions.act_window", name: "Theirs" };
    });
    mockService("action", { doAction: (action) => expect.step(action.name) });
    await showPlan();
    await contains(`${box(1)} button[name=done]`).click();
    await contains("[name=end] button[name=goal]").click();
    await contains("[name=elsewhere] button[name=waiting]").click();
    expect.verifySteps([
        [[1], "done", 11],
        "Theirs",
        [[1], "goal", false],
        "Theirs",
        [[1], "waiting", false],
        "Theirs",
    ]);
});

test("the picture follows what is edited, before it is saved", async () => {
    await showPlan();
    await contains(`${box(1)} button[name=open_step]`).click();
    await contains(".modal [name=name] input").edit("Many Thanks");
    await contains(".modal .o_form_button_save").click();
    expect(titles()[0]).toBe("1. Many Thanks");
    await contains(`${box(3)} button[name=delete_step]`).click();
    expect(titles()).toEqual(["1. Many Thanks", "2. Call"]);
    await contains("[name=trigger_text] input").edit("Birthday");
    expect("[name=start]").toHaveText(/Birthday/);
});

test("steps change places, also with one that was just added", async () => {
    onRpc("crm.care.plan", "web_save", ({ args }) => {
        const commands = args[1].step_ids.map(([command, id, values]) => [
            command,
            command ? id : values.name,
            values.sequence,
        ]);
        expect.step(commands);
    });
    await showPlan();
    await contains(`${box(1)} button[name=move_down]`).click();
    expect(titles()).toEqual(["1. Call", "2. Thanks", "3. Note"]);
    await contains("button[name=add_step]").click();
    await contains(".modal [name=name] input").edit("New");
    await contains(".modal [name=sequence] input").edit("100000");
    await contains(".modal .o_form_button_save").click();
    // What was moved before is kept.
    expect(titles()).toEqual(["1. Call", "2. Thanks", "3. Note", "4. New"]);
    await contains(`${box(4)} button[name=move_up]`).click();
    expect(titles()).toEqual(["1. Call", "2. Thanks", "3. New", "4. Note"]);
    await contains(".o_form_button_save").click();
    expect.verifySteps([
        [
            [1, 11, 20],
            [1, 12, 10],
            [0, "New", 30],
            [1, 13, 31],
        ],
    ]);
});

test.tags("desktop");
test("the focus goes along with a step that is moved by the keyboard", async () => {
    await showPlan();
    queryOne(`${box(2)} button[name=move_up]`).focus();
    await press("Enter");
    await animationFrame();
    await animationFrame();
    expect(titles()[0]).toBe("1. Call");
    // At the top it cannot be moved further up: the step itself has it.
    expect(`${box(1)} button[name=open_step]`).toBeFocused();
});

test("a branch is a line, and named in the box", async () => {
    Step._records[0].condition = "bought";
    Step._records[0].else_step_id = 13;
    await showPlan();
    expect(`${box(1)} [name=otherwise]`).toHaveText("Otherwise: go to 3. Note");
    expect(".o_crm_plan_flow_branch[data-from='1'][data-to='3']").toHaveCount(1);
});

test("who may not edit reads the steps, and opens numbers", async () => {
    await showPlan({ arch: FORM.replace("<form>", '<form edit="0">') });
    for (const name of ["move_up", "move_down", "delete_step", "add_step"]) {
        expect(`button[name=${name}]`).toHaveCount(0);
    }
    expect("button[name=done]").toHaveCount(1);
    await contains(`${box(1)} button[name=open_step]`).click();
    expect(".modal [name=name]").toHaveText("Thanks");
    expect(".modal [name=name] input").toHaveCount(0);
});

test("many steps fit into the width there is", async () => {
    Plan._records[0].step_ids = Array.from(
        { length: 15 },
        (_each, index) => 100 + index
    );
    Step._records = Plan._records[0].step_ids.map((id, index) => ({
        id,
        name: `A rather long name of a step ${"that goes on ".repeat(index % 3)}`,
        kind: "mail",
        when_text: "1 day later",
        sequence: index,
        condition: index % 4 ? "" : "bought",
        if_text: index % 4 ? "" : "They bought",
        else_step_id: index % 4 || index > 9 ? false : 100 + index + 5,
    }));
    await showPlan();
    expect("[name=step]").toHaveCount(15);
    const root = queryOne(".o_crm_plan_flow_field");
    expect(root.scrollWidth).toBeLessThan(root.clientWidth + 1);
    expect(root.getBoundingClientRect().right).toBeLessThan(
        getFixture().getBoundingClientRect().right + 1
    );
});

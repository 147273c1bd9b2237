import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { beforeEach, expect, test } from "@odoo/hoot";
import { press, queryAllTexts, queryOne } from "@odoo/hoot-dom";
import { animationFrame, mockDate, runAllTimers } from "@odoo/hoot-mock";
import {
    contains,
    defineModels,
    getService,
    mockService,
    models,
    mountWithCleanup,
    onRpc,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";

import { Timeline } from "@crm_extended/timeline/timeline";

import { entry, head, page } from "./timeline_data";

class CrmTimeline extends models.Model {
    _name = "crm.timeline";
}

defineMailModels();
defineModels([CrmTimeline]);

let calls;

beforeEach(() => {
    mockDate("2026-05-20 12:00:00", 0);
    calls = [];
    mockService("action", {
        doAction(action, options) {
            calls.push(`open ${action.res_model || action}`);
            options?.onClose?.();
        },
    });
});

async function open({ entries = [], top = head(), answer = true } = {}) {
    onRpc("crm.timeline", "head", () => structuredClone(top));
    onRpc("crm.timeline", "get_page", () => {
        calls.push("page");
        return structuredClone(page(entries));
    });
    onRpc("crm.timeline", ["act", "compose"], ({ method, args }) => {
        calls.push(`${method} ${JSON.stringify(args.slice(2))}`);
        return answer;
    });
    await mountWithCleanup(Timeline, {
        props: { resModel: "res.partner", resId: 1, isPage: true },
    });
}

const composer = {
    type: "ir.actions.act_window",
    res_model: "mail.compose.message",
    views: [[false, "form"]],
    target: "new",
};

const todo = (changes = {}) =>
    entry({
        id: "activity-5",
        kind: "activity",
        title: "Ask",
        actions: ["done", "reschedule"],
        ...changes,
    });

test("an activity is marked as done with feedback", async () => {
    await open({ entries: [todo()] });
    await contains("button[name=act_done]").click();
    await contains(".o_crm_timeline_done textarea").edit("jk: they agree", {
        confirm: false,
    });
    await contains("button[name=confirm_done]").click();
    await runAllTimers();
    expect(".o_crm_timeline_done").toHaveCount(0);
    expect(calls).toEqual([
        "page",
        'act ["activity-5","done",{"feedback":"jk: they agree"}]',
        "page",
    ]);
});

test("an activity is rescheduled, or left as it is", async () => {
    await open({ entries: [todo()] });
    await contains("button[name=act_reschedule]").click();
    expect(queryAllTexts(".o_crm_timeline_days .btn-secondary")).toEqual([
        "Tomorrow",
        "Next Monday",
    ]);
    queryOne(".o_crm_timeline_days .btn-secondary:first").focus();
    await press("Escape");
    await animationFrame();
    expect(".o_crm_timeline_days").toHaveCount(0);
    for (const number of [0, 1]) {
        await contains("button[name=act_reschedule]").click();
        await contains(`.o_crm_timeline_days .btn-secondary:eq(${number})`).click();
        await runAllTimers();
    }
    expect(calls).toEqual([
        "page",
        'act ["activity-5","reschedule",{"date":"2026-05-21"}]',
        "page",
        'act ["activity-5","reschedule",{"date":"2026-05-25"}]',
        "page",
    ]);
});

test("a meeting is rescheduled in its own form", async () => {
    await open({
        entries: [entry({ id: "meeting-3", kind: "meeting", actions: ["reschedule"] })],
        answer: { ...composer, res_model: "calendar.event" },
    });
    await contains("button[name=act_reschedule]").click();
    await runAllTimers();
    expect(calls).toEqual([
        "page",
        'act ["meeting-3","reschedule",{}]',
        "open calendar.event",
        "page",
    ]);
});

test("a mail is answered, by click and by key", async () => {
    await open({
        entries: [entry({ id: "message-9", actions: ["reply"] })],
        answer: composer,
    });
    await contains("button[name=act_reply]").click();
    queryOne(".o_crm_timeline_entry").focus();
    await press("r");
    await runAllTimers();
    const answered = ['act ["message-9","reply",{}]', "open mail.compose.message"];
    expect(calls).toEqual(["page", ...answered, ...answered, "page"]);
});

test("nothing is offered that may not be done", async () => {
    await open({
        entries: [entry({ id: "message-9" })],
        top: head({ can_post: false, can_log: false }),
    });
    expect(".o_crm_timeline_action, .o_crm_timeline_new").toHaveCount(0);
    queryOne(".o_crm_timeline_entry").focus();
    await press("r");
    expect(calls).toEqual(["page"]);
});

test("a request unfolds and is answered by its message", async () => {
    const asked = entry({
        id: "message-7",
        kind: "email",
        body: "<b>It</b> does not turn on",
        actions: ["reply"],
    });
    const told = entry({ id: "message-8", kind: "interaction", body: "Sent to Ann" });
    await open({
        entries: [
            entry({
                id: "case-2",
                title: "My lamp",
                body: asked.body,
                actions: ["reply"],
                parts: [asked, told],
            }),
        ],
        answer: composer,
    });
    expect(".o_crm_timeline_entry").toHaveCount(1);
    expect(".o_crm_timeline_body").toHaveText(asked.body);
    expect(".o_crm_timeline_fold").toHaveText("Show details (2)");
    await contains(".o_crm_timeline_fold").click();
    expect(queryAllTexts("[data-part] .o_crm_timeline_body")).toEqual([
        asked.body,
        "Sent to Ann",
    ]);
    expect("[data-part] b").toHaveCount(0);
    expect(".o_crm_timeline_fold").toHaveText("Hide details");
    await contains("button[name=act_reply]").click();
    await runAllTimers();
    expect(calls[1]).toBe('act ["message-7","reply",{}]');
});

test("email, activity and log are on top", async () => {
    await open({ entries: [entry()], answer: composer });
    patchWithCleanup(getService("mail.store"), {
        scheduleActivity: (model, ids) => calls.push(`plan ${model} ${ids}`),
    });
    expect(queryAllTexts(".o_crm_timeline_new button")).toEqual([
        "Email",
        "Activity",
        "Log",
    ]);
    await contains("button[name=send_email]").click();
    await contains("button[name=plan_activity]").click();
    await contains("button[name=log_contact]").click();
    await runAllTimers();
    expect(calls).toEqual([
        "page",
        "compose []",
        "open mail.compose.message",
        "plan res.partner 1",
        "open crm_extended.crm_interaction_wizard_action",
        "page",
    ]);
});

import { defineMailModels, startServer } from "@mail/../tests/mail_test_helpers";
import { beforeEach, describe, expect, test } from "@odoo/hoot";
import { press, queryAllAttributes, queryAllTexts, queryOne } from "@odoo/hoot-dom";
import { animationFrame, mockDate, runAllTimers } from "@odoo/hoot-mock";
import {
    contains,
    defineModels,
    getMockEnv,
    getService,
    makeMockEnv,
    makeServerError,
    mockService,
    models,
    mountView,
    mountWithCleanup,
    onRpc,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";

import { currencies } from "@web/core/currency";
import { WebClient } from "@web/webclient/webclient";

import { Timeline } from "@crm_extended/timeline/timeline";
import { filtersToAddress, readAddress } from "@crm_extended/timeline/timeline_address";
import { groupEntries } from "@crm_extended/timeline/timeline_dates";
import { NO_FILTERS } from "@crm_extended/timeline/timeline_model";
import { TimelinePage } from "@crm_extended/timeline/timeline_page";

import { entry, head, page } from "./timeline_data";

class CrmTimeline extends models.Model {
    _name = "crm.timeline";
}

defineMailModels();
defineModels([CrmTimeline]);

let sights;
// Requests and actions, in their order.
let calls;

beforeEach(() => {
    mockDate("2026-05-20 12:00:00", 0);
    sights = [];
    calls = [];
    patchWithCleanup(window, {
        IntersectionObserver: class {
            constructor(callback) {
                sights.push(callback);
            }
            observe() {}
            unobserve() {}
            disconnect() {}
        },
    });
});

/** Mount the timeline of a contact; each request is recorded. */
async function openTimeline({ pages = [page([])], top = head(), props = {} } = {}) {
    let asked = 0;
    onRpc("crm.timeline", "head", ({ kwargs }) => {
        calls.push(`head ${kwargs.scope}`);
        return structuredClone(top);
    });
    onRpc("crm.timeline", "get_page", ({ args, kwargs }) => {
        const { context, limit, ...filters } = kwargs;
        calls.push(`page ${args.join(" ")} ${JSON.stringify(filters)}`);
        const answer = pages[Math.min(asked++, pages.length - 1)];
        return structuredClone(typeof answer === "function" ? answer(kwargs) : answer);
    });
    return mountWithCleanup(Timeline, {
        props: { resModel: "res.partner", resId: 1, ...props },
    });
}

const FIRST = 'page res.partner 1 {"cursor":false,"scope":"company"}';
const titles = () => queryAllTexts(".o_crm_timeline_title");
const asked = (filters) =>
    `page res.partner 1 ${JSON.stringify({ cursor: false, scope: "company", ...filters })}`;

describe("grouping", () => {
    beforeEach(() => makeMockEnv());

    const keys = (...dates) =>
        groupEntries(dates.map((date) => entry({ date }))).map(({ key }) => key);

    test("by day, week and month", () => {
        expect(
            keys(
                "2026-05-21 08:00:00",
                "2026-05-20 23:00:00",
                "2026-05-19 00:30:00",
                "2026-05-18 10:00:00",
                "2026-05-17 00:00:00",
                "2026-05-16 10:00:00",
                "2026-05-01 10:00:00",
                "2025-05-20 10:00:00"
            )
        ).toEqual(["later", "today", "yesterday", "week", "2026-05", "2025-05"]);
        const groups = groupEntries([entry({ date: "2025-12-31 10:00:00" })]);
        expect(groups[0].label).toBe("December 2025");
    });

    test("in the user's time zone, but mere dates stay", () => {
        mockDate("2026-05-20 12:00:00", 9);
        expect(keys("2026-05-20 16:00:00")).toEqual(["later"]);
        expect(keys("2026-05-19 16:00:00")).toEqual(["today"]);
        const day = entry({ date: "2026-05-19 00:00:00", all_day: true });
        expect(groupEntries([day])[0].key).toBe("yesterday");
        mockDate("2026-05-20 12:00:00", -9);
        expect(groupEntries([day])[0].key).toBe("yesterday");
    });
});

describe("days", () => {
    test("are those of the browser's clock, for the server, too", async () => {
        mockDate("2026-11-27 20:00:00", "Pacific/Honolulu");
        onRpc("crm.timeline", "*", ({ method, kwargs }) => {
            calls.push(`${method} ${kwargs.context.tz}`);
            return method === "head" ? head() : page([]);
        });
        await mountWithCleanup(Timeline, {
            props: { resModel: "res.partner", resId: 1 },
        });
        expect(calls).toEqual(["head Pacific/Honolulu", "get_page Pacific/Honolulu"]);
    });

    test("an all-day meeting is on its day and without a time", async () => {
        mockDate("2026-11-27 20:00:00", "Pacific/Honolulu");
        const fair = { title: "Fair", date: "2026-11-27 00:00:00", all_day: true };
        const mail = { title: "Mail", date: "2026-11-27 03:00:00" };
        await openTimeline({ pages: [page([entry(fair), entry(mail)])] });
        expect("[data-section=today] .o_crm_timeline_title").toHaveText("Fair");
        expect("[data-section=today] time").toHaveText("Fri, Nov 27");
        expect("[data-section=today] time").toHaveAttribute("datetime", "2026-11-27");
        expect("[data-section=yesterday] .o_crm_timeline_title").toHaveText("Mail");
        expect("[data-section=yesterday] time").toHaveText(/5:00.PM/);
    });

    test("what stands on top is filtered by them as well", async () => {
        mockDate("2026-11-27 20:00:00", "Pacific/Honolulu");
        const fair = { title: "Fair", date: "2026-11-21 00:00:00", all_day: true };
        await openTimeline({ top: head({ pinned: [entry(fair)] }) });
        await contains("button[name=filters]").click();
        await contains("select[name=period]").select("week");
        expect(titles()).toEqual(["Fair"]);
    });
});

describe("what is shown", () => {
    test("counts that are lower bounds say so", async () => {
        const counts = { email: 100, order: 3 };
        await openTimeline({
            pages: [
                page([entry()], { counts, at_least: ["order", "interaction"] }),
                page([entry()], { counts }),
            ],
        });
        expect(queryAllTexts(".o_crm_timeline_count")).toEqual(["99+", "0+", "3+"]);
        await contains(".o_crm_timeline_kinds [data-kind=order]").click();
        expect(queryAllTexts(".o_crm_timeline_count")).toEqual(["99+", "3"]);
    });

    test("upcoming first, then pinned, and each entry once", async () => {
        const late = entry({ title: "Late", overdue: true, kind: "interaction" });
        const soon = entry({
            title: "Soon",
            upcoming: true,
            date: "2026-05-23 09:00:00",
        });
        const kept = entry({
            title: "Kept",
            pinned: true,
            date: "2026-01-01 09:00:00",
        });
        await openTimeline({
            top: head({ upcoming: [late, soon], pinned: [kept] }),
            pages: [page([soon, entry({ title: "Mail" }), late, kept])],
        });
        expect(titles()).toEqual(["Late", "Soon", "Kept", "Mail"]);
        expect(queryAllTexts(".o_crm_timeline_group")).toEqual([
            "Upcoming and Overdue",
            "Pinned",
            "Today",
        ]);
        expect(".o_crm_timeline_overdue").toHaveCount(1);
        expect(".o_crm_timeline_overdue .badge").toHaveText("Overdue");
        expect(calls).toEqual(["head company", FIRST]);
    });

    test("what lies ahead and is not above has its place by its date", async () => {
        const soon = entry({ title: "Soon", upcoming: true, body: "Call" });
        const found = [
            entry({ title: "51st", upcoming: true, date: "2026-05-25 09:00:00" }),
            entry({ title: "Late", overdue: true, date: "2026-05-19 09:00:00" }),
        ];
        await openTimeline({
            top: head({ upcoming: [soon] }),
            pages: [page([found[0], soon, found[1]]), page(found)],
        });
        expect(titles()).toEqual(["Soon", "51st", "Late"]);
        expect(queryAllTexts(".o_crm_timeline_group")).toEqual([
            "Upcoming and Overdue",
            "Later",
            "Yesterday",
        ]);
        // Found by what is not in the title: counted, and shown as well.
        await contains(".o_crm_timeline_search").edit("to-do", { confirm: false });
        await runAllTimers();
        expect(titles()).toEqual(["51st", "Late"]);
    });

    test("only what the reader may do", async () => {
        await openTimeline({
            top: head({ can_log: false, can_pin: false }),
            pages: [page([entry()])],
        });
        expect("button[name=print]").toHaveCount(1);
        expect("button[name=log_contact]").toHaveCount(0);
        expect(".o_crm_timeline_pin").toHaveCount(0);
        queryOne(".o_crm_timeline_entry").focus();
        await press("p");
        await animationFrame();
        expect(calls).toEqual(["head company", FIRST]);
    });

    test("hostile texts stay texts", async () => {
        const hostile = "<img src=x onerror=alert(1)><b>bold</b>";
        await openTimeline({
            pages: [page([entry({ title: hostile, body: hostile })])],
        });
        expect(titles()).toEqual([hostile]);
        expect(".o_crm_timeline_body").toHaveText(hostile);
        expect(".o_crm_timeline_entry img[src=x], .o_crm_timeline_entry b").toHaveCount(
            0
        );
    });

    test("amount, state, direction and contact", async () => {
        patchWithCleanup(currencies, {
            7: { name: "EUR", digits: [69, 2], position: "after", symbol: "€" },
        });
        await openTimeline({
            pages: [
                page([
                    entry({
                        amount: 0,
                        currency_id: 7,
                        state: { label: "Paid", color: "success" },
                        direction: "in",
                        channel: { key: "phone", label: "Phone", icon: "fa-phone" },
                        contact: { id: 2, name: "Brandon" },
                    }),
                    entry({ contact: { id: 1, name: "Azure" }, author: false }),
                ]),
            ],
        });
        const [first, second] = queryAllTexts(".o_crm_timeline_entry");
        for (const text of ["0.00 €", "Paid", "Incoming", "Phone", "Brandon"]) {
            expect(first).toInclude(text);
        }
        expect(second).not.toInclude("Azure");
    });

    test("long bodies are folded, one or all unfolded", async () => {
        const body = "word ".repeat(200);
        await openTimeline({
            pages: [page([entry({ body, more: true }), entry({ body }), entry()])],
        });
        expect(".o_crm_timeline_folded").toHaveCount(2);
        await contains(".o_crm_timeline_fold:first").click();
        expect(".o_crm_timeline_folded").toHaveCount(1);
        expect(".o_crm_timeline_entry:first").toHaveText(
            /Open the record to see the full content/
        );
        await contains("button[name=toggle_all]").click();
        expect(".o_crm_timeline_folded").toHaveCount(0);
        await contains("button[name=toggle_all]").click();
        expect(".o_crm_timeline_folded").toHaveCount(2);
    });

    test("nothing at all, and nothing that matches", async () => {
        await openTimeline();
        expect(".o_crm_timeline_empty").toHaveCount(1);
        expect(".o_crm_timeline_kinds").toHaveCount(0);
        await contains(".o_crm_timeline_search").edit("xyz", { confirm: false });
        await runAllTimers();
        await animationFrame();
        expect(".o_crm_timeline_nothing").toHaveCount(1);
        await contains(".o_crm_timeline_nothing button").click();
        expect(".o_crm_timeline_empty").toHaveCount(1);
        expect(".o_crm_timeline_search").toHaveValue("");
        expect(calls).toEqual([
            "head company",
            FIRST,
            asked({ search: "xyz" }),
            asked({}),
        ]);
    });
});

describe("filters", () => {
    test("kinds with their counts, capped", async () => {
        await openTimeline({
            pages: [page([entry()], { counts: { email: 100, order: 3 } })],
        });
        const labels = () =>
            queryAllTexts(".o_crm_timeline_kinds button").map((text) =>
                text.replace(/\s+/g, " ")
            );
        expect(labels()).toEqual(["Emails99+", "Orders3"]);
        await contains(".o_crm_timeline_kinds [data-kind=order]").click();
        await contains(".o_crm_timeline_kinds [data-kind=email]").click();
        await contains(".o_crm_timeline_kinds [data-kind=order]").click();
        expect(".o_crm_timeline_kinds [aria-pressed=true]").toHaveCount(1);
        expect(calls).toEqual([
            "head company",
            FIRST,
            asked({ kinds: ["order"] }),
            asked({ kinds: ["order", "email"] }),
            asked({ kinds: ["email"] }),
        ]);
    });

    test("what Odoo wrote is switched on beside the others", async () => {
        const system = {
            key: "system",
            label: "System",
            icon: "fa-cog",
            on_demand: true,
        };
        const counts = { system: 7, email: 2, order: 1 };
        const first = page([entry()], { counts });
        await openTimeline({
            top: head({ kinds: [system, ...head().kinds] }),
            pages: [first],
        });
        const pills = () =>
            queryAllAttributes(".o_crm_timeline_kinds button", "data-kind");
        expect(pills()).toEqual(["email", "order", "system"]);
        expect(".o_crm_timeline_kinds [aria-pressed=true]").toHaveCount(0);
        const choose = (kind) =>
            contains(`.o_crm_timeline_kinds [data-kind=${kind}]`).click();
        await choose("system");
        expect(".o_crm_timeline_kinds [aria-pressed=true]").toHaveText(/System/);
        await choose("order");
        await choose("system");
        await choose("order");
        expect(calls).toEqual([
            "head company",
            FIRST,
            asked({ kinds: ["email", "interaction", "order", "system"] }),
            asked({ kinds: ["order", "system"] }),
            asked({ kinds: ["order"] }),
            asked({}),
        ]);
        expect(
            readAddress(filtersToAddress({ ...NO_FILTERS, extra: ["system"] }))
        ).toEqual({ ...NO_FILTERS, extra: ["system"] });
    });

    test("period, author and direction, also for what is on top", async () => {
        const soon = entry({
            title: "Soon",
            upcoming: true,
            direction: "out",
            date: "2026-05-23 09:00:00",
        });
        await openTimeline({ top: head({ upcoming: [soon] }) });
        await contains("button[name=filters]").click();
        await contains("select[name=period]").select("week");
        expect(titles()).toEqual(["Soon"]);
        await contains("select[name=author]").select("7");
        await contains("select[name=direction]").select("out");
        expect(titles()).toEqual(["Soon"]);
        await contains("select[name=direction]").select("in");
        expect(titles()).toEqual([]);
        expect("button[name=filters] .badge").toHaveText("3");
        await contains("select[name=direction]").select("");
        await contains("select[name=author]").select("");
        await contains("select[name=period]").select("last_year");
        expect(titles()).toEqual([]);
        const week = { date_from: "2026-05-14 00:00:00" };
        expect(calls).toEqual([
            "head company",
            FIRST,
            asked(week),
            asked({ ...week, author_id: 7 }),
            asked({ ...week, author_id: 7, direction: "out" }),
            asked({ ...week, author_id: 7, direction: "in" }),
            asked({ ...week, author_id: 7 }),
            asked(week),
            asked({ date_from: "2025-01-01 00:00:00", date_to: "2025-12-31 23:59:59" }),
        ]);
    });

    test("what is typed is searched for once", async () => {
        await openTimeline();
        for (const text of ["o", "of", "offer "]) {
            await contains(".o_crm_timeline_search").edit(text, { confirm: false });
        }
        await runAllTimers();
        expect(calls).toEqual(["head company", FIRST, asked({ search: "offer" })]);
    });

    test("the contact or its whole company", async () => {
        await openTimeline();
        await contains("button[name=scope_contact]").click();
        expect("button[name=scope_contact]").toHaveAttribute("aria-pressed", "true");
        expect(calls).toEqual([
            "head company",
            FIRST,
            "head contact",
            asked({ scope: "contact" }),
        ]);
    });

    test("a person alone has no company to switch to", async () => {
        await openTimeline({ top: head({ has_company: false }) });
        expect("button[name=scope_contact]").toHaveCount(0);
    });
});

describe("more", () => {
    const two = () => [
        page([entry({ title: "One" })], { cursor: "a" }),
        page([entry({ title: "Two" })]),
    ];

    test("by button", async () => {
        await openTimeline({ pages: two() });
        await contains("button[name=load_more]").click();
        expect(titles()).toEqual(["One", "Two"]);
        expect("button[name=load_more]").toHaveCount(0);
        expect(calls).toEqual(["head company", FIRST, asked({ cursor: "a" })]);
    });

    test("by scrolling, and each page once", async () => {
        await openTimeline({ pages: two() });
        const scroll = () => sights.forEach((see) => see([{ isIntersecting: true }]));
        scroll();
        scroll();
        await animationFrame();
        await animationFrame();
        expect(titles()).toEqual(["One", "Two"]);
        scroll();
        expect(calls).toEqual(["head company", FIRST, asked({ cursor: "a" })]);
    });

    test("when the next page fails, what is there stays", async () => {
        let broken = true;
        await openTimeline({
            pages: [
                two()[0],
                () => {
                    if (broken) {
                        throw makeServerError({ message: "Gone fishing" });
                    }
                    return two()[1];
                },
            ],
        });
        await contains("button[name=load_more]").click();
        expect(".o_crm_timeline_more_error").toHaveText(/Gone fishing/);
        expect(titles()).toEqual(["One"]);
        broken = false;
        await contains(".o_crm_timeline_more_error button").click();
        expect(titles()).toEqual(["One", "Two"]);
    });

    test("when the first page fails, it can be tried again", async () => {
        let broken = true;
        await openTimeline({
            pages: [
                () => {
                    if (broken) {
                        throw makeServerError({ message: "Gone fishing" });
                    }
                    return two()[1];
                },
            ],
        });
        expect(".o_crm_timeline_error[role=alert]").toHaveText(/Gone fishing/);
        expect(".o_crm_timeline_toolbar").toHaveCount(0);
        broken = false;
        await contains(".o_crm_timeline_error button").click();
        expect(titles()).toEqual(["Two"]);
        expect(".o_crm_timeline_error").toHaveCount(0);
    });
});

describe("what can be done with an entry", () => {
    test("it is pinned for all, and unpinned", async () => {
        onRpc("crm.timeline", ["pin", "unpin"], ({ method, args }) => {
            calls.push(`${method} ${args.join(" ")}`);
            return true;
        });
        await openTimeline({
            pages: [page([entry({ id: "message-900", title: "Mail" }), entry()])],
        });
        await contains("[data-entry='message-900'] .o_crm_timeline_pin").click();
        expect("[data-section=pinned] .o_crm_timeline_title").toHaveText("Mail");
        expect("[data-entry='message-900']").toHaveCount(1);
        await contains("[data-section=pinned] .o_crm_timeline_pin").click();
        expect("[data-section=pinned]").toHaveCount(0);
        expect("[data-section=today] [data-entry='message-900']").toHaveCount(1);
        expect(calls).toEqual([
            "head company",
            FIRST,
            "pin res.partner 1 message-900",
            "unpin res.partner 1 message-900",
        ]);
    });

    test("its record is opened, a contact logged", async () => {
        mockService("action", {
            doAction(action, options) {
                calls.push(
                    action.res_model
                        ? `open ${action.res_model} ${action.res_id}`
                        : `${action} ${options.additionalContext.active_model}`
                );
                options?.onClose?.();
            },
        });
        await openTimeline({
            pages: [
                page([entry({ record: { model: "sale.order", id: 5, name: "S5" } })]),
            ],
        });
        await contains("a.o_crm_timeline_title").click();
        await contains("button[name=log_contact]").click();
        await runAllTimers();
        expect(calls).toEqual([
            "head company",
            FIRST,
            "open sale.order 5",
            "crm_extended.crm_interaction_wizard_action res.partner",
            "head company",
            FIRST,
        ]);
    });

    test("it is printed as it is filtered", async () => {
        onRpc("crm.timeline", "get_print_action", ({ args, kwargs }) => {
            const { context, ...options } = kwargs;
            calls.push(`print ${args.join(" ")} ${JSON.stringify(options)}`);
            return { type: "ir.actions.report", name: "made" };
        });
        mockService("action", { doAction: (action) => calls.push(action.name) });
        await openTimeline({ pages: [page([entry()])] });
        await contains(".o_crm_timeline_kinds [data-kind=email]").click();
        await contains("button[name=print]").click();
        expect(calls.slice(3)).toEqual([
            'print res.partner 1 {"scope":"company","kinds":["email"]}',
            "made",
        ]);
    });

    test("by keyboard", async () => {
        mockService("action", {
            doAction: (action) => calls.push(`open ${action.res_id}`),
        });
        await openTimeline({
            pages: [
                page([
                    entry({ title: "One", body: "line\n".repeat(9) }),
                    entry({ title: "Two", record: { model: "res.partner", id: 22 } }),
                    entry({ title: "Three" }),
                ]),
            ],
        });
        expect(queryAllAttributes(".o_crm_timeline_entry", "tabindex")).toEqual([
            "0",
            "-1",
            "-1",
        ]);
        const focused = () =>
            document.activeElement.querySelector(".o_crm_timeline_title")?.textContent;
        queryOne(".o_crm_timeline_entry:first").focus();
        await press(" ");
        await animationFrame();
        expect(".o_crm_timeline_folded").toHaveCount(0);
        const seen = [];
        for (const key of [
            "j",
            "ArrowDown",
            "ArrowDown",
            "k",
            "Home",
            "End",
            "ArrowUp",
        ]) {
            await press(key);
            await animationFrame();
            seen.push(focused());
        }
        expect(seen).toEqual(["Two", "Three", "Three", "Two", "One", "Three", "Two"]);
        await press("Enter");
        await animationFrame();
        expect(".o_crm_timeline_entry[tabindex='0'] .o_crm_timeline_title").toHaveText(
            "Two"
        );
        expect(calls).toEqual(["head company", FIRST, "open 22"]);
    });
});

test("it is asked for when its tab is opened, and again when the chatter reloads", async () => {
    onRpc("crm.timeline", "head", () => head());
    onRpc("crm.timeline", "get_page", () => {
        calls.push("page");
        return page([entry({ title: "Mail" })]);
    });
    const pyEnv = await startServer();
    const resId = pyEnv["res.partner"].create({ name: "Azure" });
    await mountView({
        type: "form",
        resModel: "res.partner",
        resId,
        arch: `<form><sheet><field name="name"/><notebook>
            <page string="First"><field name="email"/></page>
            <page name="timeline" string="Timeline"><widget name="crm_timeline"/></page>
        </notebook></sheet></form>`,
    });
    expect(calls).toEqual([]);
    await contains("a.nav-link[name=timeline]").click();
    expect(titles()).toEqual(["Mail"]);
    expect(calls).toEqual(["page"]);
    const { bus } = getMockEnv();
    bus.trigger("MAIL:RELOAD-THREAD", { model: "res.partner", id: resId + 1 });
    bus.trigger("MAIL:RELOAD-THREAD", { model: "res.partner", id: resId });
    await runAllTimers();
    expect(calls).toEqual(["page", "page"]);
});

describe("page", () => {
    test("its address says what is shown", async () => {
        expect(TimelinePage.path).toBe("timeline");
        onRpc("crm.timeline", "head", () => head());
        onRpc("crm.timeline", "get_page", ({ args, kwargs }) => {
            const { scope, kinds } = kwargs;
            calls.push(`${args.join(" ")} ${scope} ${kinds || ""}`);
            return page([entry()], { counts: { email: 1, order: 2 } });
        });
        await mountWithCleanup(WebClient);
        await getService("action").doAction({
            type: "ir.actions.client",
            tag: "crm_extended.timeline",
            params: {
                resModel: "crm.lead",
                resId: 5,
                scope: "contact",
                kinds: "order",
            },
        });
        await animationFrame();
        expect(".o_breadcrumb").toHaveText(/Timeline: Azure/);
        expect(".o_crm_timeline_kinds [data-kind=order]").toHaveAttribute(
            "aria-pressed",
            "true"
        );
        await contains(".o_crm_timeline_kinds [data-kind=email]").click();
        const { currentState } = getService("action").currentController;
        expect(currentState).toMatchObject({
            resModel: "crm.lead",
            resId: 5,
            scope: "contact",
            kinds: "order,email",
        });
        expect(calls).toEqual([
            "crm.lead 5 contact order",
            "crm.lead 5 contact order,email",
        ]);
    });

    test("its address says how it is filtered", async () => {
        const days = {
            period: "custom",
            date_from: "2026-02-01",
            date_to: "2026-02-09",
        };
        onRpc("crm.timeline", "head", () => head());
        onRpc("crm.timeline", "get_page", ({ kwargs }) => {
            const { date_from, date_to, author_id, direction } = kwargs;
            calls.push([date_from, date_to, author_id, direction].join(" "));
            const author = { id: 99, name: "Once Here", avatar: "" };
            return page([entry({ author })]);
        });
        await mountWithCleanup(WebClient);
        await getService("action").doAction({
            type: "ir.actions.client",
            tag: "crm_extended.timeline",
            params: { resId: 5, ...days, author_id: 99, direction: "in" },
        });
        await animationFrame();
        const state = () => getService("action").currentController.currentState;
        expect(state()).toMatchObject({ ...days, author_id: 99, direction: "in" });
        await contains("button[name=filters]").click();
        expect("select[name=author] option:checked").toHaveText("Once Here");
        await contains("select[name=author]").select("");
        await contains("select[name=direction]").select("");
        await contains("select[name=period]").select("week");
        expect(state()).toMatchObject({ period: "week" });
        for (const name of ["date_from", "date_to", "author_id", "direction"]) {
            expect(state()[name]).toBe(undefined);
        }
        expect(calls[0]).toBe("2026-02-01 00:00:00 2026-02-09 23:59:59 99 in");
        expect(calls.at(-1).trim()).toBe("2026-05-14 00:00:00");
        expect(
            readAddress({
                period: "never",
                date_from: "x",
                author_id: "-1",
                direction: "up",
            })
        ).toEqual(NO_FILTERS);
        const { date_from } = readAddress({ period: "custom", date_from: "<b>" });
        expect(date_from).toBe(false);
    });

    test("without anybody it says how to come here", async () => {
        await mountWithCleanup(WebClient);
        await getService("action").doAction({
            type: "ir.actions.client",
            tag: "crm_extended.timeline",
        });
        expect(".o_crm_timeline_page [role=status]").toHaveCount(1);
    });
});

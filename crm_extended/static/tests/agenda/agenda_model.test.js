import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { beforeEach, describe, expect, test } from "@odoo/hoot";
import {
    manuallyDispatchProgrammaticEvent,
    queryAllTexts,
    queryOne,
} from "@odoo/hoot-dom";
import { animationFrame, Deferred, tick } from "@odoo/hoot-mock";
import {
    contains,
    getService,
    mountWithCleanup,
    onRpc,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import { localization } from "@web/core/l10n/localization";
import { WebClient } from "@web/webclient/webclient";

import { AgendaModel } from "@crm_extended/agenda/agenda_model";

const NAMES = ["Ada", "Bert", "Cleo"];

const row = (name, index) => ({
    id: index + 1,
    partner_id: index + 11,
    name,
    city: "",
    money: 100,
    is_revenue: false,
    pressure: 0.8,
    channels: [
        {
            channel: "phone",
            contact_id: index + 11,
            contact: name,
            phone: "",
            email: "",
            from: false,
        },
    ],
    reasons: [
        {
            key: "lead",
            icon: "fa-snowflake-o",
            label: "Opportunity",
            text: `Reason of ${name}`,
            purpose: "service",
            weight: 0.4,
            money: 100,
            res_model: "crm.lead",
            res_id: index + 1,
            channels: ["phone"],
        },
    ],
});

const day = (names, done = 0) => ({
    day: "2026-11-27",
    rows: names.map(row),
    rule: [],
    actions: [],
    done,
    total: names.length + done,
    size: 20,
    currency_id: 1,
});

/** A model whose server is a function of the method and its arguments. */
function modelWith(answer) {
    return new AgendaModel({
        call: async (model, method, args, kwargs) =>
            answer({ model, method, args, kwargs }),
    });
}

const namesOf = (model) => model.rows.map((one) => one.name);

describe("Agenda model", () => {
    test("a customer who is settled leaves the list, and the next one is current", async () => {
        const calls = [];
        const model = modelWith(({ method, args }) => {
            calls.push([method, ...args]);
            return day(NAMES);
        });
        await model.load();
        model.move(1);
        expect(model.row.name).toBe("Bert");
        await model.settle(model.row, "action_snooze", ["2026-12-01", "Holiday"]);
        expect(calls.at(-1)).toEqual(["action_snooze", [2], "2026-12-01", "Holiday"]);
        expect(namesOf(model)).toEqual(["Ada", "Cleo"]);
        expect([model.row.name, model.done, model.total]).toEqual(["Cleo", 1, 3]);
        // One before the current one: that stays.
        await model.settle(model.rows[0], "action_skip");
        expect(model.row.name).toBe("Cleo");
        expect(model.isFinished).toBe(false);
        await model.settle(model.row, "action_done");
        expect(model.isFinished).toBe(true);
    });

    test("what fails is taken back", async () => {
        let fails = false;
        const model = modelWith(() => {
            if (fails) {
                throw new Error("refused");
            }
            return day(NAMES);
        });
        await model.load();
        fails = true;
        model.move(1);
        let message = "";
        try {
            await model.settle(model.row, "action_done");
        } catch (error) {
            message = error.message;
        }
        expect(message).toBe("refused");
        expect(namesOf(model)).toEqual(NAMES);
        expect([model.row.name, model.done]).toEqual(["Bert", 0]);
        // A row that is not listed any more changes nothing.
        await model.settle({ id: 99 }, "action_done");
        expect(namesOf(model)).toEqual(NAMES);
    });

    test("one cannot move past the ends, and stays with a customer on a reload", async () => {
        let names = NAMES;
        const model = modelWith(() => day(names));
        await model.load();
        model.move(-1);
        expect(model.row.name).toBe("Ada");
        model.move(9);
        expect(model.row.name).toBe("Cleo");
        model.moveTo(1);
        names = ["Ada", "Bert"];
        await model.load();
        expect(model.row.name).toBe("Bert");
    });

    test("a list and what is done with it do not overtake each other", async () => {
        const open = new Set(NAMES);
        const asked = [];
        const model = modelWith(({ method, args }) => {
            const answer = new Deferred();
            asked.push(() => {
                if (method === "get_today") {
                    const rows = day(NAMES).rows.filter(({ name }) => open.has(name));
                    return answer.resolve({
                        ...day(NAMES),
                        rows,
                        done: 3 - rows.length,
                    });
                }
                open.delete(NAMES[args[0][0] - 1]);
                return answer.resolve(true);
            });
            return answer;
        });
        const answerNext = async () => {
            await tick();
            asked.shift()();
            await tick();
        };
        const first = model.load();
        await answerNext();
        await first;
        // A list is on its way when Ada is settled, and one is asked for after that.
        const early = model.load();
        const settled = model.settle(model.row, "action_done");
        const late = model.load(true);
        await tick();
        expect(asked).toHaveLength(1);
        await answerNext();
        await early;
        expect([namesOf(model), model.done]).toEqual([["Bert", "Cleo"], 1]);
        await answerNext();
        await settled;
        await answerNext();
        await late;
        expect([namesOf(model), model.done]).toEqual([["Bert", "Cleo"], 1]);
        expect(model.isExhausted).toBe(true);
    });

    test("asking for more says whether any came", async () => {
        let names = [];
        const model = modelWith(({ kwargs }) => day(kwargs.more ? names : [], 1));
        await model.load();
        expect([model.isFinished, model.isExhausted]).toEqual([true, false]);
        await model.load(true);
        expect(model.isExhausted).toBe(true);
        names = ["Dora"];
        await model.load(true);
        expect([model.isExhausted, model.row.name]).toEqual([false, "Dora"]);
    });
});

describe("Agenda page", () => {
    defineMailModels();

    beforeEach(async () => {
        onRpc("has_group", () => false);
        onRpc("crm.customer.agenda", "get_today", () => day(NAMES));
        onRpc("crm.agenda.item", "*", ({ method, args }) => {
            expect.step(`${method} ${args[0]}`);
            return true;
        });
    });

    async function openPage() {
        await mountWithCleanup(WebClient);
        await getService("action").doAction({
            type: "ir.actions.client",
            tag: "crm_extended.customer_agenda",
        });
    }

    async function swipe(from, to, down = 0) {
        const el = queryOne(".o_agenda_current");
        const at = (x, y) => [
            new Touch({ identifier: 1, target: el, clientX: x, clientY: y }),
        ];
        await manuallyDispatchProgrammaticEvent(el, "touchstart", {
            touches: at(from, 100),
            changedTouches: at(from, 100),
        });
        await manuallyDispatchProgrammaticEvent(el, "touchend", {
            touches: [],
            changedTouches: at(to, 100 + down),
        });
        await animationFrame();
    }

    test("a finger that swipes forwards contacts, backwards is not now", async () => {
        await openPage();
        await swipe(50, 250);
        expect.verifySteps(["action_done 1"]);
        expect(".o_notification:contains('Ada: contacted')").toHaveCount(1);
        await swipe(250, 50);
        expect.verifySteps(["action_skip 2"]);
    });

    test("a short or slanting move is no swipe", async () => {
        await openPage();
        await swipe(50, 100);
        await swipe(50, 250, 150);
        expect.verifySteps([]);
    });

    test("right to left it is the other way round", async () => {
        await openPage();
        patchWithCleanup(localization, { direction: "rtl" });
        await swipe(50, 250);
        expect.verifySteps(["action_skip 1"]);
        await swipe(250, 50);
        expect.verifySteps(["action_done 2"]);
    });

    test.tags("desktop");
    test("buttons settle their own row", async () => {
        await openPage();
        expect(queryAllTexts(".o_agenda_name")).toEqual(NAMES);
        await contains(".o_agenda_row:eq(1) button[name=skip]").click();
        expect.verifySteps(["action_skip 2"]);
        expect(queryAllTexts(".o_agenda_name")).toEqual(["Ada", "Cleo"]);
    });
});

import { expect, test } from "@odoo/hoot";
import { click } from "@odoo/hoot-dom";
import { advanceTime, animationFrame, mockDate } from "@odoo/hoot-mock";
import {
    mockService,
    mountWithCleanup,
    onRpc,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { rpcBus } from "@web/core/network/rpc";
import { session } from "@web/session";
import { ASK_EVERY, CareDueMenu } from "@crm_extended/care/care_due_menu";

defineMailModels();

const BADGE = ".o_crm_care_due .badge";
const MINUTES = 60_000;

function answer(due, values = {}) {
    onRpc("res.users", "care_due_cases", () => {
        expect.step("asked");
        return { shown: true, now: "2026-03-16 10:00:00", soon: 4, due, ...values };
    });
}

test("nobody is asked who does not want it", async () => {
    answer([]);
    await mountWithCleanup(CareDueMenu);
    await advanceTime(ASK_EVERY * 2);
    expect(".o_crm_care_due").toHaveCount(0);
    expect.verifySteps([]);
});

test("counts on by itself and opens the cases", async () => {
    mockDate("2026-03-16 10:00:00", 0);
    patchWithCleanup(session, { care_systray: true });
    mockService("action", {
        doAction: (name, options) => {
            expect.step(name);
            expect(options.additionalContext).toEqual({
                search_default_due_soon: 1,
                search_default_missed: 1,
            });
        },
    });
    answer([false, "2026-03-16 10:02:00", "2026-03-16 14:03:00"]);
    await mountWithCleanup(CareDueMenu);
    await animationFrame();
    expect.verifySteps(["asked"]);
    expect(BADGE).toHaveText("2");
    expect(BADGE).toHaveClass("text-bg-danger");
    expect(".o_crm_care_due").toHaveAttribute(
        "title",
        "My cases: 1 missed, 1 due soon"
    );
    await advanceTime(5 * MINUTES);
    expect(BADGE).toHaveText("3");
    expect(".o_crm_care_due").toHaveAttribute(
        "title",
        "My cases: 2 missed, 1 due soon"
    );
    expect.verifySteps([]);
    await click(".o_crm_care_due");
    expect.verifySteps(["crm_extended.crm_care_case_my_action"]);
});

test("asks again after a while, and once when preferences change", async () => {
    mockDate("2026-03-16 10:00:00", 0);
    answer([], { shown: false });
    await mountWithCleanup(CareDueMenu);
    expect.verifySteps([]);
    answer(["2026-03-16 13:00:00"]);
    for (const method of ["web_save", "write", "read"]) {
        rpcBus.trigger("RPC:RESPONSE", {
            data: { params: { model: "res.users", method } },
            settings: { silent: true },
        });
    }
    await advanceTime(3_000);
    await animationFrame();
    expect.verifySteps(["asked"]);
    expect(BADGE).toHaveText("1");
    expect(BADGE).toHaveClass("text-bg-warning");
    answer([], { shown: false });
    await advanceTime(ASK_EVERY);
    await animationFrame();
    expect.verifySteps(["asked"]);
    expect(".o_crm_care_due").toHaveCount(0);
});

test("many", async () => {
    mockDate("2026-03-16 10:00:00", 0);
    patchWithCleanup(session, { care_systray: true });
    answer(Array(100).fill(false));
    await mountWithCleanup(CareDueMenu);
    await animationFrame();
    expect(BADGE).toHaveText("99+");
    expect.verifySteps(["asked"]);
});

import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { expect, test } from "@odoo/hoot";
import { click, queryAllTexts } from "@odoo/hoot-dom";
import { advanceTime, animationFrame, Deferred } from "@odoo/hoot-mock";
import {
    mockService,
    mountWithCleanup,
    onRpc,
    patchWithCleanup,
    serverState,
} from "@web/../tests/web_test_helpers";

import { user } from "@web/core/user";
import { FirstSteps } from "@crm_extended/rfm/first_steps/first_steps";

defineMailModels();

const UPDATE = "action_first_step_scores";
const PHASES = ".o_crm_first_steps_phases li";

/** The checklist with the step about scores open, and what the server would send. */
async function mountChecklist() {
    let send;
    mockService("bus_service", {
        subscribe: (type, callback) => {
            if (type === "crm_extended.progress") {
                send = callback;
            }
        },
        unsubscribe: () => {},
        addEventListener: () => {},
        addChannel: () => {},
        start: () => {},
    });
    patchWithCleanup(user, { hasGroup: () => Promise.resolve(true) });
    const step = { id: 3, title: "Update scores", description: "", state: "open" };
    onRpc("onboarding.onboarding", "get_first_steps", () => ({
        is_closed: false,
        done: 0,
        steps: [step],
    }));
    onRpc("onboarding.onboarding", "get_first_step_details", () => ({
        facts: ["Customers scored: 0"],
        buttons: [
            { label: "Update Scores", method: UPDATE, wait: "Scoring all customers…" },
        ],
    }));
    const working = new Deferred();
    onRpc("onboarding.onboarding.step", UPDATE, () => working);
    await mountWithCleanup(FirstSteps);
    await animationFrame();
    await animationFrame();
    return { send: (message) => send(message), working };
}

function progress(values = {}) {
    return {
        company_id: serverState.companies[0].id,
        percent: 45,
        phases: [
            {
                label: "Reading purchases",
                result: "customers found: 12",
                state: "done",
            },
            { label: "Scoring customers", result: "", state: "running" },
            { label: "Recording changes", result: "", state: "open" },
        ],
        ...values,
    };
}

test("an update shows its phases while it is at work", async () => {
    const { send, working } = await mountChecklist();
    await click(`button[name=${UPDATE}]`);
    await animationFrame();
    expect("[role=status]").toHaveText("Scoring all customers…");
    send(progress());
    await animationFrame();
    expect(".progress").toHaveAttribute("aria-valuenow", "45");
    expect(queryAllTexts(PHASES)).toEqual([
        "Reading purchases(customers found: 12)",
        "Scoring customers",
        "Recording changes",
    ]);
    await advanceTime(3000);
    await animationFrame();
    expect("[role=status] [name=seconds]").toHaveText("3 s");
    working.resolve(false);
    await animationFrame();
    await animationFrame();
    expect(PHASES).toHaveCount(0);
    expect(".progress").toHaveCount(0);
    expect(`button[name=${UPDATE}]`).toHaveCount(1);
});

test("messages of another page or company are left out", async () => {
    const { send } = await mountChecklist();
    send(progress());
    await animationFrame();
    expect(PHASES).toHaveCount(0);
    await click(`button[name=${UPDATE}]`);
    send(progress({ company_id: 987 }));
    await animationFrame();
    expect(PHASES).toHaveCount(0);
    expect("[role=status]").toHaveText("Scoring all customers…");
});

import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import { animationFrame, Deferred } from "@odoo/hoot-mock";
import {
    contains,
    defineModels,
    fields,
    getService,
    models,
    mountView,
    mountWithCleanup,
    onRpc,
} from "@web/../tests/web_test_helpers";

import { WebClient } from "@web/webclient/webclient";

class Cohort extends models.Model {
    _name = "crm.cohort";

    name = fields.Char();
    company_id = fields.Integer();
    cohort_date = fields.Date();
    age = fields.Integer();
    customers = fields.Integer();

    _views = { list: `<list><field name="name"/></list>`, search: `<search/>` };
}

defineMailModels();
defineModels([Cohort]);

const DATES = { month: "2026-08-01", quarter: "2026-07-01" };

function makeTable(step) {
    const figures = { customers: 2, share: 1, orders: 2, revenue: 20 };
    return {
        ages: 1,
        as_of: "2026-11-29",
        averages: { customers: [1], share: [1], orders: [1], revenue: [10] },
        cohorts: [
            {
                date: DATES[step],
                size: 2,
                cells: [{ age: 0, date: DATES[step], is_running: false, ...figures }],
            },
        ],
        company: "Hermit",
        company_id: 1,
        count: 1,
        currency_id: 1,
        customers: 2,
        max_ages: 60,
    };
}

test.tags("desktop");
test("a cell opens what it showed, also when another step comes meanwhile", async () => {
    const quarter = new Deferred();
    const opening = new Deferred();
    onRpc("crm.cohort", "get_table", async ({ kwargs: { step } }) => {
        if (step === "quarter") {
            await quarter;
        }
        return makeTable(step);
    });
    onRpc("/web/action/load", () => opening);
    onRpc("crm.cohort", "web_search_read", ({ kwargs: { domain, context } }) => {
        expect.step(
            `${domain.find(([name]) => name === "cohort_date")[2]} ${context.cohort_step}`
        );
    });
    await mountWithCleanup(WebClient);
    await getService("action").doAction({
        type: "ir.actions.client",
        tag: "crm_extended.cohorts",
        params: { search_view_id: false },
    });
    await animationFrame();
    expect(queryAllTexts("tbody th")).toEqual(["Aug 2026"]);
    // While quarters are asked for, months are shown and can be opened.
    await contains("button[data-step=quarter]").click();
    await contains(".o_cohort_cell button").click();
    quarter.resolve();
    await animationFrame();
    expect(queryAllTexts("tbody th")).toEqual(["Q3 2026"]);
    opening.resolve({
        type: "ir.actions.act_window",
        res_model: "crm.cohort",
        views: [[false, "list"]],
    });
    await animationFrame();
    await animationFrame();
    expect.verifySteps(["2026-08-01 month"]);
});

test.tags("desktop");
test("periods are written as what they are", async () => {
    Cohort._records = [{ id: 1, cohort_date: "2026-07-01" }];
    const texts = [];
    for (const context of [{}, { cohort_step: "quarter" }]) {
        await mountView({
            type: "list",
            resModel: "crm.cohort",
            context,
            arch: `<list><field name="cohort_date" widget="crm_extended_period"/></list>`,
        });
        texts.push(...queryAllTexts("td[name=cohort_date]:last"));
    }
    expect(texts).toEqual(["Jul 2026", "Q3 2026"]);
});

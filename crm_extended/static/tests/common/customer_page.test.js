import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { beforeEach, describe, expect, test } from "@odoo/hoot";
import { click, queryAll, queryAllTexts } from "@odoo/hoot-dom";
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

class Customer extends models.Model {
    _name = "customer";

    name = fields.Char();

    _records = [{ id: 7, name: "Harbour Hotel" }];
}

defineMailModels();
defineModels([Customer]);

const FORM = `
    <form>
        <details>
            <summary>Hotel</summary>
            <widget name="crm_customer_page" options="{'blocks': ['next_step', 'trend']}" />
        </details>
    </form>`;

const BLOCKS = [
    {
        name: "next_step",
        title: "Next Step",
        rows: [
            {
                label: "Call: Quotation expires",
                text: "Quotation S1 expires today",
                res_model: "sale.order",
                res_id: 5,
            },
        ],
    },
    {
        name: "trend",
        title: "Revenue",
        rows: [
            {
                label: "Last 12 Months",
                text: "$ 300",
                method: "action_purchases",
                bars: [0, 50, 100, -20],
            },
            { label: "", text: "Nothing to open" },
        ],
    },
];

describe("Customer page", () => {
    beforeEach(() => {
        onRpc("res.partner", "get_customer_page", ({ args }) => {
            expect.step(`blocks ${args[0]} ${args[1]}`);
            return BLOCKS;
        });
        onRpc("res.partner", "action_purchases", ({ args }) => {
            expect.step(`purchases ${args[0]}`);
            return { type: "ir.actions.act_window", res_model: "customer" };
        });
        mockService("action", {
            doAction: (action) => expect.step(`open ${action.res_model || action}`),
        });
    });

    async function unfold() {
        await mountView({ type: "form", resModel: "customer", resId: 7, arch: FORM });
        await animationFrame();
        expect.verifySteps([]);
        await click("summary");
        await animationFrame();
        await animationFrame();
    }

    test("nothing is asked for before the line is unfolded, and then once", async () => {
        await unfold();
        expect.verifySteps(["blocks 7 next_step,trend"]);
        expect(queryAllTexts("[data-block] .fw-bold")).toEqual([
            "Next Step",
            "Revenue",
        ]);
        await click("summary");
        await click("summary");
        await animationFrame();
        expect.verifySteps([]);
    });

    test("figures open their records", async () => {
        await unfold();
        expect.verifySteps(["blocks 7 next_step,trend"]);
        await contains("[data-block=next_step] a").click();
        expect.verifySteps(["open sale.order"]);
        await contains("[data-block=trend] a").click();
        expect.verifySteps(["purchases 7", "open customer"]);
        expect("[data-block=trend] a").toHaveCount(1);
        await contains("button[name=print_page]").click();
        expect.verifySteps(["open crm_extended.action_report_customer_page"]);
    });

    test("bars are as high as their part of the highest", async () => {
        await unfold();
        expect.verifySteps(["blocks 7 next_step,trend"]);
        const heights = queryAll(".o_crm_bars > span").map((el) => el.style.height);
        expect(heights).toEqual(["0%", "50%", "100%", "0%"]);
    });
});

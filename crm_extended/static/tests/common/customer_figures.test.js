import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { beforeEach, describe, expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import {
    contains,
    defineModels,
    fields,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";

class Customer extends models.Model {
    _name = "customer";

    name = fields.Char();

    _records = [{ id: 7, name: "Harbour Hotel" }];
}

class Deal extends models.Model {
    _name = "deal";

    customer_id = fields.Many2one({ relation: "customer" });
    tier_id = fields.Many2one({ relation: "deal" });
    tier_color = fields.Integer();
    tier_icon = fields.Char();
    segment_id = fields.Many2one({ relation: "deal" });
    segment_color = fields.Integer();
    name = fields.Char();

    _records = [
        { id: 1, name: "Gold", customer_id: 7 },
        { id: 2, name: "Champions" },
        {
            id: 3,
            name: "Both",
            tier_id: 1,
            tier_color: 3,
            tier_icon: "fa-star",
            segment_id: 2,
            segment_color: 10,
        },
        { id: 4, name: "Tier only", tier_id: 1, tier_color: 3 },
        { id: 7, name: "Seventh", customer_id: 7 },
    ];
}

defineMailModels();
defineModels([Customer, Deal]);

const FORM = `
    <form>
        <field name="customer_id" />
        <widget name="crm_customer_figures"
            options="{'figures': ['revenue', 'hidden'], 'partner_field': 'customer_id'}" />
        <div class="o_stat_info">
            <widget name="crm_customer_figures"
                options="{'figures': ['cases'], 'partner_field': 'customer_id', 'stat': True}" />
        </div>
    </form>`;

let asked;

beforeEach(() => {
    asked = [];
    onRpc("res.partner", "get_customer_figures", ({ args }) => {
        asked.push([args[0], [...args[1]].sort()]);
        return {
            revenue: { label: "Revenue", text: `$ ${args[0][0]}` },
            cases: { label: "Cases", text: "1 open / 2", title: "All cases: 2" },
        };
    });
});

describe("Customer figures", () => {
    test("all parts of a page ask once, and show what they get", async () => {
        await mountView({ type: "form", resModel: "deal", resId: 1, arch: FORM });
        await animationFrame();
        expect(asked).toEqual([[[7], ["cases", "hidden", "revenue"]]]);
        expect(queryAllTexts(".o_crm_figures [data-figure]")).toEqual(["Revenue$ 7"]);
        expect(".o_stat_value").toHaveText("1 open / 2");
        expect(".o_stat_value").toHaveAttribute("title", "All cases: 2");
    });

    test("without a customer nothing is asked", async () => {
        await mountView({ type: "form", resModel: "deal", resId: 2, arch: FORM });
        await animationFrame();
        expect(asked).toEqual([]);
        expect(".o_crm_figures").toHaveCount(0);
    });

    test("without a field to the customer they are those of the record", async () => {
        onRpc("deal", "get_customer_figures", ({ args }) => {
            asked.push(["deal", ...args]);
            return { cases: { label: "Cases", text: "3 open / 4" } };
        });
        await mountView({
            type: "form",
            resModel: "deal",
            // The customer has the same id.
            resId: 7,
            arch: `
                <form>
                    <field name="customer_id" />
                    <widget name="crm_customer_figures"
                        options="{'figures': ['cases'], 'stat': True}" />
                    <widget name="crm_customer_figures"
                        options="{'figures': ['revenue'], 'partner_field': 'customer_id'}" />
                </form>`,
        });
        await animationFrame();
        expect(asked).toEqual([
            [[7], ["revenue"]],
            ["deal", [7], ["cases"]],
        ]);
        expect(".o_stat_value").toHaveText("3 open / 4");
        expect(queryAllTexts(".o_crm_figures [data-figure]")).toEqual(["Revenue$ 7"]);
    });

    // On a phone another customer is chosen in a dialog.
    test.tags("desktop");
    test("they follow the customer that is chosen", async () => {
        await mountView({ type: "form", resModel: "deal", resId: 1, arch: FORM });
        await animationFrame();
        await contains("[name=customer_id] input").edit("", { confirm: "blur" });
        await animationFrame();
        expect(".o_crm_figures").toHaveCount(0);
        expect(asked).toHaveLength(1);
    });
});

test("tier and segment share a column: the tier by its icon beside a segment", async () => {
    await mountView({
        type: "list",
        resModel: "deal",
        domain: [["id", "in", [3, 4]]],
        arch: `
            <list>
                <field name="tier_id" optional="hide" />
                <field name="tier_color" column_invisible="1" />
                <field name="tier_icon" column_invisible="1" />
                <field name="segment_color" column_invisible="1" />
                <field name="segment_id" widget="crm_tier_and_segment"
                    options="{'color_field': 'segment_color', 'tier_field': 'tier_id', 'tier_color_field': 'tier_color', 'icon_field': 'tier_icon'}" />
            </list>`,
    });
    const first = ".o_data_row:nth-child(1) ";
    expect(`${first}.rounded-pill[title='Tier: Gold'] .fa-star`).toHaveCount(1);
    expect(`${first}.rounded-pill .visually-hidden`).toHaveText("Gold");
    expect(`${first}.rounded-1[title='Segment: Champions']`).toHaveText("Champions");
    const second = ".o_data_row:nth-child(2) ";
    expect(`${second}.rounded-pill .fa-trophy`).toHaveCount(1);
    expect(`${second}.rounded-pill .ms-1`).toHaveText("Gold");
    expect(`${second}.rounded-1`).toHaveCount(0);
});

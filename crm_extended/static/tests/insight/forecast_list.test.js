import { expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import {
    defineModels,
    fields,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";

class Forecast extends models.Model {
    _name = "forecast";
    name = fields.Char();
    has_model = fields.Boolean();
    expected_90 = fields.Float({ string: "Purchases" });
    _records = [
        { id: 1, name: "Hotel", has_model: false },
        { id: 2, name: "Bakery", has_model: true, expected_90: 3 },
    ];
}

defineMailModels();
defineModels([Forecast]);

const mountList = (domain, groupBy = []) =>
    mountView({
        type: "list",
        resModel: "forecast",
        domain,
        groupBy,
        arch: `
            <list js_class="crm_forecast_list">
                <field name="has_model" column_invisible="1" />
                <field name="name" />
                <field name="expected_90" sum="Total" />
            </list>`,
    });

test.tags("desktop");
test("columns of a model are there once a customer has one", async () => {
    onRpc("crm.forecast.model", "get_summary", () => ({}));
    await mountList([]);
    expect(queryAllTexts("th[data-name]")).toEqual(["Name", "Purchases"]);
});

test.tags("desktop");
test("without a model its columns and totals are left out", async () => {
    onRpc("crm.forecast.model", "get_summary", () => ({}));
    await mountList([["has_model", "=", false]]);
    expect(queryAllTexts("th[data-name]")).toEqual(["Name"]);
    expect(".o_list_number:contains(0.00)").toHaveCount(0);
});

test.tags("desktop");
test("groups have them where one of their customers has", async () => {
    onRpc("crm.forecast.model", "get_summary", () => ({}));
    for (const [domain, columns] of [
        [[], ["Name", "Purchases"]],
        [[["has_model", "=", false]], ["Name"]],
    ]) {
        await mountList(domain, ["has_model"]);
        expect(queryAllTexts(".o_list_view:last th[data-name]")).toEqual(columns);
    }
});

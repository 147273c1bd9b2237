import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { expect, test } from "@odoo/hoot";
import { animationFrame, Deferred } from "@odoo/hoot-mock";
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

    _records = [
        { id: 7, name: "Harbour Hotel" },
        { id: 8, name: "Hill Hotel" },
    ];
}

defineMailModels();
defineModels([Customer]);

test.tags("desktop");
test("a late answer about another customer is left out", async () => {
    const late = new Deferred();
    onRpc("res.partner", "read", async ({ args: [[id]] }) => {
        if (id === 7) {
            await late;
        }
        const channel = id === 7 ? "phone" : "email";
        return [{ id, preferred_channel: channel, preferred_channel_by_hand: false }];
    });
    onRpc("res.partner", "fields_get", () => ({
        preferred_channel: {
            selection: [
                ["phone", "Phone"],
                ["email", "Email"],
            ],
        },
    }));
    await mountView({
        type: "form",
        resModel: "customer",
        resId: 7,
        resIds: [7, 8],
        arch: `<form><field name="name"/><widget name="crm_preferred_channel"/></form>`,
    });
    await contains(".o_pager_next").click();
    await animationFrame();
    expect(".o_widget_crm_preferred_channel select").toHaveValue("email");
    late.resolve();
    await animationFrame();
    expect(".o_widget_crm_preferred_channel select").toHaveValue("email");
});

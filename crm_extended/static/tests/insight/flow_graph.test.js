import { expect, test } from "@odoo/hoot";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import {
    defineModels,
    fields,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";
import { registry } from "@web/core/registry";
import { FlowGraphRenderer } from "@crm_extended/insight/lazy/flow_graph";

class CustomerFlow extends models.Model {
    _name = "crm.customer.flow";
    date = fields.Date();
    kind = fields.Selection({
        selection: [
            ["gained", "Gained"],
            ["kept", "Retained"],
            ["lost", "Lost"],
        ],
    });
    change = fields.Integer();
    _records = [
        { id: 1, date: "2026-01-01", kind: "gained", change: 1 },
        { id: 2, date: "2026-01-01", kind: "kept", change: 0 },
        { id: 3, date: "2026-02-01", kind: "kept", change: 0 },
        { id: 4, date: "2026-04-01", kind: "lost", change: -1 },
    ];
}

const EMPTY = { kind: false, __count: 0, "change:sum": 0, __extra_domain: [] };

defineMailModels();
defineModels([CustomerFlow]);

async function mountFlow(domain) {
    onRpc("get_outlook", () => ({}));
    // The server fills months in between; the one of these tests does not.
    onRpc("formatted_read_group", ({ parent }) => {
        const groups = parent();
        const place = groups.findIndex((group) => group.kind === "lost");
        if (place > 0) {
            const month = ["2026-03-01", "March 2026"];
            groups.splice(place, 0, { ...EMPTY, "date:month": month });
        }
        return groups;
    });
    let renderer = null;
    const view = registry.category("views").get("crm_extended_flow_graph");
    class Spy extends FlowGraphRenderer {
        setup() {
            super.setup();
            renderer = this;
        }
    }
    registry.category("views").add("spied_flow", { ...view, Renderer: Spy });
    await mountView({
        type: "graph",
        resModel: "crm.customer.flow",
        domain,
        arch: `
            <graph stacked="1" js_class="spied_flow">
                <field name="date" interval="month"/>
                <field name="kind"/>
                <field name="change" type="measure"/>
            </graph>`,
    });
    const { labels, datasets } = renderer.chart.data;
    const drawn = datasets.map(({ label, data }) => [label, data.map(Number)]);
    return { labels, drawn: Object.fromEntries(drawn) };
}

test.tags("desktop");
test("months without a change have their place", async () => {
    const { labels, drawn } = await mountFlow([]);
    // In February all were retained, and of March there is no row at all.
    expect(labels).toEqual([
        "January 2026",
        "February 2026",
        "March 2026",
        "April 2026",
    ]);
    expect(drawn.Gained).toEqual([1, 0, 0, 0]);
    expect(drawn.Lost).toEqual([0, 0, 0, -1]);
    expect("Retained" in drawn).toBe(false);
    expect("None" in drawn).toBe(false);
});

test.tags("desktop");
test("a period without any change has its months", async () => {
    const { labels, drawn } = await mountFlow([["kind", "=", "kept"]]);
    expect(labels).toEqual(["January 2026", "February 2026"]);
    expect(Object.values(drawn)).toEqual([[0, 0]]);
});

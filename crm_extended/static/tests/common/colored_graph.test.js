import { expect, test } from "@odoo/hoot";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import {
    defineModels,
    fields,
    models,
    mountView,
} from "@web/../tests/web_test_helpers";
import { registry } from "@web/core/registry";
import { paletteColor } from "@crm_extended/common/palette";
import { ColoredGraphRenderer } from "@crm_extended/common/lazy/colored_graph";

class Shade extends models.Model {
    _name = "shade";
    name = fields.Char();
    color = fields.Integer();
    _records = [
        { id: 1, name: "Green", color: 10 },
        { id: 2, name: "Red", color: 1 },
    ];
}

class Thing extends models.Model {
    _name = "thing";
    shade_id = fields.Many2one({ relation: "shade" });
    kind = fields.Char();
    size = fields.Integer();
    _records = [
        { id: 1, shade_id: 1, kind: "a", size: 3 },
        { id: 2, shade_id: 2, kind: "b", size: 5 },
        { id: 3, shade_id: false, kind: "b", size: 1 },
    ];
}

defineMailModels();
defineModels([Shade, Thing]);

async function mountGraph(arch) {
    registry
        .category("crm_extended.colored_models")
        .add("shade", "color", { force: true });
    let renderer = null;
    const view = registry.category("views").get("crm_extended_colored_graph");
    class Spy extends ColoredGraphRenderer {
        setup() {
            super.setup();
            renderer = this;
        }
    }
    registry.category("views").add("spied_graph", { ...view, Renderer: Spy });
    await mountView({
        type: "graph",
        resModel: "thing",
        arch: arch.replace("<graph", '<graph js_class="spied_graph"'),
    });
    return renderer.chart;
}

test.tags("desktop");
test("each bar has the color of its record", async () => {
    const chart = await mountGraph(`<graph><field name="shade_id"/></graph>`);
    expect(chart.data.datasets[0].backgroundColor).toEqual([
        paletteColor(10),
        paletteColor(1),
        paletteColor(0),
    ]);
});

test.tags("desktop");
test("each line has the color of its record", async () => {
    const chart = await mountGraph(
        `<graph type="line"><field name="kind"/><field name="shade_id"/></graph>`
    );
    const colors = Object.fromEntries(
        chart.data.datasets.map((dataset) => [dataset.label, dataset.borderColor])
    );
    expect(colors).toEqual({
        Green: paletteColor(10),
        Red: paletteColor(1),
        None: paletteColor(0),
    });
});

test.tags("desktop");
test("each slice has the color of its record", async () => {
    const chart = await mountGraph(
        `<graph type="pie"><field name="shade_id"/></graph>`
    );
    expect(chart.data.datasets[0].backgroundColor).toEqual([
        paletteColor(10),
        paletteColor(1),
        paletteColor(0),
    ]);
});

test.tags("desktop");
test("groups without a color have those of Odoo", async () => {
    const chart = await mountGraph(`<graph><field name="kind"/></graph>`);
    expect(typeof chart.data.datasets[0].backgroundColor).toBe("string");
});

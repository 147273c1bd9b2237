import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { beforeEach, describe, expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
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

/** Three scores; the segment has the recencies from `low` on, the other one the first. */
function preview({ low }) {
    const tiles = (classes) => {
        const all = [];
        for (const recency of [1, 2, 3]) {
            for (const frequency of [1, 2, 3]) {
                const claimants = [];
                if (recency >= low) {
                    claimants.push(0);
                }
                if (recency === 1) {
                    claimants.push(1);
                }
                all.push({
                    recency,
                    frequency,
                    owners: claimants.slice(0, 1),
                    claimants,
                    gaps: claimants.length ? 0 : classes,
                    overlaps: claimants.length > 1 ? classes : 0,
                });
            }
        }
        return all;
    };
    return {
        company: "Hermit",
        bins: 3,
        gaps: low > 2 ? 9 * (low - 2) : 0,
        overlaps: low === 1 ? 9 : 0,
        total: 27,
        valid: low <= 3,
        used: true,
        segments: [
            { name: "Rest", color: 4, current: true },
            { name: "Old", color: 1, current: false },
        ],
        tiles: [tiles(3), tiles(1), tiles(1), tiles(1)],
    };
}

class Segment extends models.Model {
    _name = "crm.rfm.segment";

    name = fields.Char();
    active = fields.Boolean({ default: true });
    is_lost = fields.Boolean();
    grid_bins = fields.Integer({ default: 3 });
    r_min = fields.Integer({ default: 3 });
    grid_preview = fields.Json({ readonly: true });

    _records = [
        {
            id: 1,
            name: "Rest",
            r_min: 2,
            grid_bins: 3,
            grid_preview: preview({ low: 2 }),
        },
        {
            id: 2,
            name: "Old",
            r_min: 1,
            grid_bins: 3,
            grid_preview: preview({ low: 2 }),
        },
    ];
    _onChanges = {
        r_min(record) {
            record.grid_preview = preview({ low: record.r_min });
        },
        grid_bins() {},
    };
    _views = {
        list: `<list js_class="crm_rfm_segment_list"><field name="name"/></list>`,
        kanban: `
            <kanban js_class="crm_rfm_segment_kanban">
                <templates><t t-name="card"><field name="name"/></t></templates>
            </kanban>`,
        search: `<search/>`,
        form: `
            <form js_class="crm_rfm_segment_form">
                <field name="active" invisible="1"/>
                <field name="name"/>
                <field name="r_min"/>
                <field name="grid_bins"/>
                <field name="grid_preview" widget="rfm_grid_preview"/>
            </form>`,
    };
}

defineMailModels();
defineModels([Segment]);

const at = (recency, frequency) =>
    `.o_rfm_tile[data-recency="${recency}"][data-frequency="${frequency}"]`;

describe.current.tags("desktop");

beforeEach(() => {
    onRpc("crm.rfm.segment", "web_save", ({ args }) => {
        expect.step(`save ${JSON.stringify(args[1])}`);
    });
});

const openForm = (resId = 1) =>
    mountView({
        type: "form",
        resModel: "crm.rfm.segment",
        resId,
        actionMenus: {},
    });

test("the preview shows who has which tile", async () => {
    await openForm();
    expect(".o_rfm_tile").toHaveCount(9);
    expect(at(1, 1)).toHaveClass("o_rfm_color_1");
    expect(at(2, 1)).toHaveClass("o_rfm_color_4");
    expect(at(2, 1)).toHaveClass("o_rfm_tile_emphasized");
    expect(at(1, 1)).not.toHaveClass("o_rfm_tile_emphasized");
    expect(".o_rfm_verdict").toHaveText("Every cell belongs to one segment");
    expect(".o_rfm_rescaled").toHaveCount(0);
    expect(".o_rfm_unused").toHaveCount(0);
});

test("gaps and overlaps show while the segment is edited", async () => {
    await openForm();
    await contains("[name=r_min] input").edit("3");
    expect(at(2, 2)).toHaveClass("o_rfm_tile_gap");
    expect(queryAllTexts(`${at(2, 2)} .o_rfm_name`)).toEqual(["No segment"]);
    expect(".o_rfm_gaps").toHaveText("3 cells without a segment");
    expect(".o_rfm_overlaps").toHaveCount(0);
    await contains("[name=r_min] input").edit("1");
    expect(".o_rfm_tile_gap").toHaveCount(0);
    expect(at(1, 3)).toHaveClass("o_rfm_tile_overlap");
    expect(".o_rfm_overlaps").toHaveText("3 cells in more than one segment");
    await contains(at(1, 3)).focus();
    await animationFrame();
    expect(".o_rfm_grid_popover").toHaveText(
        /In several segments: Rest, Old\. The first/
    );
});

test("one monetary score can be looked at", async () => {
    await openForm();
    await contains("[name=r_min] input").edit("3");
    await contains("[name=preview_monetary]").select("2");
    expect(".o_rfm_gaps").toHaveText("3 cells without a segment");
    expect("[name=preview_monetary]").toHaveValue("2");
});

test("the preview says that scores are carried over to another size", async () => {
    await openForm();
    await contains("[name=grid_bins] input").edit("5");
    expect(".o_rfm_rescaled").toHaveText(/Hermit uses 3 levels/);
});

test("a company with segments of its own does not use the shared ones", async () => {
    Segment._records[0].grid_preview = { ...preview({ low: 2 }), used: false };
    await openForm();
    expect(".o_rfm_unused").toHaveText(/Hermit has its own segments/);
});

test("saving with gaps asks, and can be taken back", async () => {
    await openForm();
    await contains("[name=r_min] input").edit("3");
    await contains(".o_form_button_save").click();
    expect(".modal-body").toHaveText(
        "Hermit: 9 of 27 score combinations would not belong to any segment. Customers with these scores get no segment. Save anyway?"
    );
    await contains(".modal-footer button:contains(Keep Editing)").click();
    expect.verifySteps([]);
    expect("[name=r_min] input").toHaveValue("3");
    await contains(".o_form_button_save").click();
    await contains(".modal-footer button:contains(Save Anyway)").click();
    expect.verifySteps([`save {"r_min":3}`]);
    expect(".o_form_button_save").not.toBeVisible();
});

test("closing the question keeps editing", async () => {
    await openForm();
    await contains("[name=r_min] input").edit("3");
    await contains(".o_form_button_save").click();
    await contains(".modal-header .btn-close").click();
    expect.verifySteps([]);
    await contains(".o_form_button_save").click();
    expect(".modal").toHaveCount(1);
});

test("saving without gaps asks nothing", async () => {
    await openForm();
    await contains("[name=r_min] input").edit("1");
    await contains(".o_form_button_save").click();
    expect(".modal").toHaveCount(0);
    expect.verifySteps([`save {"r_min":1}`]);
});

test("what the server will refuse is not asked about", async () => {
    await openForm();
    await contains("[name=r_min] input").edit("4");
    expect(".o_rfm_tile_gap").toHaveCount(6);
    await contains(".o_form_button_save").click();
    expect(".modal").toHaveCount(0);
    expect.verifySteps([`save {"r_min":4}`]);
});

test("a gap that was there before is no reason to ask about a name", async () => {
    Segment._records[0].grid_preview = preview({ low: 3 });
    await openForm();
    await contains("[name=name] input").edit("Remainder");
    await contains(".o_form_button_save").click();
    expect(".modal").toHaveCount(0);
    expect.verifySteps([`save {"name":"Remainder"}`]);
});

test("a new segment that leaves a gap asks", async () => {
    await openForm(false);
    await contains("[name=name] input").edit("New one");
    await contains("[name=r_min] input").edit("3");
    await contains(".o_form_button_save").click();
    expect(".modal-body").toHaveText(/9 of 27/);
});

test("archiving or deleting a segment that is needed says so", async () => {
    onRpc("crm.rfm.segment", "get_grid_summary_without", ({ args }) => {
        expect.step(`without ${args[0]}`);
        return { company: "Hermit", bins: 3, gaps: 18, overlaps: 0, total: 27 };
    });
    onRpc("crm.rfm.segment", "action_archive", () => {
        expect.step("archive");
        return false;
    });
    await openForm();
    await contains(".o_cp_action_menus button").click();
    await contains(".o_menu_item:contains(Archive)").click();
    expect(".modal-body").toHaveText(
        /18 of 27 score combinations would not belong to any segment.*Archive it anyway\?/
    );
    await contains(".modal-footer .btn-primary").click();
    expect.verifySteps(["without 1", "archive"]);
    await contains(".o_cp_action_menus button").click();
    await contains(".o_menu_item:contains(Delete)").click();
    expect(".modal-body").toHaveText(/18 of 27 .*Delete it anyway\?/);
    expect.verifySteps(["without 1"]);
});

test("archiving a segment that nothing depends on asks as ever", async () => {
    onRpc("crm.rfm.segment", "get_grid_summary_without", () => false);
    await openForm();
    await contains(".o_cp_action_menus button").click();
    await contains(".o_menu_item:contains(Archive)").click();
    expect(".modal-body").toHaveText(/Are you sure that you want to archive/);
});

test("the list says how the segments cover the grid, and asks, too", async () => {
    let gaps = 3;
    onRpc("crm.rfm.segment", "get_grid_summary", () => ({
        company: "Hermit",
        gaps,
        overlaps: 2,
        total: 27,
    }));
    onRpc("crm.rfm.segment", "get_grid_summary_without", ({ args }) => {
        expect.step(`without ${args[0]}`);
        return { company: "Hermit", gaps: 9, overlaps: 0, total: 27 };
    });
    await mountWithCleanup(WebClient);
    await getService("action").doAction({
        type: "ir.actions.act_window",
        res_model: "crm.rfm.segment",
        views: [[false, "list"]],
    });
    expect(".o_rfm_summary").toHaveText(
        /3 of 27 score combinations do not belong to any segment.*\n2 of 27 score combinations belong to more than one segment/
    );
    await contains(".o_data_row:first .o_list_record_selector input").click();
    await contains(".o_cp_action_menus button").click();
    await contains(".o_menu_item:contains(Delete)").click();
    expect(".modal-body").toHaveText(/9 of 27 .*Delete anyway\?/);
    expect.verifySteps(["without 1"]);
    gaps = 9;
    await contains(".modal-footer .btn-primary").click();
    await animationFrame();
    expect(".o_rfm_summary").toHaveText(
        /9 of 27 score combinations do not belong to any segment/
    );
});

test("a list of segments that cover the grid has nothing to say", async () => {
    onRpc("crm.rfm.segment", "get_grid_summary", () => ({
        company: "Hermit",
        gaps: 0,
        overlaps: 0,
        total: 27,
    }));
    await mountView({ type: "list", resModel: "crm.rfm.segment" });
    expect(".o_data_row").toHaveCount(2);
    expect(".o_rfm_summary").toHaveCount(0);
});

test("cards of segments say how they cover the grid", async () => {
    onRpc("crm.rfm.segment", "get_grid_summary", () => ({
        company: "Hermit",
        gaps: 3,
        overlaps: 0,
        total: 27,
    }));
    await mountView({ type: "kanban", resModel: "crm.rfm.segment" });
    expect(".o_kanban_record:not(.o_kanban_ghost)").toHaveCount(2);
    expect(".o_rfm_summary").toHaveText(
        /3 of 27 score combinations do not belong to any segment/
    );
});

import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { beforeEach, describe, expect, test } from "@odoo/hoot";
import {
    hover,
    leave,
    press,
    queryAllAttributes,
    queryAllTexts,
    queryOne,
} from "@odoo/hoot-dom";
import { animationFrame, runAllTimers } from "@odoo/hoot-mock";
import {
    contains,
    defineModels,
    fields,
    getService,
    makeServerError,
    models,
    mountWithCleanup,
    onRpc,
    patchWithCleanup,
    serverState,
} from "@web/../tests/web_test_helpers";

import { currencies } from "@web/core/currency";
import { WebClient } from "@web/webclient/webclient";

class Score extends models.Model {
    _name = "crm.rfm.score";

    name = fields.Char();
    company_id = fields.Many2one({ relation: "res.company" });
    segment_id = fields.Integer();
    frequency = fields.Integer();
    recency_score = fields.Integer();
    frequency_score = fields.Integer();

    _records = [
        {
            id: 1,
            name: "Gold Mine",
            company_id: 1,
            segment_id: 1,
            frequency: 9,
            recency_score: 3,
            frequency_score: 3,
        },
        {
            id: 2,
            name: "Newcomer",
            company_id: 1,
            segment_id: 2,
            frequency: 1,
            recency_score: 3,
            frequency_score: 1,
        },
        { id: 3, name: "Gone", company_id: 1, segment_id: 3, frequency: 0 },
    ];
    _views = {
        list: `<list><field name="name"/></list>`,
        kanban: `<kanban><templates><t t-name="card"><field name="name"/></t></templates></kanban>`,
        pivot: `<pivot/>`,
        graph: `<graph/>`,
        form: `<form><field name="name"/></form>`,
        search: `<search/>`,
    };
}

class Team extends models.Model {
    _name = "crm.team";

    name = fields.Char();

    _records = [
        { id: 7, name: "North" },
        { id: 8, name: "South" },
    ];
}

class Tag extends models.Model {
    _name = "res.partner.category";

    name = fields.Char();
}

defineMailModels();
defineModels([Score, Team, Tag]);

const NOTHING = {
    count: 0,
    revenue: 0,
    average: 0,
    count_share: 0,
    revenue_share: 0,
};

/** A grid of three scores: champions at the top right, newcomers below, a gap. */
function makeGrid(changes = {}) {
    const tiles = [];
    for (const recency of [1, 2, 3]) {
        for (const frequency of [1, 2, 3]) {
            const segment_ids = frequency === 3 ? [1, 2] : frequency === 1 ? [2] : [];
            tiles.push({ recency, frequency, segment_ids, gaps: 0, ...NOTHING });
        }
    }
    const tile = (recency, frequency) => tiles[(recency - 1) * 3 + frequency - 1];
    Object.assign(tile(3, 3), {
        count: 1,
        revenue: 9000,
        average: 9000,
        count_share: 0.2,
        revenue_share: 0.9,
    });
    Object.assign(tile(3, 1), {
        count: 4,
        revenue: 1000,
        average: 250,
        count_share: 0.8,
        revenue_share: 0.1,
    });
    const company = [
        ["company_id", "=", 1],
        ["frequency", ">", 0],
    ];
    return {
        company: "Hermit",
        currency_id: 7,
        bins: 3,
        monetary_score: 0,
        domain: ["&", ...company],
        tiles,
        segments: [
            { id: 1, name: "Champions", color: 10, action: "Reward", ...tile(3, 3) },
            { id: 2, name: "Newcomers", color: 8, action: "Welcome", ...tile(3, 1) },
        ],
        lost: { name: "Lost", domain: [["frequency", "=", 0]], ...NOTHING, count: 1 },
        unassigned: NOTHING,
        is_stale: false,
        is_empty: false,
        can_refresh: true,
        ...changes,
    };
}

const at = (recency, frequency) =>
    `.o_rfm_tile[data-recency="${recency}"][data-frequency="${frequency}"]`;

/** Open the grid; each request is recorded as a step. */
async function openGrid(changes) {
    onRpc("crm.rfm.score", "get_grid", ({ kwargs }) => {
        const { context, ...filters } = kwargs;
        for (const [name, value] of Object.entries(filters)) {
            if (value && value.length !== 0) {
                expect.step(`${name}: ${value}`);
            }
        }
        return {
            ...makeGrid(typeof changes === "function" ? changes(filters) : changes),
            monetary_score: filters.monetary_score || 0,
        };
    });
    await mountWithCleanup(WebClient);
    await getService("action").doAction({
        type: "ir.actions.client",
        tag: "crm_extended.rfm_grid",
        name: "Grid",
    });
    await animationFrame();
}

const records = () => queryAllTexts(".o_data_cell[name=name]");

describe.current.tags("desktop");

beforeEach(() => {
    // The checklist of the first hour is closed.
    onRpc("onboarding.onboarding", "get_first_steps", () => false);
    patchWithCleanup(currencies, {
        7: { name: "EUR", digits: [69, 2], position: "after", symbol: "€" },
    });
});

test("each tile has its segment's colour and name, its figure and a circle", async () => {
    await openGrid();
    expect(".o_rfm_tile").toHaveCount(9);
    expect(at(3, 3)).toHaveClass("o_rfm_color_10");
    expect(`${at(3, 3)} .o_rfm_name`).toHaveText("Champions");
    expect(queryAllTexts(".o_rfm_text")).toEqual([
        "",
        "",
        "1",
        "",
        "",
        "",
        "",
        "",
        "4",
    ]);
    expect(".o_rfm_bubble").toHaveCount(2);
    expect(at(2, 2)).toHaveClass("o_rfm_tile_gap");
    expect(`${at(2, 2)} .o_rfm_name`).toHaveText("No segment");
});

test("the area of a circle stands for customers or revenue", async () => {
    await openGrid();
    const width = (selector) => parseFloat(queryOne(selector).style.width);
    const [champion, newcomers] = [3, 1].map((f) => `${at(3, f)} .o_rfm_bubble`);
    expect(width(newcomers) / width(champion)).toBeCloseTo(2);
    await contains("[name=measure_revenue]").click();
    expect(width(champion) / width(newcomers)).toBeCloseTo(3);
    expect("[name=measure_revenue]").toHaveAttribute("aria-pressed", "true");
    expect("[name=measure_count]").toHaveAttribute("aria-pressed", "false");
    expect(`${at(3, 3)} .o_rfm_text`).toHaveText("9k");
    expect(".o_rfm_legend li:first").toHaveText(/9,000\.00\s€ · 90%/);
});

test("hovering shows the figures", async () => {
    await openGrid();
    await hover(at(3, 3));
    await animationFrame();
    expect(".o_rfm_grid_popover").toHaveText(
        /Champions \(R 3, F 3\)\nCustomers: 1 \(20%\)\nRevenue: 9,000\.00\s€ \(90%\)\nAverage: 9,000\.00\s€\nAlso, depending on the monetary score: Newcomers/
    );
    await leave();
    await animationFrame();
    expect(".o_rfm_grid_popover").toHaveCount(0);
});

test("the keyboard moves between tiles, shows figures and opens customers", async () => {
    await openGrid();
    expect(queryAllAttributes(".o_rfm_tile[tabindex='0']", "data-recency")).toEqual([
        "3",
    ]);
    await contains(at(3, 3)).focus();
    expect(".o_rfm_grid_popover").toHaveText(/Champions/);
    await press("ArrowRight");
    expect(at(3, 3)).toBeFocused();
    for (const [key, recency, frequency] of [
        ["ArrowLeft", 2, 3],
        ["ArrowDown", 2, 2],
        ["Home", 1, 2],
        ["End", 3, 2],
        ["ArrowUp", 3, 3],
        [["Control", "End"], 3, 1],
        [["Control", "Home"], 1, 3],
        ["End", 3, 3],
    ]) {
        await press(key);
        await animationFrame();
        expect(at(recency, frequency)).toBeFocused();
        expect(".o_rfm_tile[tabindex='0']").toHaveCount(1);
        expect(at(recency, frequency)).toHaveAttribute("tabindex", "0");
    }
    expect(at(3, 3)).toHaveAttribute(
        "aria-label",
        /^Champions \(R 3, F 3\), Customers: 1/
    );
    await press("Escape");
    await animationFrame();
    expect(".o_rfm_grid_popover").toHaveCount(0);
    await press("Enter");
    await animationFrame();
    expect(".o_breadcrumb .active").toHaveText("Champions (R 3, F 3)");
    expect(records()).toEqual(["Gold Mine"]);
});

test("Space opens a tile, too", async () => {
    await openGrid();
    await contains(at(3, 1)).focus();
    await press(" ");
    await animationFrame();
    expect(records()).toEqual(["Newcomer"]);
});

test("a click opens the customers of a tile, a segment, and those lost", async () => {
    await openGrid();
    await contains(at(3, 1)).click();
    expect(records()).toEqual(["Newcomer"]);
    await contains(".o_breadcrumb a:contains(Grid)").click();
    await contains(".o_rfm_legend [data-segment='1']").click();
    expect(".o_breadcrumb .active").toHaveText("Champions");
    expect(records()).toEqual(["Gold Mine"]);
    await contains(".o_breadcrumb a:contains(Grid)").click();
    await contains("button[name=lost]").click();
    expect(records()).toEqual(["Gone"]);
});

test("customers without a segment are in the legend, if there are any", async () => {
    await openGrid({ unassigned: { ...NOTHING, count: 2, count_share: 0.4 } });
    expect("button[name=unassigned]").toHaveText(/No segment\s*2 · 40%/);
});

test("the monetary score and the filters are asked for", async () => {
    await openGrid();
    await contains("[name=monetary]").select("3");
    expect.verifySteps(["monetary_score: 3"]);
    await contains("button[name=filters]").click();
    await contains("[name=team_ids] input").click();
    await contains(".o-autocomplete--dropdown-item:contains(South)").click();
    await animationFrame();
    expect.verifySteps(["monetary_score: 3", "team_ids: 8"]);
    expect("button[name=filters]").toHaveText(/1/);
});

test("what was chosen is kept when coming back", async () => {
    await openGrid();
    await contains("[name=measure_revenue]").click();
    await contains("[name=monetary]").select("2");
    await contains(at(3, 1)).click();
    expect.verifySteps(["monetary_score: 2"]);
    await contains(".o_breadcrumb a:contains(Grid)").click();
    await animationFrame();
    expect.verifySteps(["monetary_score: 2"]);
    expect("[name=measure_revenue]").toHaveClass("active");
    expect("[name=monetary]").toHaveValue("2");
    expect(at(3, 1)).toBeFocused();
});

test("filters that nobody matches can be cleared", async () => {
    await openGrid(({ monetary_score }) =>
        monetary_score
            ? {
                  tiles: makeGrid().tiles.map((tile) => ({ ...tile, ...NOTHING })),
                  lost: { name: "Lost", domain: [], ...NOTHING },
              }
            : {}
    );
    await contains("[name=monetary]").select("1");
    expect.verifySteps(["monetary_score: 1"]);
    expect(".o_rfm_nobody").toHaveText(/No customers match/);
    expect(".o_rfm_bubble").toHaveCount(0);
    await contains(".o_rfm_nobody button").click();
    expect(".o_rfm_nobody").toHaveCount(0);
    expect("[name=monetary]").toHaveValue("0");
});

test("an empty company is told what to do, and a manager can do it", async () => {
    onRpc("crm.rfm.score", "action_refresh", () => {
        expect.step("refresh");
        return { type: "ir.actions.client", tag: "soft_reload" };
    });
    await openGrid({ is_empty: true });
    expect(".o_rfm_empty").toHaveText(/No customers scored yet/);
    expect(".o_rfm_tile").toHaveCount(0);
    await contains(".o_rfm_empty button").click();
    expect.verifySteps(["refresh"]);
});

test("a salesperson of an empty company is not offered what he may not do", async () => {
    await openGrid({ is_empty: true, can_refresh: false });
    expect(".o_rfm_empty").toHaveText(/A sales manager can update them/);
    expect(".o_rfm_empty button").toHaveCount(0);
    expect("button[name=refresh]").toHaveCount(0);
});

test("after a change of the segments it says what is old", async () => {
    await openGrid({ is_stale: true });
    expect(".o_rfm_stale").toHaveText(/changed since the last score update/);
});

test("an error is told, and can be tried again", async () => {
    let broken = true;
    onRpc("crm.rfm.score", "get_grid", () => {
        if (broken) {
            throw makeServerError({ message: "Not for you" });
        }
        return makeGrid();
    });
    await mountWithCleanup(WebClient);
    await getService("action").doAction({
        type: "ir.actions.client",
        tag: "crm_extended.rfm_grid",
    });
    expect(".o_rfm_error").toHaveText(/Not for you/);
    broken = false;
    await contains(".o_rfm_error button").click();
    expect(".o_rfm_error").toHaveCount(0);
    expect(".o_rfm_tile").toHaveCount(9);
});

test("companies can be chosen where the user has several", async () => {
    serverState.companies = [
        { id: 1, name: "Hermit", sequence: 1, parent_id: false, child_ids: [] },
        { id: 2, name: "Herman's", sequence: 2, parent_id: false, child_ids: [] },
    ];
    await openGrid();
    expect(queryAllTexts("select[name=company] option")).toEqual([
        "Hermit",
        "Herman's",
    ]);
    await runAllTimers();
});

test("one company needs no choice", async () => {
    await openGrid();
    expect("select[name=company]").toHaveCount(0);
});

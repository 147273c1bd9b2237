import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { expect, test } from "@odoo/hoot";
import { press, queryFirst, queryOne, resize } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import { defineParams, mountWithCleanup } from "@web/../tests/web_test_helpers";

import { RfmGrid } from "@crm_extended/rfm/rfm_grid/rfm_grid";

defineMailModels();

function makeTiles(bins) {
    return Array.from({ length: bins * bins }, (_, index) => ({
        recency: Math.floor(index / bins) + 1,
        frequency: (index % bins) + 1,
        color: index % 12,
        share: 1,
        text: "12k",
        name: "Potential Loyalists",
        title: "Potential Loyalists",
        lines: [],
    }));
}

test("ten scores fit into a narrow screen", async () => {
    await resize({ width: 375 });
    await mountWithCleanup(RfmGrid, {
        props: { bins: 10, label: "Grid", tiles: makeTiles(10) },
    });
    expect(".o_rfm_tile").toHaveCount(100);
    const grid = queryOne(".o_rfm_grid");
    expect(grid.scrollWidth).toBe(grid.clientWidth);
    expect(queryFirst(".o_rfm_tile").offsetWidth).toBeGreaterThan(25);
});

test("from right to left, the arrows move as the eye does", async () => {
    defineParams({ lang_parameters: { direction: "rtl" } });
    await mountWithCleanup(RfmGrid, {
        props: { bins: 3, label: "Grid", tiles: makeTiles(3) },
    });
    queryOne(".o_rfm_tile[data-recency='1'][data-frequency='2']").focus();
    await press("ArrowLeft");
    await animationFrame();
    expect(".o_rfm_tile[data-recency='2'][data-frequency='2']").toBeFocused();
    await press("ArrowRight");
    await animationFrame();
    expect(".o_rfm_tile[data-recency='1'][data-frequency='2']").toBeFocused();
});

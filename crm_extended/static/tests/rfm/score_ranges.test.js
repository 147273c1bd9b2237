import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { expect, test } from "@odoo/hoot";
import { mountWithCleanup } from "@web/../tests/web_test_helpers";

import { ScoreRanges } from "@crm_extended/rfm/score_ranges/score_ranges_field";

defineMailModels();

test("the customer's own range is marked, and named for who cannot see the mark", async () => {
    await mountWithCleanup(ScoreRanges, {
        props: {
            ranges: [
                { score: 5, text: "5: up to 5 days", own: false },
                { score: 4, text: "4: up to 19", own: true },
                { score: 1, text: "1: over 19", own: false },
            ],
        },
    });
    expect(".o_rfm_ranges > span").toHaveCount(3);
    expect(".o_rfm_range_own").toHaveCount(1);
    expect(".o_rfm_range_own").toHaveText(/4: up to 19/);
    expect("[aria-current=true] i[aria-label='This customer']").toHaveCount(1);
});

test("before the first score update there is nothing to show", async () => {
    await mountWithCleanup(ScoreRanges, { props: { ranges: [] } });
    expect(".o_rfm_ranges > span").toHaveCount(0);
});

import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { beforeEach, expect, test } from "@odoo/hoot";
import {
    allowTranslations,
    defineModels,
    fields,
    models,
    mountView,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import { localization } from "@web/core/l10n/localization";
import { registry } from "@web/core/registry";
import { formatDay, formatDays, formatShare } from "@crm_extended/common/formats";

beforeEach(() => {
    allowTranslations();
    patchWithCleanup(localization, {
        decimalPoint: ".",
        grouping: [3, 0],
        thousandsSep: ",",
    });
});

test.tags("desktop");
test("a share of nothing is empty, a share of none is 0 %", () => {
    const format = registry.category("formatters").get("crm_extended_share");
    expect(format(false)).toBe("");
    expect(format(0)).toBe("0%");
    expect(format(0.75)).toBe("75%");
});

test.tags("desktop");
test("shares have a decimal where it matters, and only all is 100%", () => {
    for (const [share, text] of [
        [1, "100%"],
        [0.9996, "99.9%"],
        [0.996, "99.6%"],
        [0.99, "99%"],
        [0.804, "80%"],
        [0.1, "10%"],
        [0.0996, "10%"],
        [0.0421, "4.2%"],
        [0.04, "4%"],
        [0.0004, "<0.1%"],
        [-0.25, "-25%"],
        [1.25, "125%"],
    ]) {
        expect(formatShare(share)).toBe(text);
    }
});

class Rule extends models.Model {
    _name = "rule";
    percent = fields.Integer();
    _records = [{ id: 1, percent: 75 }];
}

defineMailModels();
defineModels([Rule]);

test.tags("desktop");
test("a percentage has its sign where it is read", async () => {
    await mountView({
        type: "list",
        resModel: "rule",
        arch: `<list><field name="percent" widget="crm_extended_percent" /></list>`,
    });
    expect(".o_data_cell").toHaveText("75%");
});

test.tags("desktop");
test("two days of a year name it once", () => {
    expect(formatDay("2026-11-27")).toBe("Nov 27, 2026");
    expect(formatDays("2026-08-27", "2026-11-27")).toBe("Aug 27 → Nov 27, 2026");
    expect(formatDays("2025-11-30", "2026-11-27")).toBe("Nov 30, 2025 → Nov 27, 2026");
});

import { beforeEach, expect, test } from "@odoo/hoot";
import { allowTranslations, patchWithCleanup } from "@web/../tests/web_test_helpers";
import { localization } from "@web/core/l10n/localization";
import { registry } from "@web/core/registry";
import "@crm_extended/care/share_format";

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

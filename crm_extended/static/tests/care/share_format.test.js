import { expect, test } from "@odoo/hoot";
import { allowTranslations } from "@web/../tests/web_test_helpers";
import { registry } from "@web/core/registry";
import "@crm_extended/care/share_format";

test.tags("desktop");
test("a share of nothing is empty, a share of none is 0 %", () => {
    allowTranslations();
    const format = registry.category("formatters").get("crm_extended_share");
    expect(format(false)).toBe("");
    expect(format(0)).toBe("0%");
    expect(format(0.75)).toBe("75%");
});

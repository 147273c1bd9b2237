import { expect, test } from "@odoo/hoot";
import { markup } from "@odoo/owl";
import { fetchedAction } from "@crm_extended/common/fetched_action";

test.tags("desktop");
test("the help of a fetched action is HTML", () => {
    const action = fetchedAction({ name: "Margins", help: "<p>No purchases</p>" });
    expect(action.name).toBe("Margins");
    expect(action.help).toBeInstanceOf(markup("").constructor);
    expect(String(action.help)).toBe("<p>No purchases</p>");
    expect(fetchedAction({ name: "Margins" })).toEqual({ name: "Margins" });
    expect(fetchedAction(false)).toBe(false);
});

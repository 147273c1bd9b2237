import { expect, test } from "@odoo/hoot";
import { advanceTime, mockDate } from "@odoo/hoot-mock";
import {
    allowTranslations,
    defineModels,
    fields,
    models,
    mountView,
} from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { formatRemaining } from "@crm_extended/care/care_countdown";

class Case extends models.Model {
    _name = "crm.care.case";

    due = fields.Datetime();
    opened = fields.Datetime();
    state = fields.Selection({
        selection: [
            ["ongoing", "Ongoing"],
            ["paused", "Paused"],
            ["failed", "Missed"],
        ],
    });

    _records = [
        {
            id: 1,
            opened: "2026-03-16 08:00:00",
            due: "2026-03-16 11:35:00",
            state: "ongoing",
        },
        {
            id: 2,
            opened: "2026-03-01 08:00:00",
            due: "2026-03-18 22:30:00",
            state: "ongoing",
        },
        {
            id: 3,
            opened: "2026-03-16 08:00:00",
            due: "2026-03-16 09:00:00",
            state: "paused",
        },
        { id: 4, opened: "2026-03-16 08:00:00", due: false, state: false },
    ];
}

defineMailModels();
defineModels([Case]);

test("lengths of time", () => {
    allowTranslations();
    expect(formatRemaining(90 * 1000)).toBe("01:30");
    expect(formatRemaining(-59 * 60 * 1000)).toBe("59:00");
    expect(String(formatRemaining(2.5 * 3600 * 1000))).toBe("2 h 30 min");
    expect(String(formatRemaining(51 * 3600 * 1000))).toBe("2 d 3 h");
});

test("ticks, turns amber and red", async () => {
    // Far enough from the marks for a machine that takes its time.
    mockDate("2026-03-16 10:00:00", 0);
    await mountView({
        type: "list",
        resModel: "crm.care.case",
        arch: `
            <list>
                <field name="state" column_invisible="1"/>
                <field name="opened" column_invisible="1"/>
                <field name="due" widget="crm_care_countdown"
                    options="{'state_field': 'state', 'start_field': 'opened'}"/>
            </list>`,
    });
    const badges = ".o_crm_extended_countdown";
    expect(badges).toHaveCount(3);
    expect(`${badges}:eq(0)`).toHaveClass("text-bg-light");
    expect(`${badges}:eq(1)`).toHaveText("2 d 12 h");
    expect(`${badges}:eq(1)`).toHaveClass("text-bg-warning");
    expect(`${badges}:eq(2)`).toHaveText("Paused");
    await advanceTime(50 * 60_000);
    expect(`${badges}:eq(0)`).toHaveText(/^4\d:\d\d$/);
    expect(`${badges}:eq(0)`).toHaveClass("text-bg-warning");
    await advanceTime(60 * 60_000);
    expect(`${badges}:eq(0)`).toHaveText(/late$/);
    expect(`${badges}:eq(0)`).toHaveClass("text-bg-danger");
    expect(`${badges}:eq(2)`).toHaveText("Paused");
});

import { expect, test } from "@odoo/hoot";
import { advanceTime, mockDate } from "@odoo/hoot-mock";
import {
    allowTranslations,
    defineModels,
    fields,
    makeMockEnv,
    models,
    mountView,
} from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import {
    formatMoment,
    formatRemaining,
    formatWorkingTime,
} from "@crm_extended/care/care_countdown";

class Case extends models.Model {
    _name = "crm.care.case";

    due = fields.Datetime();
    opened = fields.Datetime();
    hours = fields.Float();
    metric = fields.Selection({
        selection: [
            ["first_response", "First Response"],
            ["resolution", "Resolution"],
        ],
    });
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
            hours: 1,
            metric: "first_response",
        },
        {
            id: 2,
            opened: "2026-03-01 08:00:00",
            due: "2026-03-18 22:30:00",
            state: "ongoing",
            hours: 20.5,
            metric: "resolution",
        },
        {
            id: 3,
            opened: "2026-03-16 08:00:00",
            due: "2026-03-16 09:00:00",
            state: "paused",
            hours: -1,
            metric: "first_response",
        },
        { id: 4, opened: "2026-03-16 08:00:00", due: false, state: false },
    ];
}

defineMailModels();
defineModels([Case]);

test("lengths of time", () => {
    allowTranslations();
    expect(String(formatRemaining(30 * 1000))).toBe("0 min");
    expect(String(formatRemaining(90 * 1000))).toBe("1 min");
    expect(String(formatRemaining(-59 * 60 * 1000))).toBe("59 min");
    expect(String(formatRemaining(3600 * 1000))).toBe("1 h");
    expect(String(formatRemaining(3600 * 1000 + 5 * 60 * 1000))).toBe("1 h 5 min");
    expect(String(formatRemaining(2.5 * 3600 * 1000))).toBe("2 h 30 min");
    expect(String(formatRemaining(51 * 3600 * 1000))).toBe("2 d 3 h");
});

test("lengths of working time", async () => {
    await makeMockEnv();
    const hour = 3600 * 1000;
    for (const [milliseconds, isLate, text] of [
        [8 * hour, false, "8 working hours left"],
        [7.9 * hour, false, "7.5 working hours left"],
        [12.9 * hour, false, "12 working hours left"],
        [hour, false, "1 working hour left"],
        [hour / 2, false, "30 working minutes left"],
        [hour / 60, false, "1 working minute left"],
        [0, false, "0 working minutes left"],
        [hour, true, "1 working hour late"],
        [40 * hour, true, "40 working hours late"],
        [hour / 4, true, "15 working minutes late"],
    ]) {
        expect(String(formatWorkingTime(milliseconds, isLate))).toBe(text);
    }
});

test("moments near and far", () => {
    const moment = luxon.DateTime.fromISO("2026-03-16T13:00:00", { locale: "en-US" });
    const day = 24 * 3600 * 1000;
    expect(formatMoment(moment, moment.toMillis() - day)).toMatch(/^Mon,? 1:00\sPM$/);
    expect(formatMoment(moment, moment.toMillis() - 9 * day)).toMatch(
        /^Mar 16,? 1:00\sPM$/
    );
});

test("names its target and the working time left", async () => {
    mockDate("2026-03-16 10:00:00", 0);
    const options = `{
        'state_field': 'state', 'start_field': 'opened', 'target_field': 'metric',
        'hours_field': 'hours', 'detailed': True}`;
    await mountView({
        type: "list",
        resModel: "crm.care.case",
        arch: `
            <list>
                <field name="state" column_invisible="1"/>
                <field name="opened" column_invisible="1"/>
                <field name="metric" column_invisible="1"/>
                <field name="hours" column_invisible="1"/>
                <field name="due" widget="crm_care_countdown" options="${options}"/>
            </list>`,
    });
    const badges = ".o_crm_extended_countdown";
    expect(`${badges}:eq(0)`).toHaveText(
        /^First Response · Mon,? 11:35\sAM · 1 working hour left$/
    );
    expect(`${badges}:eq(1)`).toHaveText(
        /^Resolution · Wed,? 10:30\sPM · 20 working hours left$/
    );
    expect(`${badges}:eq(2)`).toHaveText("First Response · Paused");
    expect(`${badges}:eq(0)`).toHaveAttribute("title", /1 working hour left$/);
    // No more is left than there is by the clock.
    await advanceTime(65 * 60_000);
    expect(`${badges}:eq(0)`).toHaveText(/(29|30) working minutes left$/);
});

test("is short in lists and cards", async () => {
    mockDate("2026-03-16 10:00:00", 0);
    await mountView({
        type: "list",
        resModel: "crm.care.case",
        arch: `
            <list>
                <field name="state" column_invisible="1"/>
                <field name="metric" column_invisible="1"/>
                <field name="hours" column_invisible="1"/>
                <field name="due" widget="crm_care_countdown" options="{
                    'state_field': 'state', 'target_field': 'metric',
                    'hours_field': 'hours'}"/>
            </list>`,
    });
    const badges = ".o_crm_extended_countdown";
    expect(`${badges}:eq(0)`).toHaveText("First Response · 1 h");
    expect(`${badges}:eq(1)`).toHaveText("Resolution · 20 h 30 min");
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
    expect(`${badges}:eq(0)`).toHaveText(/^4\d min$/);
    expect(`${badges}:eq(0)`).toHaveClass("text-bg-warning");
    await advanceTime(60 * 60_000);
    expect(`${badges}:eq(0)`).toHaveText(/late$/);
    expect(`${badges}:eq(0)`).toHaveClass("text-bg-danger");
    expect(`${badges}:eq(2)`).toHaveText("Paused");
});

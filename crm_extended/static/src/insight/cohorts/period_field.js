import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { Component, xml } from "@odoo/owl";

/**
 * The month or quarter that begins on a day, in the reader's language: "Aug 2026".
 *
 * @param {luxon.DateTime} day
 * @param {"month"|"quarter"} step
 */
export function formatPeriod(day, step) {
    if (step === "quarter") {
        return _t("Q%(quarter)s %(year)s", { quarter: day.quarter, year: day.year });
    }
    return day.toLocaleString({ month: "short", year: "numeric" });
}

/** The first day of a month as that month; of a quarter, where cohorts are by quarter. */
export class PeriodField extends Component {
    static template = xml`<span t-out="text" />`;
    static props = { ...standardFieldProps };

    get text() {
        const { name, record } = this.props;
        const day = record.data[name];
        return day ? formatPeriod(day, record.context.cohort_step) : "";
    }
}

registry.category("fields").add("crm_extended_period", {
    component: PeriodField,
    supportedTypes: ["date"],
});

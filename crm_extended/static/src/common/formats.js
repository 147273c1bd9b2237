import { registry } from "@web/core/registry";
import { formatPercentage } from "@web/views/fields/formatters";
import { IntegerField, integerField } from "@web/views/fields/integer/integer_field";
import {
    PercentageField,
    percentageField,
} from "@web/views/fields/percentage/percentage_field";

const { DateTime } = luxon;

/**
 * A share as this app writes it: "80%"; with a decimal where it matters, below 10% and
 * above 99% ("4.2%", "99.6%"). Only what is all is 100%, and only what is nothing is 0%.
 *
 * @param {number|false|null|undefined} value 1 for all; none is a share of nothing
 * @param {Object} [options] as for Odoo's own format; digits are decided here
 */
export function formatShare(value, options = {}) {
    if (value === false || value === null || value === undefined) {
        return "";
    }
    const size = Math.abs(value);
    const isFine = (size < 0.0995 && size > 0) || (size > 0.99 && size < 1);
    let shown = value;
    if (size > 0 && size < 0.0005) {
        shown = Math.sign(value) * 0.001;
    } else if (size < 1 && size > 0.999) {
        shown = Math.sign(value) * 0.999;
    }
    const text = formatPercentage(shown, {
        noSymbol: options.noSymbol,
        digits: [16, isFine ? 1 : 0],
    });
    return size > 0 && size < 0.0005 ? `<${text}` : text;
}
formatShare.extractOptions = formatPercentage.extractOptions;

registry.category("formatters").add("crm_extended_share", formatShare);

/** A share that is stored in per cent, 100 for all. */
export function formatPercent(value, options) {
    return formatShare(typeof value === "number" ? value / 100 : value, options);
}
formatPercent.extractOptions = formatPercentage.extractOptions;

registry.category("formatters").add("crm_extended_percent", formatPercent);

/** A share that is shown, and typed in as per cent. */
export class ShareField extends PercentageField {
    get formattedValue() {
        const { readonly, record, name } = this.props;
        return readonly ? formatShare(record.data[name]) : super.formattedValue;
    }
}

registry.category("fields").add("crm_extended_share", {
    ...percentageField,
    component: ShareField,
});

/** A share that is stored in per cent, 100 for all; typed in without the sign. */
export class PercentField extends IntegerField {
    get formattedValue() {
        const { readonly, record, name } = this.props;
        return readonly ? formatPercent(record.data[name]) : super.formattedValue;
    }
}

registry.category("fields").add("crm_extended_percent", {
    ...integerField,
    component: PercentField,
});

/**
 * A day in the reader's language: "Aug 27, 2026".
 *
 * @param {string} day as the server writes it
 */
export function formatDay(day) {
    return DateTime.fromISO(day).toLocaleString(DateTime.DATE_MED);
}

/**
 * Two days and the way between them: "Aug 27 → Nov 27, 2026".
 *
 * @param {string} from as the server writes it
 * @param {string} to
 */
export function formatDays(from, to) {
    const first = DateTime.fromISO(from);
    const sameYear = first.year === DateTime.fromISO(to).year;
    const format = sameYear ? { month: "short", day: "numeric" } : DateTime.DATE_MED;
    return `${first.toLocaleString(format)} → ${formatDay(to)}`;
}

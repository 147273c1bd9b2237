import { _t } from "@web/core/l10n/translation";

/**
 * Which customers a page of figures is about.
 *
 * @param {{company: string, months: number}} summary no months: no lookback period
 * @returns {string}
 */
export function describePopulation({ company, months }) {
    return months
        ? _t(
              "Customers of %(company)s with purchases in the last %(months)s months, limited to the customers you can see",
              { company, months }
          )
        : _t(
              "Customers of %(company)s with purchases, limited to the customers you can see",
              { company }
          );
}

import { registry } from "@web/core/registry";
import { formatPercentage } from "@web/views/fields/formatters";

// A share of nothing is none; Odoo's own format would call it 0 %.
function formatShare(value, options) {
    return value === false ? "" : formatPercentage(value, options);
}
formatShare.extractOptions = formatPercentage.extractOptions;

registry.category("formatters").add("crm_extended_share", formatShare);

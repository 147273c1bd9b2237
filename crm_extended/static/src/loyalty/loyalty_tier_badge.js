import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { BadgeField, badgeField } from "@web/views/fields/badge/badge_field";

/** A tier as a badge in its colour, with its icon. */
export class LoyaltyTierBadge extends BadgeField {
    static template = "crm_extended.LoyaltyTierBadge";
    static props = {
        ...BadgeField.props,
        iconField: { type: String, optional: true },
    };

    get icon() {
        // Always one, to tell it from a tag.
        return this.props.record.data[this.props.iconField] || "fa-trophy";
    }
}

registry.category("fields").add("crm_loyalty_tier_badge", {
    ...badgeField,
    component: LoyaltyTierBadge,
    displayName: _t("Loyalty Tier"),
    // As the badges beside it.
    additionalClasses: ["o_field_badge"],
    supportedOptions: [
        ...badgeField.supportedOptions,
        {
            label: _t("Icon field"),
            name: "icon_field",
            type: "field",
            availableTypes: ["selection", "char"],
        },
    ],
    extractProps: (fieldInfo, dynamicInfo) => ({
        ...badgeField.extractProps(fieldInfo, dynamicInfo),
        iconField: fieldInfo.options.icon_field,
    }),
});

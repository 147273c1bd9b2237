import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { BadgeField, badgeField } from "@web/views/fields/badge/badge_field";

/**
 * Tier and segment of a customer in one line of a narrow column: the tier by its icon and
 * color, with its name where there is no segment beside it.
 */
export class TierAndSegment extends BadgeField {
    static template = "crm_extended.TierAndSegment";
    static props = {
        ...BadgeField.props,
        tierField: String,
        tierColorField: String,
        iconField: String,
    };

    get segmentTitle() {
        return _t("Segment: %s", this.formattedValue);
    }

    get tier() {
        const { data } = this.props.record;
        const tier = data[this.props.tierField];
        return (
            tier && {
                name: tier.display_name,
                title: _t("Tier: %s", tier.display_name),
                color: `o_badge_color_${data[this.props.tierColorField]}`,
                icon: data[this.props.iconField] || "fa-trophy",
            }
        );
    }
}

registry.category("fields").add("crm_tier_and_segment", {
    ...badgeField,
    component: TierAndSegment,
    additionalClasses: ["o_field_badge"],
    extractProps: (fieldInfo, dynamicInfo) => ({
        ...badgeField.extractProps(fieldInfo, dynamicInfo),
        tierField: fieldInfo.options.tier_field,
        tierColorField: fieldInfo.options.tier_color_field,
        iconField: fieldInfo.options.icon_field,
    }),
});

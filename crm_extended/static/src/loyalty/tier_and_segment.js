import { registry } from "@web/core/registry";
import { badgeField } from "@web/views/fields/badge/badge_field";

import { SegmentBadge } from "../rfm/segment_badge/segment_badge";

/** Tier and segment of a customer in one column: the tier by its icon, if it has one. */
export class TierAndSegment extends SegmentBadge {
    static template = "crm_extended.TierAndSegment";
    static props = {
        ...SegmentBadge.props,
        tierField: String,
        tierColorField: String,
        iconField: String,
    };

    get tier() {
        const { data } = this.props.record;
        const tier = data[this.props.tierField];
        return (
            tier && {
                name: tier.display_name,
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

import { registry } from "@web/core/registry";
import { BadgeField, badgeField } from "@web/views/fields/badge/badge_field";

/** A segment as a badge with corners and its sign: tags and tiers are round. */
export class SegmentBadge extends BadgeField {
    static template = "crm_extended.SegmentBadge";
}

registry.category("fields").add("crm_segment_badge", {
    ...badgeField,
    component: SegmentBadge,
    // As the badges beside it.
    additionalClasses: ["o_field_badge"],
});

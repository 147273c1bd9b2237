import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { Component } from "@odoo/owl";

/** Response rates by the scores and segments that customers had when they were reached. */
export class CampaignScores extends Component {
    static template = "crm_extended.CampaignScores";
    static props = { ...standardFieldProps };

    get groups() {
        const groups = this.props.record.data[this.props.name] || [];
        return groups.filter(({ rows }) => rows.length);
    }

    get hasYear() {
        return this.groups.some(({ rows }) => rows.some(({ year }) => year.ended));
    }
}

registry.category("fields").add("crm_extended_campaign_scores", {
    component: CampaignScores,
    supportedTypes: ["json"],
});

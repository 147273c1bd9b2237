from odoo import api, models
from odoo.tools import SQL


class CrmCampaignReach(models.Model):
    """Care plans of a campaign reach their customers. Of both groups the day of enrollment
    counts, so that they can be compared."""

    _inherit = "crm.campaign.reach"

    @api.model
    def _reach_sources(self, company, since):
        enrolled = SQL(
            """
            SELECT plan.campaign_id, enrollment.partner_id,
                   enrollment.start_date AS date, enrollment.arm
              FROM crm_care_plan AS plan
              JOIN crm_care_enrollment AS enrollment ON enrollment.plan_id = plan.id
             WHERE plan.campaign_id IS NOT NULL AND enrollment.company_id = %s
               AND enrollment.start_date >= %s
            """,
            company.id,
            since,
        )
        return {**super()._reach_sources(company, since), "care_plan": enrolled}

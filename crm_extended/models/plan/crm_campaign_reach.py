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
                   %(day)s AS date, enrollment.arm
              FROM crm_care_plan AS plan
              JOIN crm_care_enrollment AS enrollment ON enrollment.plan_id = plan.id
             WHERE plan.campaign_id IS NOT NULL AND enrollment.company_id = %(company)s
               AND %(day)s >= %(since)s
            """,
            day=self._day(company, SQL("enrollment.start_date")),
            company=company.id,
            since=since,
        )
        return {**super()._reach_sources(company, since), "care_plan": enrolled}

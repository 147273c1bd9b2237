from odoo import models


class UtmCampaign(models.Model):
    """Campaigns lead to their plan in the current company. They store nothing of it."""

    _inherit = "utm.campaign"

    def action_campaign_plan(self):
        """Open the plan and the response, a new one where there is none."""
        self.ensure_one()
        plans = self.env["crm.campaign.plan"]
        plan = plans.search(
            [
                ("campaign_id", "=", self.id),
                ("company_id", "=", self.env.company.id),
            ]
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Campaign Response"),
            "res_model": plans._name,
            "res_id": plan.id,
            "views": [(False, "form")],
            "context": {"default_campaign_id": self.id},
        }

from odoo import Command, fields, models

from ...models.insight.groups import USE_INSIGHT


class CrmLeadLost(models.TransientModel):
    """Asks which competitors were in play when leads are lost."""

    _inherit = "crm.lead.lost"

    competitor_ids = fields.Many2many(
        "crm.competitor",
        "crm_competitor_lead_lost_rel",
        "wizard_id",
        "competitor_id",
        string="Competitors",
        groups=USE_INSIGHT,
        help="Competitors that the customer looked at, or went to.",
    )

    def action_lost_reason_apply(self):
        if self.env.user.has_group(USE_INSIGHT) and self.competitor_ids:
            self.lead_ids.write(
                {
                    "competitor_ids": [
                        Command.link(id_) for id_ in self.competitor_ids.ids
                    ]
                }
            )
        return super().action_lost_reason_apply()

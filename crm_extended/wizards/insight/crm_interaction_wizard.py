from odoo import Command, fields, models

from ...models.insight.groups import USE_INSIGHT


class CrmInteractionWizard(models.TransientModel):
    """Notes which competitors came up."""

    _inherit = "crm.interaction.wizard"

    competitor_ids = fields.Many2many(
        "crm.competitor",
        "crm_competitor_interaction_wizard_rel",
        "wizard_id",
        "competitor_id",
        string="Competitors",
        groups=USE_INSIGHT,
    )

    def _prepare_interaction(self):
        values = super()._prepare_interaction()
        if not self.env.user.has_group(USE_INSIGHT):
            return values
        return {**values, "competitor_ids": [Command.set(self.competitor_ids.ids)]}

from odoo import fields, models

from .groups import USE_TIMELINE


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    group_crm_timeline = fields.Boolean(
        string="Timeline & Interactions",
        implied_group=USE_TIMELINE,
        group="sales_team.group_sale_salesman,crm_extended.group_care_agent",
    )
    last_contact_pending = fields.Boolean(compute="_compute_last_contact_pending")

    def _compute_last_contact_pending(self):
        self.last_contact_pending = self.env["crm.last.contact"]._is_catching_up()

from odoo import fields, models

from ..common.groups import SALES
from .groups import USE_LOYALTY


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    group_crm_loyalty = fields.Boolean(
        string="Loyalty Tiers", implied_group=USE_LOYALTY, group=SALES
    )
    loyalty_period = fields.Selection(
        related="company_id.loyalty_period", readonly=False
    )
    loyalty_period_months = fields.Integer(
        related="company_id.loyalty_period_months", readonly=False
    )
    loyalty_grace_months = fields.Integer(
        related="company_id.loyalty_grace_months", readonly=False
    )
    loyalty_fall = fields.Selection(related="company_id.loyalty_fall", readonly=False)
    loyalty_close_percent = fields.Integer(
        related="company_id.loyalty_close_percent", readonly=False
    )
    loyalty_portal = fields.Boolean(related="company_id.loyalty_portal", readonly=False)

    loyalty_mail_risen = fields.Boolean(
        related="company_id.loyalty_mail_risen", readonly=False
    )
    loyalty_mail_grace = fields.Boolean(
        related="company_id.loyalty_mail_grace", readonly=False
    )
    loyalty_mail_fallen = fields.Boolean(
        related="company_id.loyalty_mail_fallen", readonly=False
    )

    def action_loyalty_assess(self):
        return self.env["crm.loyalty.membership"].action_assess()

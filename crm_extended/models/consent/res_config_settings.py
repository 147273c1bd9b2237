from odoo import fields, models

from .groups import USE_CONSENT


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    group_crm_consent = fields.Boolean(
        string="Contact Policy",
        implied_group=USE_CONSENT,
        group="sales_team.group_sale_salesman,crm_extended.group_care_agent",
    )
    contact_quiet_from = fields.Float(
        related="company_id.contact_quiet_from", readonly=False
    )
    contact_quiet_to = fields.Float(
        related="company_id.contact_quiet_to", readonly=False
    )
    contact_weekdays = fields.Char(
        related="company_id.contact_weekdays", readonly=False
    )
    contact_limit = fields.Integer(related="company_id.contact_limit", readonly=False)
    contact_limit_channels = fields.Char(
        related="company_id.contact_limit_channels", readonly=False
    )
    contact_wait_days = fields.Integer(
        related="company_id.contact_wait_days", readonly=False
    )
    contact_keep_ip = fields.Boolean(
        related="company_id.contact_keep_ip", readonly=False
    )
    contact_quiet_day_ids = fields.One2many(
        related="company_id.contact_quiet_day_ids", readonly=False
    )

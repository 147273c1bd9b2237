from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    agenda_size = fields.Integer(related="company_id.agenda_size", readonly=False)
    agenda_lead_days = fields.Integer(
        related="company_id.agenda_lead_days", readonly=False
    )
    agenda_silence_days = fields.Integer(
        related="company_id.agenda_silence_days", readonly=False
    )

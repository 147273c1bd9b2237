from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    care_deleted_customer = fields.Selection(
        related="company_id.care_deleted_customer", readonly=False
    )
    care_portal_company_cases = fields.Boolean(
        related="company_id.care_portal_company_cases", readonly=False
    )

from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    rfm_source = fields.Selection(related="company_id.rfm_source", readonly=False)
    rfm_window_months = fields.Integer(
        related="company_id.rfm_window_months", readonly=False
    )
    rfm_bins = fields.Integer(related="company_id.rfm_bins", readonly=False)
    rfm_method = fields.Selection(related="company_id.rfm_method", readonly=False)
    rfm_monetary_measure = fields.Selection(
        related="company_id.rfm_monetary_measure", readonly=False
    )
    rfm_post_moves = fields.Selection(
        related="company_id.rfm_post_moves", readonly=False
    )

    def action_rfm_refresh(self):
        return self.env["crm.rfm.score"].action_refresh()

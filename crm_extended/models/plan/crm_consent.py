from odoo import api, models


class CrmConsent(models.Model):
    """Who refuses leaves the plans that are about it."""

    _inherit = "crm.consent"

    @api.model_create_multi
    def create(self, vals_list):
        consents = super().create(vals_list)
        self.env["crm.care.enrollment"]._opt_out(consents)
        return consents

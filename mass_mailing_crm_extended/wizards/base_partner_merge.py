from odoo import api, models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Mailings to contacts that are merged were mailings to the one who is left."""

    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_reference_fields(self, src_partners, dst_partner):
        # sudo: whoever merges need not be allowed to use mailings.
        traces = self.env["mailing.trace"].sudo()
        traces.search(
            [("model", "=", "res.partner"), ("res_id", "in", src_partners.ids)]
        ).write({"res_id": dst_partner.id})
        return super()._update_reference_fields(src_partners, dst_partner)

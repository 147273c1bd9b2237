from odoo import api, models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """What was decided on lists of the day stays when customers are merged."""

    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        self.env["crm.agenda.item"]._merge_into(src_partners, dst_partner)
        return super()._update_foreign_keys(src_partners, dst_partner)

from odoo import api, models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Referrals follow merged customers; none of them recommends itself."""

    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        self.env["crm.referral"]._merge_into(src_partners, dst_partner)
        return super()._update_foreign_keys(src_partners, dst_partner)

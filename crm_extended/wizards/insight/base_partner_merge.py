from odoo import api, models
from odoo.tools import SQL


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """The products of contacts that are merged are those of all their purchases. Referrals,
    answers and the reach of campaigns follow merged customers; none of them recommends
    itself."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        partners = self.env["res.partner"].browse(partner_ids).exists()
        # sudo: of all companies, no matter who merges.
        products = self.env["crm.customer.product"].sudo()
        is_known = products.search_count([("partner_id", "in", partners.ids)], limit=1)
        result = super()._merge(partner_ids, dst_partner, extra_checks)
        merged = partners.exists()
        if is_known and len(merged) < len(partners):
            products._refresh_customers(merged.commercial_partner_id)
        if len(merged) == 1 < len(partners):
            # sudo: as above.
            answers = self.env["crm.satisfaction.answer"].sudo()
            below = merged.with_context(active_test=False).search(
                [("id", "child_of", merged.id)]
            )
            answers._follow_customers(SQL("answer.contact_id = ANY(%s)", below.ids))
        return result

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        self.env["crm.referral"]._merge_into(src_partners, dst_partner)
        self.env["crm.campaign.reach"]._merge_into(src_partners, dst_partner)
        return super()._update_foreign_keys(src_partners, dst_partner)

from odoo import api, models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """When customers are merged, the highest tier stays, and the history of all.

    Odoo alone would keep any one of the memberships, and carry over that a pricelist was
    applied without the pricelist.
    """

    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        # sudo: tiers follow their customers in all companies, no matter who merges.
        pricelists = self.env["crm.loyalty.pricelist"].sudo()
        contacts = src_partners.with_context(active_test=False).sudo()
        contacts = contacts.search([("parent_id", "in", src_partners.ids)])
        pricelists._note_leaving(src_partners.sudo() | contacts)
        pricelists._take_back_from(src_partners)
        self.env["crm.loyalty.membership"].sudo()._merge_into(src_partners, dst_partner)
        return super()._update_foreign_keys(src_partners, dst_partner)

    @api.model
    def _update_values(self, src_partners, dst_partner):
        result = super()._update_values(src_partners, dst_partner)
        # sudo: as above. By now the customer has the prices that stay.
        self.env["crm.loyalty.membership"].sudo()._apply_pricelists_after_merge(
            dst_partner
        )
        return result

from odoo import api, models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Of customers that are merged the highest tier stays, and the history of all.

    Odoo alone would delete the memberships of all but one, whichever they are, and carry
    over that a pricelist was applied without the pricelist.
    """

    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        # sudo: tiers follow their customers in all companies, whoever merges these.
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
        self.env["crm.loyalty.membership"].sudo()._follow_merge(dst_partner)
        return result

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        partners = self.env["res.partner"].browse(partner_ids).exists()
        customers = partners.commercial_partner_id
        transactions = self.env["crm.customer.transaction"]
        bought_for = transactions._get_customers_of_documents(partners)
        result = super()._merge(partner_ids, dst_partner, extra_checks)
        merged = partners.exists()
        if len(merged) == 1 < len(partners):
            self.env["crm.customer.former.contact"]._note_merged(
                bought_for, (partners - merged).ids, merged
            )
        # The keys have been changed by SQL; last contacts of the customer that is gone
        # went with them, those of a company whose contact is gone did not.
        customers |= merged.commercial_partner_id
        customers = customers.exists()
        self.env["crm.last.contact"]._note_customers(customers)
        # sudo: targets go by the tier and the segment of whom the customer has become,
        # in all companies, whoever merges.
        cases = self.env["crm.care.case"].sudo().with_context(active_test=False)
        cases.search(
            [
                ("commercial_partner_id", "in", customers.ids),
                ("outcome", "in", ("open", "waiting")),
            ]
        )._apply_targets()
        return result

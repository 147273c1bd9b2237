from odoo import models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """The documents of contacts that are merged keep the customer who bought."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        partners = self.env["res.partner"].browse(partner_ids).exists()
        transactions = self.env["crm.customer.transaction"]
        bought_for = transactions._get_customers_of_documents(partners)
        result = super()._merge(partner_ids, dst_partner, extra_checks)
        merged = partners.exists()
        if len(merged) == 1 < len(partners):
            self.env["crm.customer.former.contact"]._note_merged(
                bought_for, (partners - merged).ids, merged
            )
        return result

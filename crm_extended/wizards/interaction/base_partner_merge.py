from odoo import models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Last contacts follow customers who are merged."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        partners = self.env["res.partner"].browse(partner_ids).exists()
        customers = partners.commercial_partner_id
        result = super()._merge(partner_ids, dst_partner, extra_checks)
        # The keys have been changed by SQL; last contacts of the customer that is gone
        # went with them, those of a company whose contact is gone did not.
        customers |= partners.exists().commercial_partner_id
        self.env["crm.last.contact"]._enqueue_customers(customers.exists())
        return result

from odoo import models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Of two persons who turn out to be one, the stricter answer counts."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        partners = self.env["res.partner"].browse(partner_ids).exists()
        # sudo: answers given to all companies count, whoever merges.
        consents = self.env["crm.consent"].sudo()
        values = consents._values_of_merge(partners)
        # sudo: dates of all companies go with the person.
        self.env["crm.customer.date"].sudo()._drop_doubles(partners)
        result = super()._merge(partner_ids, dst_partner, extra_checks)
        merged = partners.exists()
        if len(merged) == 1 < len(partners):
            consents.create([{**each, "partner_id": merged.id} for each in values])
            # sudo: users have no rights on this model.
            self.env["crm.merged.contact"].sudo()._remember(
                (partners - merged).ids, merged
            )
            # sudo: as above.
            self.env["crm.contact.touch"].sudo()._follow_customer(merged)
        return result

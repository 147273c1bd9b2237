from odoo import api, models

from .crm_loyalty_pricelist import PRICES


class ResPartner(models.Model):
    """Prices that a contact has from the tier of their company stay with the company.

    Odoo copies them to contacts and never takes them away. Nothing is done here when a
    contact is created or edited, only when they get another company, become one, or lose
    theirs; prices change with the next assessment.
    """

    _inherit = "res.partner"

    def write(self, vals):
        if "parent_id" in vals or "is_company" in vals:
            # sudo: prices follow the tier, whoever edits contacts.
            pricelists = self.env["crm.loyalty.pricelist"].sudo()
            pricelists._note_leaving(self.sudo()._filtered_leaving(vals))
        return super().write(vals)

    def _filtered_leaving(self, vals):
        """Those whom such values give another parent, or make a company or none."""
        return self.filtered(
            lambda partner: (
                partner.parent_id.id
                != (vals.get("parent_id", partner.parent_id.id) or False)
                or partner.is_company
                != bool(vals.get("is_company", partner.is_company))
            )
        )

    @api.ondelete(at_uninstall=False)
    def _note_contacts_without_company(self):
        contacts = self.with_context(active_test=False).sudo()
        contacts = contacts.search([("parent_id", "in", self.ids)]) - contacts
        # sudo: as above.
        self.env["crm.loyalty.pricelist"].sudo()._note_leaving(contacts)

    def _get_synced_commercial_values(self):
        # What Odoo hands up to the company that a contact comes to.
        values = super()._get_synced_commercial_values()
        if values.get(PRICES):
            # sudo: as above.
            pricelists = self.env["crm.loyalty.pricelist"].sudo()
            if pricelists._has_taken_along(self):
                del values[PRICES]
        return values

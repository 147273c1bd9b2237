from odoo import models

from .crm_customer_former_contact import BELONGING


class ResPartner(models.Model):
    """Contacts who leave a customer are recorded: their purchases stay with it."""

    _inherit = "res.partner"

    def write(self, vals):
        if BELONGING.isdisjoint(vals):
            return super().write(vals)
        former = self.env["crm.customer.former.contact"]
        joining = self if "parent_id" in vals else self.browse()
        before = former._get_belonging(self, vals)
        result = super().write(vals)
        if before:
            former._note_left(before, joining)
        return result

    def unlink(self):
        # Contacts below them stay, and do not belong to anyone else any more.
        former = self.env["crm.customer.former.contact"]
        before = former._get_belonging_below(self)
        result = super().unlink()
        if before:
            former._note_left(before, self.browse())
        return result

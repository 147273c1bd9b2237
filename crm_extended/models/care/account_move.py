from odoo import models


class AccountMove(models.Model):
    """Invoices open their cases."""

    _name = "account.move"
    _inherit = ["account.move", "crm.customer.figures.mixin"]

    def _get_customer_figures(self):
        cases = self.env["crm.care.case"]
        return super()._get_customer_figures() | cases._get_figures_of(
            "invoice_id", self
        )

    def action_care_cases(self):
        """Open the cases about the invoice."""
        self.ensure_one()
        return self.env["crm.care.case"]._action_of("invoice_id", self)

    def action_care_new_case(self):
        """Open a new case of the invoice's customer, linked to the invoice."""
        self.ensure_one()
        return self.env["crm.care.case"]._action_new(
            name=self.env._("About invoice %s", self.name),
            invoice_id=self.id,
            partner_id=self.partner_id.id,
            company_id=self.company_id.id,
        )

from odoo import models


class SaleOrder(models.Model):
    """Orders open their cases."""

    _name = "sale.order"
    _inherit = ["sale.order", "crm.customer.figures.mixin"]

    def _get_customer_figures(self):
        cases = self.env["crm.care.case"]
        return super()._get_customer_figures() | cases._get_figures_of("order_id", self)

    def action_care_cases(self):
        """Open the cases about the order."""
        self.ensure_one()
        return self.env["crm.care.case"]._action_of("order_id", self)

    def action_care_new_case(self):
        """Open a new case of the order's customer, linked to the order."""
        self.ensure_one()
        return self.env["crm.care.case"]._action_new(
            name=self.env._("About order %s", self.name),
            order_id=self.id,
            partner_id=self.partner_id.id,
            company_id=self.company_id.id,
            lead_id=self.opportunity_id.id if "opportunity_id" in self else False,
        )

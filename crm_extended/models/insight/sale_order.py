from odoo import models


class SaleOrder(models.Model):
    """Quotations open what their customer prefers to buy."""

    _inherit = "sale.order"

    def action_preferences(self):
        self.ensure_one()
        self.check_access("read")
        return self.partner_id.action_preferences()

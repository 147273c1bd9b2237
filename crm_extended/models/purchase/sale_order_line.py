from odoo import models


class SaleOrderLine(models.Model):
    """Index that deposits are found by."""

    _inherit = "sale.order.line"

    # Deposits: few among many lines.
    _downpayment_index = models.Index("(order_id) WHERE is_downpayment")

from odoo import models


class SaleOrder(models.Model):
    """An index that quotations about to expire are found by."""

    _inherit = "sale.order"

    # Odoo's own index by state leads to all quotations that ever were.
    _agenda_index = models.Index("(validity_date) WHERE state IN ('draft', 'sent')")

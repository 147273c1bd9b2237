from odoo import fields, models

from .groups import USE_INSIGHT


class SaleOrder(models.Model):
    """Quotations show the life-cycle stage of their customer."""

    _inherit = "sale.order"

    lifecycle_stage = fields.Selection(
        related="partner_id.lifecycle_stage",
        string="Customer Life-Cycle Stage",
        groups=USE_INSIGHT,
    )

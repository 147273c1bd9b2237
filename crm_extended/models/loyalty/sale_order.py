from odoo import fields, models

from .groups import USE_LOYALTY


class SaleOrder(models.Model):
    """Orders show the tier of their customer."""

    _inherit = "sale.order"

    loyalty_tier_id = fields.Many2one(
        related="partner_id.loyalty_tier_id", string="Customer Tier", groups=USE_LOYALTY
    )
    loyalty_tier_color = fields.Integer(
        related="partner_id.loyalty_tier_color",
        string="Tier Color",
        aggregator=None,
        groups=USE_LOYALTY,
    )
    loyalty_tier_icon = fields.Selection(
        related="partner_id.loyalty_tier_icon", string="Tier Icon", groups=USE_LOYALTY
    )

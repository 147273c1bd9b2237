from odoo import fields, models

from ..common.groups import SALES


class SaleOrder(models.Model):
    """Orders show the tier of their customer."""

    _inherit = "sale.order"

    loyalty_tier_id = fields.Many2one(
        related="partner_id.loyalty_tier_id", string="Customer Tier", groups=SALES
    )
    loyalty_tier_color = fields.Integer(
        related="partner_id.loyalty_tier_color",
        string="Tier Color",
        aggregator=None,
        groups=SALES,
    )
    loyalty_tier_icon = fields.Selection(
        related="partner_id.loyalty_tier_icon", string="Tier Icon", groups=SALES
    )

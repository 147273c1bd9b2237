from odoo import fields, models

from ..common.joined_fields import JoinedFloat, JoinedMonetary
from .groups import USE_INSIGHT


class SaleOrder(models.Model):
    """Quotations show what is expected of their customer."""

    _inherit = "sale.order"

    forecast_p_active = JoinedFloat(
        related="partner_id.forecast_p_active",
        string="Customer P(Active)",
        aggregator=None,
        groups=USE_INSIGHT,
    )
    forecast_next_date = fields.Date(
        related="partner_id.forecast_next_date",
        string="Customer's Next Purchase",
        groups=USE_INSIGHT,
    )
    forecast_currency_id = fields.Many2one(
        related="partner_id.forecast_currency_id",
        string="Forecast Currency",
        groups=USE_INSIGHT,
    )
    forecast_lifetime_revenue = JoinedMonetary(
        related="partner_id.forecast_lifetime_revenue",
        string="Customer's Future Revenue",
        currency_field="forecast_currency_id",
        aggregator=None,
        groups=USE_INSIGHT,
    )

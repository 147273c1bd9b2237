from odoo import fields, models
from odoo.exceptions import UserError

from ..common.client_actions import CLOSE, notification
from .groups import USE_INSIGHT
from .known_fields import ModelJoinedMonetary, NeverZeroJoinedFloat


class SaleOrder(models.Model):
    """Quotations open what their customer prefers to buy, and offer what customers like this
    one also bought. They show the life-cycle stage of their customer,
    and what is expected of them."""

    _name = "sale.order"
    _inherit = ["sale.order", "crm.selection.order.mixin"]
    _ordered_selections = ("lifecycle_stage",)

    lifecycle_stage = fields.Selection(
        related="partner_id.lifecycle_stage",
        string="Customer Life-Cycle Stage",
        groups=USE_INSIGHT,
    )
    forecast_p_active = NeverZeroJoinedFloat(
        related="partner_id.forecast_p_active",
        string="Customer's Active Probability",
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
    forecast_lifetime_revenue = ModelJoinedMonetary(
        related="partner_id.forecast_lifetime_revenue",
        string="Customer's Future Revenue",
        currency_field="forecast_currency_id",
        aggregator=None,
        groups=USE_INSIGHT,
    )

    def action_preferences(self):
        """Open what the customer buys."""
        self.ensure_one()
        self.check_access("read")
        return self.partner_id.action_preferences()

    def _recommend(self, limit, **options):
        """Products that customers like the order's also bought and that are not on it.

        :rtype: list[Recommendation]
        """
        self.ensure_one()
        recommendation = self.env["crm.product.recommendation"]
        products = self.order_line.product_id.product_tmpl_id
        return recommendation._recommend(
            self.partner_id, self.company_id, products.ids, limit, **options
        )

    def action_also_bought(self):
        """Open the products that can be added to a quotation.

        :raise AccessError: unless the user sees analyses and may change the quotation
        :raise UserError: if it is no longer a quotation
        """
        self.ensure_one()
        self.env["crm.product.recommendation"]._check_may_see()
        self.check_access("write")
        if self.state not in ("draft", "sent"):
            raise UserError(
                self.env._("%s is no longer a quotation.", self.display_name)
            )
        return self.env["crm.product.recommendation.wizard"]._open(
            self
        ) or notification(
            self.env._(
                "There is nothing to recommend to %s.", self.partner_id.display_name
            ),
            "info",
            next=CLOSE,
        )

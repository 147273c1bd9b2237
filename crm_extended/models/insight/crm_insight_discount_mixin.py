from odoo import api, fields, models


class CrmInsightDiscountMixin(models.AbstractModel):
    """The share of discounts in what would have been paid without them."""

    _name = "crm.insight.discount.mixin"
    _inherit = "crm.insight.share.mixin"
    _description = "Discount Rate"

    discount_rate = fields.Float(
        compute="_compute_discount_rate",
        aggregator="avg",
        help="Discount divided by the amount before discount. Of a group: the sum of its "
        "discounts divided by the sum of its amounts before discount. Lower prices of a "
        "pricelist that do not show as a discount are not counted.",
    )

    @api.model
    def _get_shares(self):
        return super()._get_shares() | {"discount_rate": ("discount", "list_amount")}

    @api.depends("discount", "list_amount")
    def _compute_discount_rate(self):
        self._compute_share("discount_rate")

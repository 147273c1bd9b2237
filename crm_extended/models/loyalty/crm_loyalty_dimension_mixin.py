from odoo import api, fields, models

from .groups import USE_LOYALTY


class CrmLoyaltyDimensionMixin(models.AbstractModel):
    """The customer's tier of today as a dimension of a report."""

    _name = "crm.loyalty.dimension.mixin"
    _inherit = "crm.customer.join.mixin"
    _description = "Customer Tier Dimension"

    loyalty_tier_id = fields.Many2one(
        "crm.loyalty.tier",
        string="Tier",
        compute="_compute_loyalty_tier_id",
        search="_search_loyalty_tier_id",
        groups=USE_LOYALTY,
        help="The tier that the customer has today, regardless of the date of purchase.",
    )

    @api.model
    def _get_customer_joins(self):
        return super()._get_customer_joins() | {
            "loyalty_tier_id": ("crm.loyalty.membership", "tier_id")
        }

    @api.depends(lambda self: (self._customer_field, "company_id"))
    def _compute_loyalty_tier_id(self):
        self._compute_customer_join("loyalty_tier_id")

    def _search_loyalty_tier_id(self, operator, value):
        return self._search_customer_join("loyalty_tier_id", operator, value)

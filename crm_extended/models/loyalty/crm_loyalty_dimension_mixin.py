from odoo import api, fields, models


class CrmLoyaltyDimensionMixin(models.AbstractModel):
    """The customer's loyalty tier as a dimension of a report."""

    _name = "crm.loyalty.dimension.mixin"
    _inherit = "crm.customer.join.mixin"
    _description = "Loyalty Tier as a Dimension"

    loyalty_tier_id = fields.Many2one(
        "crm.loyalty.tier",
        string="Tier",
        compute="_compute_loyalty_tier_id",
        search="_search_loyalty_tier_id",
        groups="sales_team.group_sale_salesman",
        help="The tier that the customer has today, whenever he bought.",
    )

    @api.model
    def _get_dimensions(self):
        return super()._get_dimensions() | {
            "loyalty_tier_id": ("crm.loyalty.membership", "tier_id")
        }

    @api.depends(lambda self: (self._rfm_customer_field, "company_id"))
    def _compute_loyalty_tier_id(self):
        self._compute_dimension("loyalty_tier_id")

    def _search_loyalty_tier_id(self, operator, value):
        return self._search_dimension("loyalty_tier_id", operator, value)

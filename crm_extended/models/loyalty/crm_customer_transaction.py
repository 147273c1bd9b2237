from odoo import api, fields, models

from .groups import USE_LOYALTY


class CrmCustomerTransaction(models.Model):
    """Purchases by the tier of the customer."""

    _name = "crm.customer.transaction"
    _inherit = ["crm.customer.transaction", "crm.customer.join.mixin"]
    _customer_field = "partner_id"

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

    @api.depends("partner_id", "company_id")
    def _compute_loyalty_tier_id(self):
        self._compute_customer_join("loyalty_tier_id")

    def _search_loyalty_tier_id(self, operator, value):
        return self._search_customer_join("loyalty_tier_id", operator, value)

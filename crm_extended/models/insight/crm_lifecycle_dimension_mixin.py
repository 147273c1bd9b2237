from odoo import api, fields, models

from .groups import USE_INSIGHT


class CrmLifecycleDimensionMixin(models.AbstractModel):
    """The customer's life-cycle stage of today as a dimension of an analysis."""

    _name = "crm.lifecycle.dimension.mixin"
    _inherit = ["crm.customer.join.mixin", "crm.selection.order.mixin"]
    _description = "Customer Life-Cycle Dimension"
    _ordered_selections = ("lifecycle_stage",)

    lifecycle_id = fields.Many2one(
        "crm.lifecycle",
        string="Life Cycle",
        compute="_compute_lifecycle_id",
        search="_search_lifecycle_id",
        groups=USE_INSIGHT,
    )
    lifecycle_stage = fields.Selection(
        related="lifecycle_id.stage",
        string="Life-Cycle Stage",
        groups=USE_INSIGHT,
        help="The stage that the customer is in today, regardless of the date of purchase.",
    )

    @api.model
    def _get_customer_joins(self):
        return super()._get_customer_joins() | {"lifecycle_id": ("crm.lifecycle", "id")}

    @api.depends(lambda self: (self._customer_field, "company_id"))
    def _compute_lifecycle_id(self):
        self._compute_customer_join("lifecycle_id")

    def _search_lifecycle_id(self, operator, value):
        return self._search_customer_join("lifecycle_id", operator, value)

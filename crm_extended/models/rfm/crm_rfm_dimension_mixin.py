from odoo import api, fields, models


class CrmRfmDimensionMixin(models.AbstractModel):
    """The customer's segment as a dimension of a report."""

    _name = "crm.rfm.dimension.mixin"
    _inherit = "crm.customer.join.mixin"
    _description = "Customer Segment Dimension"

    rfm_segment_id = fields.Many2one(
        "crm.rfm.segment",
        string="Segment",
        compute="_compute_rfm_segment_id",
        search="_search_rfm_segment_id",
        groups="sales_team.group_sale_salesman",
    )

    @api.model
    def _get_customer_joins(self):
        return super()._get_customer_joins() | {
            "rfm_segment_id": ("crm.rfm.score", "segment_id")
        }

    @api.depends(lambda self: (self._customer_field, "company_id"))
    def _compute_rfm_segment_id(self):
        self._compute_customer_join("rfm_segment_id")

    def _search_rfm_segment_id(self, operator, value):
        return self._search_customer_join("rfm_segment_id", operator, value)

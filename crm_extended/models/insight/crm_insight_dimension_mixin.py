from odoo import fields, models


class CrmInsightDimensionMixin(models.AbstractModel):
    """The customer's segment and tier of today as dimensions of an analysis."""

    _name = "crm.insight.dimension.mixin"
    _inherit = ["crm.rfm.dimension.mixin", "crm.loyalty.dimension.mixin"]
    _description = "Customer Segment and Tier Dimensions"
    _customer_field = "partner_id"

    rfm_segment_id = fields.Many2one(
        help="The segment that the customer has today, regardless of the date of purchase."
    )

from odoo import api, fields, models

from .groups import SEE_MARGIN


class CrmInsightMarginMixin(models.AbstractModel):
    """The share of margin in revenue."""

    _name = "crm.insight.margin.mixin"
    _inherit = "crm.insight.share.mixin"
    _description = "Margin Share"

    margin_share = fields.Float(
        compute="_compute_margin_share",
        groups=SEE_MARGIN,
        aggregator="avg",
        help="Margin divided by the revenue whose cost is known.",
    )

    @api.model
    def _get_shares(self):
        return super()._get_shares() | {"margin_share": ("margin", "costed_revenue")}

    @api.depends("margin", "costed_revenue")
    def _compute_margin_share(self):
        self._compute_share("margin_share")

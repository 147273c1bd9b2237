from odoo import api, fields, models
from odoo.tools import SQL

from .groups import SEE_MARGIN


class CrmInsightMarginMixin(models.AbstractModel):
    """The share of margin in revenue, of a group of rows: not the average of theirs."""

    _name = "crm.insight.margin.mixin"
    _description = "Margin Share"

    margin_share = fields.Float(
        compute="_compute_margin_share",
        groups=SEE_MARGIN,
        aggregator="avg",
        help="Margin divided by the revenue whose cost is known.",
    )

    @api.depends("margin", "costed_revenue")
    def _compute_margin_share(self):
        for row in self:
            revenue = row.costed_revenue
            row.margin_share = row.margin / revenue if revenue else 0.0

    def _field_to_sql(self, alias, field_expr, query=None):
        if field_expr != "margin_share":
            return super()._field_to_sql(alias, field_expr, query)
        self._check_field_access(self._fields["margin_share"], "read")
        return SQL(
            "(%s / NULLIF(%s, 0))",
            self._field_to_sql(alias, "margin", query),
            self._field_to_sql(alias, "costed_revenue", query),
        )

    def _read_group_select(self, aggregate_spec, query):
        if aggregate_spec != "margin_share:avg":
            return super()._read_group_select(aggregate_spec, query)
        self._check_field_access(self._fields["margin_share"], "read")
        return SQL(
            "SUM(%s) / NULLIF(SUM(%s), 0)",
            self._field_to_sql(self._table, "margin", query),
            self._field_to_sql(self._table, "costed_revenue", query),
        )

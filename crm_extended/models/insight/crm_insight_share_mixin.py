from odoo import api, models
from odoo.tools import SQL


class CrmInsightShareMixin(models.AbstractModel):
    """Shares that are those of a group of rows: one sum divided by another, not the
    average of the shares of its rows."""

    _name = "crm.insight.share.mixin"
    _description = "Shares of Sums"
    # Of a group of fewer, there is no share.
    _least_whole = None

    @api.model
    def _get_shares(self) -> dict[str, tuple[str, str]]:
        """The shares, floats with the aggregator ``avg``, each with the fields of what is
        divided and of what it is divided by."""
        return {}

    def _compute_share(self, name):
        part, whole = self._get_shares()[name]
        for row in self:
            least = self._least_whole
            if row[whole] and (least is None or row[whole] >= least):
                row[name] = row[part] / row[whole]
            else:
                row[name] = 0.0 if least is None else None

    def _field_to_sql(self, alias, field_expr, query=None):
        if field_expr not in self._get_shares():
            return super()._field_to_sql(alias, field_expr, query)
        self._check_field_access(self._fields[field_expr], "read")
        part, whole = self._get_shares()[field_expr]
        return SQL(
            "(%s / %s)",
            self._field_to_sql(alias, part, query),
            self._enough_sql(self._field_to_sql(alias, whole, query)),
        )

    def _read_group_select(self, aggregate_spec, query):
        name, _colon, aggregator = aggregate_spec.partition(":")
        if aggregator != "avg" or name not in self._get_shares():
            return super()._read_group_select(aggregate_spec, query)
        self._check_field_access(self._fields[name], "read")
        part, whole = self._get_shares()[name]
        return SQL(
            "%s / %s",
            self._sum_to_sql(part, query),
            self._enough_sql(self._sum_to_sql(whole, query)),
        )

    def _enough_sql(self, whole: SQL) -> SQL:
        """What is divided by; NULL where there is nothing, or too little."""
        if self._least_whole is None:
            return SQL("NULLIF(%s, 0)::float8", whole)
        return SQL(
            "(CASE WHEN %(whole)s >= %(least)s THEN %(whole)s END)::float8",
            whole=whole,
            least=self._least_whole,
        )

    def _sum_to_sql(self, name, query):
        # Amounts in several currencies are added up as Odoo does, at today's rates.
        several = len(self.env.companies.currency_id) > 1
        if several and self._fields[name].type == "monetary":
            return self._read_group_select(f"{name}:sum_currency", query)
        return SQL("SUM(%s)", self._field_to_sql(self._table, name, query))

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
            if least is None:
                is_share = row[whole] > 0 or row[whole] < 0 >= row[part]
                row[name] = row[part] / row[whole] if is_share else 0.0
            else:
                row[name] = row[part] / row[whole] if row[whole] >= least else None

    def _field_to_sql(self, alias, field_expr, query=None):
        if field_expr not in self._get_shares():
            return super()._field_to_sql(alias, field_expr, query)
        self._check_field_access(self._fields[field_expr], "read")
        return self._share_sql(
            *(
                self._field_to_sql(alias, each, query)
                for each in self._get_shares()[field_expr]
            )
        )

    def _read_group_select(self, aggregate_spec, query):
        name, _colon, aggregator = aggregate_spec.partition(":")
        if aggregator != "avg" or name not in self._get_shares():
            return super()._read_group_select(aggregate_spec, query)
        self._check_field_access(self._fields[name], "read")
        return self._share_sql(
            *(self._sum_to_sql(each, query) for each in self._get_shares()[name])
        )

    def _share_sql(self, part: SQL, whole: SQL) -> SQL:
        """The share; NULL where there is nothing to divide by, or too little.

        Of what was taken back, both are negative. Where more was taken back than sold, and
        something is left of it all the same, there is no share.
        """
        is_share = SQL(
            "%(whole)s > 0 OR %(whole)s < 0 AND %(part)s <= 0", whole=whole, part=part
        )
        if self._least_whole is not None:
            is_share = SQL("%s >= %s", whole, self._least_whole)
        return SQL(
            "(%(part)s / (CASE WHEN %(is_share)s THEN %(whole)s END)::float8)",
            part=part,
            whole=whole,
            is_share=is_share,
        )

    def _sum_to_sql(self, name, query):
        # Amounts in several currencies are added up as Odoo does, at today's rates.
        several = len(self.env.companies.currency_id) > 1
        if several and self._fields[name].type == "monetary":
            return self._read_group_select(f"{name}:sum_currency", query)
        return SQL("SUM(%s)", self._field_to_sql(self._table, name, query))

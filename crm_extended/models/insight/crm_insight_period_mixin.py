from datetime import date

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

# Before all purchases.
FIRST_MONTH = date(1900, 1, 1)


class CrmInsightPeriodMixin(models.AbstractModel):
    """Several months as one period: what is true at its start is that of its first
    month, what is true at its end that of its last one.

    First and last month are those that the domain of a request allows, whichever of them a
    group has rows of: so groups add up. Where months are grouped by quarter or year, they
    are those of each. A model with this mixin has a row for things in a month, ``date``.
    """

    _name = "crm.insight.period.mixin"
    _inherit = "crm.insight.share.mixin"
    _description = "Periods of Several Months"

    # Fields that have the month, or follow from it.
    _period_dates = ("date",)

    @api.model
    def _get_period_sums(self) -> dict[str, str]:
        """How the figures that do not add up over months are those of a period: by field,
        ``first``, ``last`` (that month's sum) or ``mean`` (the average of all months)."""
        return {}

    @api.model
    def _get_known_months(self) -> SQL:
        """A query for the ``date`` of all months that there may be rows of, in a period
        without beginning or end."""
        return self._months_between(FIRST_MONTH, fields.Date.context_today(self))

    @api.model
    def _months_between(self, first, last) -> SQL:
        return SQL(
            "SELECT day::date AS date FROM generate_series("
            "date_trunc('month', %s::timestamp), %s::timestamp, interval '1 month') AS day",
            first,
            last,
        )

    # -- What is asked for

    @api.model
    def _read_group(
        self,
        domain,
        groupby=(),
        aggregates=(),
        having=(),
        offset=0,
        limit=None,
        order=None,
    ):
        this = self._for_periods(domain, [groupby])
        return super(CrmInsightPeriodMixin, this)._read_group(
            domain, groupby, aggregates, having, offset, limit, order
        )

    @api.model
    def _read_grouping_sets(self, domain, grouping_sets, aggregates=(), order=None):
        this = self._for_periods(domain, grouping_sets)
        return super(CrmInsightPeriodMixin, this)._read_grouping_sets(
            domain, grouping_sets, aggregates, order
        )

    def _for_periods(self, domain, grouping_sets):
        """Remember the months of a request, and by which of their dates each set of
        groups is grouped."""
        sets = dict.fromkeys(
            tuple(spec for spec in groupby if self._is_period_date(spec, ":"))
            for groupby in grouping_sets
        )
        of_months = self._only_dates(Domain(domain).optimize(self))
        return self.with_context(insight_periods=(of_months, tuple(sets)))

    def _is_period_date(self, expression: str, separator: str) -> bool:
        return expression.partition(separator)[0] in self._period_dates

    def _only_dates(self, domain: Domain) -> Domain:
        """What a domain asks of months, whatever else it asks."""
        # Odoo keeps the classes of domains to itself: what they have tells them apart.
        if hasattr(domain, "children"):
            return domain.apply(map(self._only_dates, domain.children))
        condition = getattr(domain, "child", domain)
        if not hasattr(condition, "field_expr"):
            return domain if domain.is_true() or domain.is_false() else Domain.TRUE
        is_date = self._is_period_date(condition.field_expr, ".")
        return domain if is_date else Domain.TRUE

    # -- What is computed

    def _read_group_select(self, aggregate_spec, query):
        name, _colon, aggregator = aggregate_spec.partition(":")
        if aggregator != "sum" or name not in self._get_period_sums():
            return super()._read_group_select(aggregate_spec, query)
        return self._sum_to_sql(name, query)

    def _sum_to_sql(self, name, query):
        if name not in self._get_period_sums():
            return super()._sum_to_sql(name, query)
        domain, sets = self.env.context.get("insight_periods", (Domain.TRUE, ((),)))
        sums = {
            dates: self._period_sum(
                name, self._join_period(query, domain, dates), query
            )
            for dates in sets
        }
        if len(sums) == 1:
            return sums[sets[0]]
        # Totals and months in one query: each has its own period.
        specs = list(dict.fromkeys(spec for dates in sets for spec in dates))
        return SQL(
            "CASE GROUPING(%s) %s END",
            SQL(", ").join(
                self._read_group_groupby(self._table, spec, query) for spec in specs
            ),
            SQL(" ").join(
                SQL(
                    "WHEN %s THEN %s",
                    # As PostgreSQL counts: a bit for each that is not grouped by.
                    sum(
                        2**place
                        for place, spec in enumerate(reversed(specs))
                        if spec not in dates
                    ),
                    total,
                )
                for dates, total in sums.items()
            ),
        )

    def _period_sum(self, name: str, period: str, query) -> SQL:
        """The figure of a period.

        :param period: alias of a table with the ``first`` and ``last`` month of each
            row's period, and how many ``months`` it has
        """
        value = self._field_to_sql(self._table, name, query)
        kind = self._get_period_sums()[name]
        if kind == "mean":
            return SQL(
                "(SUM(%s) / MAX(%s)::float8)", value, SQL.identifier(period, "months")
            )
        return SQL(
            "COALESCE(SUM(%s) FILTER (WHERE %s = %s), 0)",
            value,
            self._field_to_sql(self._table, "date", query),
            SQL.identifier(period, kind),
        )

    def _join_period(self, query, domain: Domain, dates: tuple) -> str:
        """Join the period of each row's month.

        :param dates: what months are grouped by
        :return: the alias
        """
        link = "_".join(["period", *dates]).replace(":", "_")
        alias = query.make_alias(self._table, link)
        keys = [self._read_group_groupby("month", spec, query) for spec in dates]
        table = SQL(
            """
            (SELECT month.date, min(month.date) OVER period AS first,
                    max(month.date) OVER period AS last, count(*) OVER period AS months
               FROM (%(months)s) AS month
              WHERE %(domain)s
             WINDOW period AS (%(groups)s))
            """,
            months=self._get_known_months(),
            domain=domain.optimize_full(self)._to_sql(self, "month", query),
            groups=SQL("PARTITION BY %s", SQL(", ").join(keys)) if keys else SQL(""),
        )
        date_sql = self._field_to_sql(self._table, "date", query)
        condition = SQL("%s = %s", SQL.identifier(alias, "date"), date_sql)
        query.add_join("LEFT JOIN", alias, table, condition)
        return alias

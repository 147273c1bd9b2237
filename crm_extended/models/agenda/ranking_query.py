"""The statement that ranks customers by the reasons of all sources."""

from odoo.tools import SQL

from ...analytics.agenda.ranking import LOWEST, SCALE
from .agenda_source import COLUMNS

# Stands for a due date where a reason has none: such customers come last among equals.
NO_DUE = SQL("'infinity'::date")


def ranking(
    mine, arms: list[SQL], customers, revenue: SQL, excluded: SQL, limit
) -> SQL:
    """Customers by rank, each with its reasons.

    :param mine: ``Query`` for the customers of the user
    :param arms: what :func:`arm` makes of each source
    :param customers: ``Query`` for the customers that may be listed at all
    :param revenue: a query for ``partner_id`` and ``amount``
    :param excluded: a condition on ``reason`` for customers that are not listed
    :param limit: number of customers, None for all
    :return: a query for customer, revenue, number of the source and its other columns,
        the best customers first
    """
    customers.add_join(
        "JOIN",
        "reason",
        None,
        SQL("reason.customer_id = %s", SQL.identifier(customers.table, "id")),
    )
    customers.add_join(
        "LEFT JOIN",
        "revenue",
        SQL("(%s)", revenue),
        SQL("revenue.partner_id = reason.customer_id"),
    )
    customers.add_where(SQL("NOT (%s)", excluded))
    customers.groupby = SQL("reason.customer_id")
    customers.order = SQL("score DESC, due, customer_id")
    customers.limit = limit
    return SQL(
        """
        WITH mine AS MATERIALIZED (%(mine)s),
             reason (source, log, %(columns)s) AS MATERIALIZED (%(reasons)s),
             ranked AS (%(ranked)s)
        SELECT ranked.customer_id, ranked.revenue, reason.source, reason.contact_id,
               reason.amount, reason.due, reason.res_id
          FROM ranked
          JOIN reason ON reason.customer_id = ranked.customer_id
      ORDER BY ranked.score DESC, ranked.due, ranked.customer_id, reason.log,
               reason.due, reason.res_id
        """,
        mine=mine.select(),
        columns=SQL(", ").join(map(SQL.identifier, COLUMNS)),
        reasons=SQL(" UNION ALL ").join(arms),
        ranked=customers.select(
            SQL("reason.customer_id"),
            SQL("max(revenue.amount) AS revenue"),
            SQL("%s AS score", _score()),
            SQL("min(COALESCE(reason.due, %s)) AS due", NO_DUE),
        ),
    )


def arm(number: int, log: int, query: SQL) -> SQL:
    """The reasons of one source, as part of all.

    :param number: of the source
    :param log: scaled logarithm of what its weight leaves
    """
    return SQL(
        """
        SELECT %(number)s::int, %(log)s::bigint, customer_id, contact_id::int,
               amount::float8, due::date, res_id::int
          FROM (%(query)s) AS one (%(columns)s)
         WHERE customer_id IS NOT NULL
        """,
        number=number,
        log=log,
        query=query,
        columns=SQL(", ").join(map(SQL.identifier, COLUMNS)),
    )


def _score() -> SQL:
    """As ``analytics.agenda.ranking.rank``; the sum is of whole numbers, so equal
    customers have equal scores."""
    return SQL(
        """
        max(COALESCE(reason.amount, GREATEST(revenue.amount, 0), 0))
        * (1 - exp(GREATEST(sum(reason.log), %(lowest)s)::float8 / %(scale)s::float8))
        """,
        lowest=LOWEST,
        scale=SCALE,
    )

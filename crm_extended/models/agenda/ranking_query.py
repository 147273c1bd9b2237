"""The statement that ranks customers by the reasons of all sources."""

from odoo.tools import SQL

from ...analytics.agenda.ranking import LOWEST, SCALE
from .agenda_source import COLUMNS

# Stands for a due date where a reason has none: such customers come last among equals.
NO_DUE = SQL("'infinity'::date")


def ranking(scope, mine, arms, visible, revenue: SQL, excluded: SQL, limit) -> SQL:
    """Customers by rank, each with its reasons.

    :param mine: ``Query`` for the customers of the user
    :param arms: what :func:`arm` makes of each source
    :param visible: ``Query`` for customers that may be listed at all; ``mine`` may
    :param revenue: a query for ``partner_id`` and ``amount``
    :param excluded: a condition on ``reason`` for customers that are not listed
    :param limit: number of customers, None for all
    :return: a query for customer, revenue, number of the source and its other columns,
        the best customers first
    """
    visible.add_where(
        SQL("%s = reason.customer_id", SQL.identifier(visible.table, "id"))
    )
    return SQL(
        """
        WITH mine AS MATERIALIZED (%(mine)s),
             person (id, customer_id, is_mine) AS MATERIALIZED (%(persons)s),
             reason (source, log, %(columns)s) AS MATERIALIZED (%(reasons)s),
             ranked AS (
                SELECT reason.customer_id, max(revenue.amount) AS revenue,
                       %(score)s AS score, min(COALESCE(reason.due, %(no_due)s)) AS due
                  FROM reason
             LEFT JOIN (%(revenue)s) AS revenue
                    ON revenue.partner_id = reason.customer_id
                 WHERE NOT (%(excluded)s)
                   AND (reason.customer_id IN (SELECT id FROM mine)
                        OR EXISTS (%(visible)s))
              GROUP BY reason.customer_id
              ORDER BY score DESC, due, customer_id
                 LIMIT %(limit)s)
        SELECT ranked.customer_id, ranked.revenue, reason.source, reason.contact_id,
               reason.amount, reason.due, reason.res_id
          FROM ranked
          JOIN reason ON reason.customer_id = ranked.customer_id
      ORDER BY ranked.score DESC, ranked.due, ranked.customer_id, reason.log,
               reason.due, reason.res_id
        """,
        mine=mine.select(),
        persons=_persons(scope),
        columns=SQL(", ").join(map(SQL.identifier, COLUMNS)),
        reasons=SQL(" UNION ALL ").join(arms),
        score=_score(),
        no_due=NO_DUE,
        revenue=revenue,
        excluded=excluded,
        visible=visible.select(),
        limit=limit,
    )


def _persons(scope) -> SQL:
    """The contacts of the user's customers, or of those that are asked for."""
    if scope.customer_ids is not None:
        return SQL(
            """
            SELECT id, commercial_partner_id,
                   commercial_partner_id IN (SELECT id FROM mine)
              FROM res_partner WHERE commercial_partner_id = ANY(%s)
            """,
            scope.customer_ids,
        )
    return SQL(
        """
        SELECT id, id, TRUE FROM mine
     UNION ALL
        SELECT id, commercial_partner_id, TRUE
          FROM res_partner
         WHERE parent_id IS NOT NULL AND commercial_partner_id <> id
           AND commercial_partner_id IN (SELECT id FROM mine)
        """
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

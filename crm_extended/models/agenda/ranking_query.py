"""The statement that ranks customers by the reasons of all sources."""

from odoo.tools import SQL

from ...analytics.agenda.ranking import LOWEST, SCALE
from .agenda_source import COLUMNS

# Stands for a due date where a reason has none: such customers come last among equals.
NO_DUE = SQL("'infinity'::date")

# Customers without a salesperson are looked at if they are among so many best buyers.
FREE = 2_000

NO_REASONS = SQL(
    """
    SELECT NULL::int, NULL::bigint, NULL::int, NULL::int, NULL::float8, NULL::date,
           NULL::int, NULL::timestamp WHERE FALSE
    """
)


def ranking(
    scope, *, own, free, arms, customer_arms, visible, revenue, excluded, limit, buyers
) -> SQL:
    """Customers by rank, each with its reasons.

    Reasons out of documents come first (``found``). Sources that look at one customer
    after the other do so for ``mine``: the best buyers of the user's ``own`` customers,
    and those there are documents of.

    :param own: ``Query`` for the customers of the user
    :param free: the same for customers without a salesperson, or None
    :param arms: what :func:`arm` makes of sources of documents
    :param customer_arms: the same of sources that look at customers
    :param visible: ``Query`` for customers that may be listed at all; those of ``own`` may
    :param revenue: a query for ``partner_id`` and ``amount``
    :param excluded: a condition on ``reason`` for customers that are not listed
    :param limit: number of customers, None for all
    :param buyers: number of best buyers, None for all
    :return: a query for customer, revenue, NULL, number of the source and its other
        columns, the best customers first. Where there are more ``own`` than best buyers,
        the first row has none of these, but the revenue that the others do not exceed
    """
    visible.add_where(
        SQL("%s = reason.customer_id", SQL.identifier(visible.table, "id"))
    )
    return SQL(
        """
        WITH own (id, is_free) AS MATERIALIZED (%(own)s),
             number (of_own) AS MATERIALIZED (SELECT count(*) FROM own),
             best (id, amount) AS MATERIALIZED (%(best)s),
             person (id, customer_id, is_mine, is_free) AS MATERIALIZED (%(persons)s),
             found (source, log, %(columns)s) AS MATERIALIZED (%(found)s),
             mine (id) AS MATERIALIZED (%(mine)s),
             reason (source, log, %(columns)s) AS MATERIALIZED (
                SELECT * FROM found UNION ALL %(reasons)s),
             customer AS MATERIALIZED (
                SELECT customer_id, max(amount) AS amount, sum(log) AS log,
                       bool_or(amount IS NULL) AS is_buyer,
                       min(COALESCE(due, %(no_due)s)) AS due
                  FROM reason
                 WHERE NOT (%(excluded)s)
              GROUP BY customer_id),
             worth AS (
                SELECT reason.*,
                       CASE WHEN is_buyer
                            THEN (SELECT GREATEST(amount, 0)::float8
                                    FROM (%(revenue)s) AS revenue
                                   WHERE revenue.partner_id = reason.customer_id)
                        END AS revenue
                  FROM customer AS reason
                 -- A value, not EXISTS: the few that are left are looked up by their key.
                 WHERE customer_id IN (SELECT id FROM mine)
                    OR (SELECT TRUE FROM (%(visible)s) AS visible)),
             ranked AS (
                SELECT customer_id, revenue, due, %(score)s AS score
                  FROM worth
              ORDER BY score DESC, due, customer_id
                 LIMIT %(limit)s)
        SELECT NULL, NULL, floor.amount, NULL, NULL, NULL, NULL, NULL, NULL
          FROM (%(floor)s) AS floor (amount)
     UNION ALL
        SELECT * FROM (
            SELECT ranked.customer_id, ranked.revenue, NULL::float8, reason.source,
                   reason.contact_id, reason.amount, reason.due, reason.res_id,
                   reason.since
              FROM ranked
              JOIN reason ON reason.customer_id = ranked.customer_id
          ORDER BY ranked.score DESC, ranked.due, ranked.customer_id, reason.log,
                   reason.due, reason.res_id) AS listed
        """,
        own=_own(scope, own, free, revenue),
        best=_best(revenue, buyers),
        revenue=revenue,
        persons=_persons(scope),
        columns=SQL(", ").join(map(SQL.identifier, COLUMNS)),
        found=SQL(" UNION ALL ").join(arms) if arms else NO_REASONS,
        mine=_mine(buyers),
        reasons=SQL(" UNION ALL ").join(customer_arms) if customer_arms else NO_REASONS,
        visible=visible.select(),
        excluded=excluded,
        score=_score(),
        no_due=NO_DUE,
        limit=limit,
        floor=_floor(buyers),
    )


def _own(scope, own, free, revenue) -> SQL:
    """The customers of the user; and those without a salesperson (``is_free``), as far as
    they buy much. There may be many of these, and looking at all would take too long."""
    query = own.select(SQL.identifier(own.table, "id"), SQL("FALSE"))
    if free is None:
        return query
    id_ = SQL.identifier(free.table, "id")
    first = SQL("ORDER BY amount DESC NULLS LAST, partner_id LIMIT %s", FREE)
    free.add_where(
        SQL(
            "%s IN (SELECT partner_id FROM (%s) AS revenue %s)",
            id_,
            revenue,
            first if scope.customer_ids is None else SQL(),
        )
    )
    return SQL("%s UNION ALL %s", query, free.select(id_, SQL("TRUE")))


def _best(revenue, buyers) -> SQL:
    """The best buyers of the user's customers and the next one, where there are more. An
    index of scores has all customers in this order."""
    if buyers is None:
        return SQL("SELECT NULL::int, NULL::float8 WHERE FALSE")
    return SQL(
        """
        SELECT partner_id, amount
          FROM (%s) AS revenue
         WHERE (SELECT of_own FROM number) > %s
           -- IS TRUE keeps it from being joined, which would read all of both.
           AND (partner_id IN (SELECT id FROM own)) IS TRUE
      ORDER BY amount DESC NULLS LAST, partner_id
         LIMIT %s
        """,
        revenue,
        buyers,
        buyers + 1,
    )


def _mine(buyers) -> SQL:
    """The customers that are looked at one after the other."""
    if buyers is None:
        return SQL("SELECT id FROM own")
    return SQL(
        """
        (SELECT id FROM best ORDER BY amount DESC NULLS LAST, id LIMIT %(buyers)s)
         UNION
         SELECT id FROM own WHERE (SELECT of_own FROM number) <= %(buyers)s
         UNION
         SELECT id FROM own WHERE id IN (SELECT customer_id FROM found)
        """,
        buyers=buyers,
    )


def _floor(buyers) -> SQL:
    """What customers bought at most who are not among the best buyers; no row where there
    are none."""
    if buyers is None:
        return SQL("SELECT NULL::float8 WHERE FALSE")
    return SQL(
        """
        SELECT GREATEST((SELECT amount FROM best
                       ORDER BY amount DESC NULLS LAST, id OFFSET %(buyers)s LIMIT 1),
                        0)::float8
         WHERE (SELECT of_own FROM number) > %(buyers)s
        """,
        buyers=buyers,
    )


def _persons(scope) -> SQL:
    """The contacts of the user's customers, or of those that are asked for."""
    if scope.customer_ids is not None:
        return SQL(
            """
            SELECT person.id, person.commercial_partner_id, own.is_free IS FALSE,
                   own.is_free IS TRUE
              FROM res_partner AS person
         LEFT JOIN own ON own.id = person.commercial_partner_id
             WHERE person.commercial_partner_id = ANY(%s)
            """,
            scope.customer_ids,
        )
    return SQL(
        """
        SELECT id, id, NOT is_free, is_free FROM own
     UNION ALL
        SELECT person.id, person.commercial_partner_id, NOT own.is_free, own.is_free
          FROM res_partner AS person
          JOIN own ON own.id = person.commercial_partner_id
         WHERE person.parent_id IS NOT NULL AND person.commercial_partner_id <> person.id
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
               amount::float8, due::date, res_id::int, since::timestamp
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
        CASE WHEN is_buyer THEN GREATEST(amount, COALESCE(revenue, 0)) ELSE amount END
        * (1 - exp(GREATEST(log, %(lowest)s)::float8 / %(scale)s::float8))
        """,
        lowest=LOWEST,
        scale=SCALE,
    )

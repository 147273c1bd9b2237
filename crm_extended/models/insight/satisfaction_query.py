"""What customers said about us, as one query: answers to surveys and ratings of service
cases, each person once."""

from typing import NamedTuple

from odoo.tools import SQL

from ...analytics.care.satisfaction import TOLERANCE
from ...analytics.insight.satisfaction import HIGHEST, LOWEST

#: The figures of the page, as columns of what was said.
FIGURES = ("index", "nps", "csat", "ratio")
#: The three answers of the index, and what may drive it.
PARTS = ("satisfaction", "expectation", "ideal")
BLOCKS = ("quality", "value", "complaint", "loyalty")


class Said(NamedTuple):
    """Where the figures come from, for one user."""

    #: a query for answers: ``crm.satisfaction.answer``
    answers: SQL
    #: a query for ratings: ``crm.care.satisfaction``; None for those who may not see them
    ratings: SQL | None
    #: a query for weights: ``company_id``, and one column for each of the parts
    weights: SQL


def index_sql(answer: SQL, weight: SQL) -> SQL:
    """The index of a row of answers; NULL unless all three were given."""
    points = SQL(" + ").join(
        SQL(
            "%s * (NULLIF(%s, 0) - %s)",
            SQL("%s.%s", weight, SQL.identifier(name)),
            SQL("%s.%s", answer, SQL.identifier(name)),
            LOWEST,
        )
        for name in PARTS
    )
    return SQL("(%s) * 100 / %s", points, HIGHEST - LOWEST)


def latest_query(said: Said, period: SQL | None = None) -> SQL:
    """The latest answer of each person to each question: ``figure``, ``person``,
    ``customer``, ``company_id``, ``period``, ``date``, ``value``, ``answer_id``.

    A person is a contact. An answer without a contact is a person of its own. ``value`` is
    100, 0 or -100 for the net promoter score, 100 or 0 for the satisfied (CSAT).

    :param period: of ``date``, where each person counts once in each
    """
    parts = [
        SQL(
            """
            SELECT figure.name AS figure, COALESCE(a.contact_id, -2 * a.id::bigint) AS person,
                   a.partner_id AS customer, a.company_id, a.date, figure.value,
                   a.id AS answer_id
              FROM (%(answers)s) AS a
              JOIN (%(weights)s) AS w ON w.company_id = a.company_id
        CROSS JOIN LATERAL (
                   VALUES ('index', %(index)s), ('nps', %(nps)s),
                          ('ratio', a.perceived::numeric / NULLIF(a.expected, 0))
                   ) AS figure (name, value)
             WHERE figure.value IS NOT NULL
            """,
            answers=said.answers,
            weights=said.weights,
            index=index_sql(SQL("a"), SQL("w")),
            nps=_nps(SQL("a.nps_group")),
        )
    ]
    if said.ratings is not None:
        parts.append(
            SQL(
                """
                SELECT figure.name, COALESCE(r.partner_id, -2 * r.id::bigint - 1),
                       contact.commercial_partner_id, r.company_id, r.date, figure.value,
                       NULL::integer
                  FROM (%(ratings)s) AS r
             LEFT JOIN res_partner AS contact ON contact.id = r.partner_id
            CROSS JOIN LATERAL (
                       VALUES ('nps', %(nps)s),
                              ('csat', CASE WHEN r.rating >= 4 THEN 100.0
                                            WHEN r.rating > 0 THEN 0.0 END),
                              ('ratio', r.perceived::numeric / NULLIF(r.expected, 0))
                       ) AS figure (name, value)
                 WHERE figure.value IS NOT NULL
                """,
                ratings=said.ratings,
                nps=_nps(SQL("r.nps_group")),
            )
        )
    period = SQL("NULL::date") if period is None else period
    return SQL(
        """
        SELECT DISTINCT ON (figure, company_id, period, person) *
          FROM (SELECT *, %(period)s AS period FROM (%(said)s) AS said) AS said
      ORDER BY figure, company_id, period, person, date DESC, answer_id DESC
        """,
        period=period,
        said=SQL(" UNION ALL ").join(parts),
    )


def sums_query(latest: SQL, joins: SQL, key: SQL) -> SQL:
    """Figure, group and what the figure is computed of: count, sum, sum of squares, how many
    are 100 and -100, and how many perceived nothing, less, as much and more than expected.

    :param latest: of :func:`latest_query`
    :param joins: of ``latest``, each to one row at most
    :param key: of the group
    """
    return SQL(
        """
        WITH latest AS MATERIALIZED (%(latest)s)
        SELECT latest.figure, %(key)s AS key, count(*), sum(latest.value),
               sum(latest.value * latest.value),
               count(*) FILTER (WHERE latest.value = 100),
               count(*) FILTER (WHERE latest.value = -100),
               count(*) FILTER (WHERE latest.value = 0),
               count(*) FILTER (WHERE latest.value > 0 AND latest.value < %(low)s),
               count(*) FILTER (WHERE latest.value BETWEEN %(low)s AND %(high)s),
               count(*) FILTER (WHERE latest.value > %(high)s)
          FROM latest %(joins)s
      GROUP BY latest.figure, %(key)s
        """,
        latest=latest,
        joins=joins,
        key=key,
        # As decimals: in floats, 0.9 is not what stands exactly on it.
        low=SQL("%s::numeric", str(round(1 - TOLERANCE, 6))),
        high=SQL("%s::numeric", str(round(1 + TOLERANCE, 6))),
    )


def _nps(group: SQL) -> SQL:
    return SQL(
        "CASE %s WHEN 'promoter' THEN 100.0 WHEN 'passive' THEN 0.0 "
        "WHEN 'detractor' THEN -100.0 END",
        group,
    )

"""The statements that rebuild a company's history of score changes.

A rebuild first collects *points*: for each of its days, the scores of the customers
whose scores differ from the day before. When all days are done, one statement replaces
the changes recorded in that period by the changes between the points.
"""

from datetime import date

from odoo.tools import SQL

from .scoring_query import Scoring, grading

STANDING = (
    "recency_score",
    "frequency_score",
    "monetary_score",
    "code",
    "segment_id",
)


def _columns(write=lambda column, old, new: column) -> SQL:
    """The columns of scores, as a list.

    :param write: gives the SQL of one of them, from its name and the names of its old
        and new value in a score change
    """
    return SQL(", ").join(
        write(
            SQL.identifier(column),
            SQL.identifier(f"old_{column}"),
            SQL.identifier(f"new_{column}"),
        )
        for column in STANDING
    )


def collect_query(scoring: Scoring, rebuild_id: int) -> SQL:
    """Score the customers on one day and keep those whose scores differ from before."""
    return SQL(
        """
        WITH %(grading)s,
        known AS (
            SELECT DISTINCT ON (partner_id) partner_id, code, segment_id
              FROM crm_rfm_rebuild_point
             WHERE rebuild_id = %(rebuild_id)s
          ORDER BY partner_id, date DESC
        )
        INSERT INTO crm_rfm_rebuild_point (
                    rebuild_id, company_id, date, partner_id, revenue, %(columns)s)
             SELECT %(rebuild_id)s, %(company_id)s, %(as_of)s, graded.partner_id,
                    graded.revenue, %(graded_columns)s
               FROM graded
          LEFT JOIN known ON known.partner_id = graded.partner_id
              WHERE (known.code, known.segment_id)
                    IS DISTINCT FROM (graded.code, graded.segment_id)
        """,
        grading=grading(scoring),
        rebuild_id=rebuild_id,
        company_id=scoring.company_id,
        as_of=scoring.as_of,
        columns=_columns(),
        graded_columns=_columns(lambda column, old, new: SQL("graded.%s", column)),
    )


def _scores_on(company_id: int, day: date) -> SQL:
    """The customers' scores at the end of a day, by the recorded changes: the old side of
    the next change, or today's scores if there is none."""
    return SQL(
        """
        SELECT COALESCE(move.partner_id, score.partner_id) AS partner_id,
               CASE WHEN move.id IS NULL THEN score.revenue END AS revenue,
               %(standing)s
          FROM (
                SELECT DISTINCT ON (partner_id) *
                  FROM crm_rfm_change
                 WHERE company_id = %(company_id)s AND date > %(day)s
              ORDER BY partner_id, date, id
               ) AS move
     FULL JOIN (
                SELECT * FROM crm_rfm_score WHERE company_id = %(company_id)s
               ) AS score
            ON score.partner_id = move.partner_id
         WHERE CASE WHEN move.id IS NULL THEN score.code ELSE move.old_code END
               IS NOT NULL
        """,
        company_id=company_id,
        day=day,
        standing=_columns(
            lambda column, old, new: SQL(
                "CASE WHEN move.id IS NULL THEN score.%(column)s ELSE move.%(old)s END "
                "AS %(column)s",
                column=column,
                old=old,
            )
        ),
    )


def replace_query(
    *,
    rebuild_id: int,
    company_id: int,
    first: date,
    last: date,
    joined: date,
    user_id: int,
) -> SQL:
    """Replace the changes recorded after the first day, up to the last one, by the
    changes between the points.

    What is recorded before and after stays as it is. If it does not fit the points,
    because purchases were corrected since or settings changed, customers change on the
    first day from their recorded scores to their point, and on the day of joining from
    their last point to their recorded scores. So the scores of any day follow from the
    later changes.

    :param joined: a day on or after the last one, before the next change that stays
    :return: a query giving one row: the number of changes
    """
    return SQL(
        """
        WITH before AS (
            SELECT past.* FROM (%(scores_first)s) AS past
             WHERE EXISTS (SELECT FROM crm_rfm_change
                            WHERE company_id = %(company_id)s AND date <= %(first)s)
        ),
        collected AS (
            SELECT * FROM crm_rfm_rebuild_point WHERE rebuild_id = %(rebuild_id)s
        ),
        after AS (%(scores_last)s),
        point AS (
            SELECT partner_id, %(first)s::date AS date, 0 AS place, revenue, %(columns)s
              FROM before
         UNION ALL
            SELECT partner_id, %(first)s, 1, NULL, %(nothing)s
              FROM before
             WHERE NOT EXISTS (
                   SELECT FROM collected
                    WHERE collected.partner_id = before.partner_id
                      AND collected.date = %(first)s)
         UNION ALL
            SELECT partner_id, date, 2, revenue, %(columns)s FROM collected
         UNION ALL
            SELECT partner_id, %(joined)s, 3, after.revenue, %(after_columns)s
              FROM (SELECT DISTINCT partner_id FROM collected
                     UNION SELECT partner_id FROM before) AS known
         FULL JOIN after USING (partner_id)
        ),
        step AS (
            SELECT point.*, lag(revenue) OVER course AS old_revenue,
                   lag(place) OVER course AS old_place, %(old_columns)s
              FROM point
            WINDOW course AS (PARTITION BY partner_id ORDER BY date, place)
        ),
        removed AS (
            DELETE FROM crm_rfm_change
                  WHERE company_id = %(company_id)s
                    AND date > %(first)s AND date <= %(last)s
        ),
        recorded AS (
            INSERT INTO crm_rfm_change (
                        partner_id, company_id, date, revenue,
                        %(change_old_columns)s, %(change_new_columns)s,
                        create_uid, write_uid, create_date, write_date)
                 SELECT partner_id, %(company_id)s, date,
                        CASE WHEN code IS NULL THEN 0
                             ELSE COALESCE(revenue, old_revenue, 0) END,
                        %(change_old_columns)s, %(columns)s,
                        %(user_id)s, %(user_id)s,
                        now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
                   FROM step
                  WHERE (old_code, old_segment_id) IS DISTINCT FROM (code, segment_id)
                    AND place > 0
                    -- Customers of the first day have not come on it, unless history
                    -- goes back further.
                    AND (old_place IS NOT NULL OR place = 3 OR date > %(first)s
                         OR EXISTS (SELECT FROM before))
               ORDER BY date, place, partner_id
              RETURNING id
        )
        SELECT count(*) FROM recorded
        """,
        scores_first=_scores_on(company_id, first),
        scores_last=_scores_on(company_id, last),
        company_id=company_id,
        rebuild_id=rebuild_id,
        first=first,
        last=last,
        joined=SQL("%s::date", joined),
        user_id=user_id,
        columns=_columns(),
        nothing=SQL(", ").join(SQL("NULL") for _column in STANDING),
        after_columns=_columns(lambda column, old, new: SQL("after.%s", column)),
        old_columns=_columns(
            lambda column, old, new: SQL("lag(%s) OVER course AS %s", column, old)
        ),
        change_old_columns=_columns(lambda column, old, new: old),
        change_new_columns=_columns(lambda column, old, new: new),
    )

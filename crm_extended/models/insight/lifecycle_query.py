"""The statements that decide the life-cycle stages of a company's customers and write what
changed, from the sums of ``lifecycle_sum_query.py``.

``analytics/insight/lifecycle.py`` has the same rule, for one customer; a test compares
both.
"""

from odoo.tools import SQL

from ...analytics.insight.lifecycle import (
    FALLEN_TENTHS,
    GROWN_TENTHS,
    LEAST_DAYS,
    UNUSUAL,
)
from .lifecycle_sum_query import (
    MARKS,
    PATTERN,
    PATTERN_TABLE,
    SUM_TABLE,
    Lifecycle,
    columns,
)

# What is compared between stored and new rows, and written where it differs.
COLUMNS = (
    *MARKS,
    *PATTERN,
    "revenue_now",
    "revenue_before",
    "stage",
    "candidate_stage",
    "candidate_date",
    "as_of",
)


def _ruled(lifecycle: Lifecycle) -> SQL:
    """What the rule says of each customer, beside the stored row."""
    pattern = SQL(", ").join(
        SQL(
            "CASE WHEN p.partner_id IS NULL THEN l.%(name)s ELSE p.%(name)s END "
            "AS %(name)s",
            name=SQL.identifier(name),
        )
        for name in PATTERN
    )
    return SQL(
        """
        SELECT figures.*,
               CASE WHEN purchase_days < %(least)s
                      OR %(day)s - first_date < %(period)s THEN 'exploration'
                    -- Both of nothing, too.
                    WHEN GREATEST(revenue_now, 0) * 10
                         <= GREATEST(revenue_before, 0) * %(fallen)s THEN 'decline'
                    WHEN %(day)s - last_date > %(unusual)s * median_interval
                         THEN 'decline'
                    WHEN GREATEST(revenue_now, 0) * 10
                         >= GREATEST(revenue_before, 0) * %(grown)s THEN 'formation'
                    ELSE 'stable' END AS ruled
          FROM (
                SELECT n.partner_id, %(marks)s, %(pattern)s,
                       n.revenue_now, n.revenue_before,
                       -- All of the row, to be compared.
                       l AS old, l.id AS lifecycle_id, l.stage AS old_stage,
                       l.candidate_stage AS old_candidate,
                       l.candidate_date AS old_candidate_date
                  FROM %(sums)s AS n
             LEFT JOIN crm_lifecycle AS l
                    ON l.partner_id = n.partner_id AND l.company_id = %(company_id)s
             LEFT JOIN %(patterns)s AS p ON p.partner_id = n.partner_id
               ) AS figures
        """,
        least=LEAST_DAYS,
        day=lifecycle.day,
        period=lifecycle.period,
        fallen=FALLEN_TENTHS,
        grown=GROWN_TENTHS,
        unusual=UNUSUAL,
        marks=columns("n", MARKS),
        pattern=pattern,
        sums=SQL.identifier(SUM_TABLE),
        patterns=SQL.identifier(PATTERN_TABLE),
        company_id=lifecycle.company_id,
    )


def _decided(lifecycle: Lifecycle) -> SQL:
    """The stage of each customer: a new one once the rule says so on a second day."""
    is_confirmed = SQL(
        "ruled = old_candidate AND old_candidate_date < %s AND %s",
        lifecycle.day,
        lifecycle.confirms,
    )
    return SQL(
        """
        SELECT decided.*,
               CASE WHEN stage <> ruled THEN ruled END AS candidate_stage,
               CASE WHEN stage = ruled THEN NULL
                    WHEN ruled = old_candidate AND old_candidate_date <= %(day)s
                    THEN old_candidate_date
                    ELSE %(day)s END AS candidate_date,
               %(pinned)s::date AS as_of
          FROM (
                SELECT ruled.*,
                       CASE WHEN lifecycle_id IS NULL OR %(at_once)s
                              OR (%(is_confirmed)s) IS TRUE
                            THEN ruled ELSE old_stage END AS stage
                  FROM ruled
               ) AS decided
        """,
        day=lifecycle.day,
        pinned=lifecycle.as_of if lifecycle.pinned else None,
        at_once=lifecycle.at_once,
        is_confirmed=is_confirmed,
    )


def _compared() -> SQL:
    return SQL(
        """
        SELECT n.*, n.old_stage IS DISTINCT FROM n.stage AS moved
          FROM decided AS n
         WHERE (%(stored)s) IS DISTINCT FROM (%(new)s)
        """,
        stored=SQL(", ").join(
            SQL("(n.old).%s", SQL.identifier(name)) for name in COLUMNS
        ),
        new=columns("n", COLUMNS),
    )


def _write_changed(lifecycle: Lifecycle) -> SQL:
    return SQL(
        """
        UPDATE crm_lifecycle AS l
           SET (%(columns)s) = ROW(%(new)s),
               previous_stage = CASE WHEN n.moved THEN l.stage
                                     ELSE l.previous_stage END,
               stage_date = CASE WHEN n.moved THEN %(day)s ELSE l.stage_date END,
               write_date = now() AT TIME ZONE 'UTC'
          FROM different AS n
         WHERE l.id = n.lifecycle_id
           -- By their ids, because the planner cannot know how few they are.
           AND l.id = ANY(ARRAY(
               SELECT lifecycle_id FROM different WHERE lifecycle_id IS NOT NULL))
        """,
        columns=SQL(", ").join(map(SQL.identifier, COLUMNS)),
        new=columns("n", COLUMNS),
        day=lifecycle.day,
    )


def _write_new(lifecycle: Lifecycle) -> SQL:
    return SQL(
        """
        INSERT INTO crm_lifecycle (
                    partner_id, company_id, %(columns)s, stage_date,
                    create_date, write_date)
             SELECT n.partner_id, %(company_id)s, %(new)s, %(day)s,
                    now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
               FROM different AS n
              WHERE n.lifecycle_id IS NULL
           -- In this order each index grows at its end.
           ORDER BY n.partner_id
        -- Conflicts only if another transaction has just added the customer: then this
        -- one fails as a concurrent one, and Odoo tries it again.
        ON CONFLICT (partner_id, company_id) DO NOTHING
        """,
        columns=SQL(", ").join(map(SQL.identifier, COLUMNS)),
        new=columns("n", COLUMNS),
        company_id=lifecycle.company_id,
        day=lifecycle.day,
    )


def _record_changes(lifecycle: Lifecycle) -> SQL:
    """One row for each customer whose stage changed, who came or who went. The first
    computation of a company records nothing: no stage changed."""
    return SQL(
        """
        INSERT INTO crm_lifecycle_change (
                    partner_id, company_id, date, old_stage, new_stage,
                    revenue_now, revenue_before, reason, create_date, write_date)
             SELECT change.partner_id, %(company_id)s, %(day)s, old_stage, new_stage,
                    revenue_now, revenue_before, %(reason)s::varchar,
                    now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
               FROM (
                     SELECT partner_id, old_stage, stage AS new_stage,
                            revenue_now, revenue_before
                       FROM different
                      WHERE moved
                        AND (lifecycle_id IS NOT NULL OR EXISTS (
                             SELECT FROM crm_lifecycle
                              WHERE company_id = %(company_id)s))
                  UNION ALL
                     SELECT partner_id, stage, NULL, 0, 0 FROM gone
                    ) AS change
          RETURNING id
        """,
        company_id=lifecycle.company_id,
        day=lifecycle.day,
        reason=lifecycle.reason,
    )


def stage_query(lifecycle: Lifecycle) -> SQL:
    """Decide the stages of all customers and write what changed, in one statement that
    starts from the temporary tables.

    :return: a query giving one row: customers, customers whose stage changed, customers
        new to the table, customers gone from it, customers who wait for a second day,
        and the first and the last id of the changes recorded
    """
    return SQL(
        """
        WITH ruled AS (%(ruled)s),
        decided AS (%(decided)s),
        different AS MATERIALIZED (%(compared)s),
        changed AS (%(changed)s),
        added AS (%(added)s),
        gone AS (
            DELETE FROM crm_lifecycle AS l
                  WHERE l.company_id = %(company_id)s
                    -- Mostly all customers are still there: then none is looked for.
                    AND (SELECT count(*) FROM %(sums)s) < (
                        SELECT count(*) FROM crm_lifecycle
                         WHERE company_id = %(company_id)s) + (
                        SELECT count(*) FROM different WHERE lifecycle_id IS NULL)
                    AND NOT EXISTS (
                        SELECT FROM %(sums)s AS n WHERE n.partner_id = l.partner_id)
              RETURNING l.*
        ),
        recorded AS (%(recorded)s)
        SELECT (SELECT count(*) FROM %(sums)s),
               count(*) FILTER (WHERE moved AND lifecycle_id IS NOT NULL),
               count(*) FILTER (WHERE lifecycle_id IS NULL),
               (SELECT count(*) FROM gone),
               (SELECT min(id) FROM recorded),
               (SELECT max(id) FROM recorded)
          FROM different
        """,
        ruled=_ruled(lifecycle),
        decided=_decided(lifecycle),
        compared=_compared(),
        changed=_write_changed(lifecycle),
        added=_write_new(lifecycle),
        company_id=lifecycle.company_id,
        sums=SQL.identifier(SUM_TABLE),
        recorded=_record_changes(lifecycle),
    )


def restore_query(company_id: int, reason: str) -> SQL:
    """After an update that leads back from an earlier day: since when customers are in
    their stage, by the changes that are not of such updates.

    :param reason: of the changes that are
    """
    return SQL(
        """
        UPDATE crm_lifecycle AS l
           SET previous_stage = known.old_stage, stage_date = known.date
          FROM (
                SELECT back.id, last.old_stage,
                       COALESCE(last.date, back.create_date::date) AS date
                  FROM crm_lifecycle AS back
             LEFT JOIN (
                        SELECT DISTINCT ON (partner_id) *
                          FROM crm_lifecycle_change
                         WHERE company_id = %(company_id)s
                           AND reason IS DISTINCT FROM %(reason)s
                      ORDER BY partner_id, date DESC, id DESC
                       ) AS last ON last.partner_id = back.partner_id
                 WHERE back.company_id = %(company_id)s
                   AND (last.id IS NULL OR last.new_stage = back.stage)
                   AND EXISTS (SELECT FROM crm_lifecycle_change AS there
                                WHERE there.partner_id = back.partner_id
                                  AND there.company_id = %(company_id)s
                                  AND there.date = back.stage_date
                                  AND there.reason = %(reason)s)
               ) AS known
         WHERE l.id = known.id
        """,
        company_id=company_id,
        reason=reason,
    )

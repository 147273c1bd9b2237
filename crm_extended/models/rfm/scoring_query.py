"""The two statements that score the customers of a company.

Apart from the model, so that the queries can be read, and their plans examined, in one
place.
"""

import math
from dataclasses import dataclass
from datetime import date

from odoo.tools import SQL

from ..common.bulk_sql import STANDS, count_of, sum_by_customer

# Columns that are compared between stored and new scores, and written where they differ.
COLUMNS = (
    "first_date",
    "last_date",
    "as_of",
    "frequency",
    "monetary",
    "revenue",
    "recency_score",
    "frequency_score",
    "monetary_score",
    "code",
    "segment_id",
)


@dataclass(frozen=True)
class Scoring:
    """What the scores of a company's customers on one day depend on."""

    # The read model as of that day, as a table expression with columns ``partner_id``
    # (any contact of the customer), ``company_id``, ``date``, ``posted_date``,
    # ``amount``, ``is_purchase``, ``tied_key``.
    transactions: SQL
    company_id: int
    as_of: date
    # The day before the lookback period, ``None`` for no limit.
    start: date | None
    # Number of scores per dimension.
    bins: int
    # ``total`` or ``average``.
    measure: str
    # Smallest unit of the company's currency.
    rounding: float
    # Recency, frequency and monetary score, code and segment of every class.
    grid: list[tuple[int, int, int, str, int | None]]
    # Segment of customers who bought nothing in the lookback period.
    lost_segment_id: int | None
    # Fixed cut points in days, purchases and money, ``bins - 1`` each; ``None`` for
    # quantiles of the customers.
    thresholds: tuple[list[float], list[float], list[float]] | None = None
    # The reason of the score changes, if it is not what customers did.
    reason: str | None = None


# Temporary table with the sums that a refresh starts from.
STANDING_TABLE = "crm_rfm_standing"


def _columns(alias: str) -> SQL:
    return SQL(", ").join(SQL.identifier(alias, column) for column in COLUMNS)


def _standing(scoring: Scoring) -> SQL:
    """One row per customer with a purchase that was not taken back: dates, and figures
    of the lookback period.

    As of that day: documents posted later do not exist yet.
    """
    in_window = (
        SQL("TRUE") if scoring.start is None else SQL("t.date > %s", scoring.start)
    )
    bought = SQL(
        """
        SELECT t.partner_id,
               t.tied_key,
               min(t.date) FILTER (WHERE t.is_purchase) AS first_date,
               max(t.date) FILTER (WHERE t.is_purchase) AS last_date,
               -- Integers take less time and memory to add up.
               (count(*) FILTER (WHERE %(in_window)s AND t.is_purchase))::int
                   AS frequency,
               COALESCE(sum(t.amount) FILTER (WHERE %(in_window)s), 0) AS revenue,
               sum(t.amount) FILTER (WHERE t.tied_key IS NOT NULL) AS total
          FROM %(transactions)s AS t
         WHERE t.company_id = %(company_id)s
           AND t.date <= %(as_of)s AND t.posted_date <= %(as_of)s
      GROUP BY t.partner_id, t.tied_key
        """,
        transactions=scoring.transactions,
        company_id=scoring.company_id,
        as_of=scoring.as_of,
        in_window=in_window,
    )
    columns = SQL(
        """
        min(bought.first_date) FILTER (WHERE %(stands)s) AS first_date,
        max(bought.last_date) FILTER (WHERE %(stands)s) AS last_date,
        %(purchases)s AS frequency,
        sum(bought.revenue) AS revenue
        """,
        stands=STANDS,
        purchases=count_of("frequency"),
    )
    return SQL(
        "%s HAVING max(bought.last_date) FILTER (WHERE %s) IS NOT NULL",
        sum_by_customer(bought, columns),
        STANDS,
    )


def _measured(scoring: Scoring) -> SQL:
    """The three values compared, as float8, and the amount as it is stored."""
    money = (
        SQL("revenue / NULLIF(frequency, 0)")
        if scoring.measure == "average"
        else SQL("revenue")
    )
    return SQL(
        """
        SELECT standing.*,
               COALESCE(round(%(money)s / %(rounding)s) * %(rounding)s, 0) AS monetary,
               (%(as_of)s - last_date)::float8 AS days,
               frequency::float8 AS times,
               (%(money)s)::float8 AS money
          FROM standing
        """,
        money=money,
        rounding=SQL("%s::numeric", str(scoring.rounding)),
        as_of=SQL("%s::date", scoring.as_of),
    )


def _cuts(scoring: Scoring) -> SQL:
    """Cut points: fixed ones, or the quantiles 1/b … (b-1)/b by linear interpolation
    (type 7).

    Customers who bought nothing in the lookback period do not count.
    """
    if scoring.thresholds:
        fixed = (
            "SELECT %s::float8[] AS days, %s::float8[] AS times, %s::float8[] AS money"
        )
        return SQL(fixed, *scoring.thresholds)
    bins = scoring.bins
    # The next float up: 0.7 * 90 falls short of 63, and a cut point slightly below a
    # customer's own value would raise their score. Slightly above is harmless.
    shares = [math.nextafter(share / bins, 1) for share in range(1, bins)]
    columns = [
        SQL(
            "percentile_cont(%(shares)s::float8[]) WITHIN GROUP (ORDER BY %(column)s) "
            "AS %(column)s",
            shares=shares,
            column=SQL.identifier(column),
        )
        for column in ("days", "times", "money")
    ]
    return SQL("SELECT %s FROM measured WHERE frequency > 0", SQL(", ").join(columns))


def _negated() -> SQL:
    """The cut points with their signs turned, rising: see :func:`_scored`."""
    columns = [
        SQL(
            "ARRAY(SELECT -cut FROM unnest(%(column)s) AS cut ORDER BY 1) AS %(column)s",
            column=SQL.identifier(column),
        )
        for column in ("days", "times", "money")
    ]
    return SQL("SELECT %s FROM cuts", SQL(", ").join(columns))


def _scored(bins: int) -> SQL:
    """All customers' scores: b minus the number of cut points strictly below the days,
    1 plus the number strictly below the other two values.

    ``width_bucket`` finds a place among the cut points by bisection, but counts those
    *at or* below a value; on negated values and cut points it counts those at or above.
    """
    return SQL(
        """
        SELECT m.*,
               CASE WHEN frequency > 0
                    THEN 1 + width_bucket(-m.days, negated.days) ELSE 1
                     END AS recency_score,
               CASE WHEN frequency > 0
                    THEN %(bins)s - width_bucket(-m.times, negated.times) ELSE 1
                     END AS frequency_score,
               CASE WHEN frequency > 0
                    THEN %(bins)s - width_bucket(-m.money, negated.money) ELSE 1
                     END AS monetary_score
          FROM measured AS m
    CROSS JOIN negated
        """,
        bins=bins,
    )


def _grid(rows: list[tuple[int, int, int, str, int | None]]) -> SQL:
    """All classes, with code and segment of each."""
    recency, frequency, monetary, codes, segments = map(list, zip(*rows, strict=True))
    return SQL(
        """
        SELECT *
          FROM unnest(%s::int[], %s::int[], %s::int[], %s::varchar[], %s::int[])
            AS cell(recency_score, frequency_score, monetary_score, code, segment_id)
        """,
        recency,
        frequency,
        monetary,
        codes,
        segments,
    )


def _graded(lost_segment_id: int | None) -> SQL:
    """The scores of each customer, with code and segment."""
    return SQL(
        """
        SELECT scored.partner_id,
               scored.first_date,
               scored.last_date,
               scored.frequency,
               scored.monetary,
               scored.revenue,
               scored.recency_score,
               scored.frequency_score,
               scored.monetary_score,
               grid.code,
               CASE WHEN scored.frequency > 0
                    THEN grid.segment_id ELSE %(lost)s::int
                     END AS segment_id
          FROM scored
     LEFT JOIN grid USING (recency_score, frequency_score, monetary_score)
        """,
        lost=lost_segment_id,
    )


def summing_query(scoring: Scoring) -> SQL:
    """Sum up the purchases of each customer into a temporary table.

    A separate statement, so that PostgreSQL can count the customers before it plans the
    other one: otherwise it expects a hundred of them, and would look up the stored
    scores one by one.
    """
    return SQL(
        "CREATE TEMPORARY TABLE %s ON COMMIT DROP AS %s",
        SQL.identifier(STANDING_TABLE),
        _standing(scoring),
    )


def grading(scoring: Scoring, standing: SQL | None = None) -> SQL:
    """The steps up to the table expression ``graded``, to stand after ``WITH``.

    One row per customer: ``partner_id``, dates, figures, scores, ``code`` and
    ``segment_id``. The steps ``cuts`` and ``graded`` are for use.

    :param standing: query of the sums, if they exist already
    """
    return SQL(
        """
        standing AS (%(standing)s),
        measured AS MATERIALIZED (%(measured)s),
        cuts AS MATERIALIZED (%(cuts)s),
        negated AS MATERIALIZED (%(negated)s),
        scored AS (%(scored)s),
        grid AS (%(grid)s),
        graded AS (%(graded)s)
        """,
        standing=standing or _standing(scoring),
        measured=_measured(scoring),
        cuts=_cuts(scoring),
        negated=_negated(),
        scored=_scored(scoring.bins),
        grid=_grid(scoring.grid),
        graded=_graded(scoring.lost_segment_id),
    )


def _compared(company_id: int, stored_as_of: date | None) -> SQL:
    """The new scores of each customer beside the stored ones, and whether they differ."""
    return SQL(
        """
        SELECT n.*,
               s.id AS score_id,
               s.recency_score AS old_recency_score,
               s.frequency_score AS old_frequency_score,
               s.monetary_score AS old_monetary_score,
               s.code AS old_code,
               s.segment_id AS old_segment_id,
               (s.code, s.segment_id) IS DISTINCT FROM (n.code, n.segment_id) AS moved,
               (%(stored_columns)s) IS DISTINCT FROM (%(new_columns)s) AS differs
          FROM (SELECT graded.*, %(stored_as_of)s::date AS as_of FROM graded) AS n
     LEFT JOIN crm_rfm_score AS s
            ON s.partner_id = n.partner_id AND s.company_id = %(company_id)s
        """,
        company_id=company_id,
        stored_as_of=stored_as_of,
        stored_columns=_columns("s"),
        new_columns=_columns("n"),
    )


def _write_changed(as_of: SQL) -> SQL:
    return SQL(
        """
        UPDATE crm_rfm_score AS s
           SET (%(columns)s) = ROW(%(new_columns)s),
               previous_segment_id = CASE
                   WHEN s.segment_id IS DISTINCT FROM n.segment_id
                   THEN s.segment_id ELSE s.previous_segment_id END,
               segment_date = CASE
                   WHEN s.segment_id IS DISTINCT FROM n.segment_id
                   THEN %(as_of)s ELSE s.segment_date END,
               write_date = now() AT TIME ZONE 'UTC'
          FROM different AS n
         WHERE s.id = n.score_id
           -- By their ids, because the planner cannot know how few they are.
           AND s.id = ANY(ARRAY(
               SELECT score_id FROM different WHERE score_id IS NOT NULL))
        """,
        columns=SQL(", ").join(map(SQL.identifier, COLUMNS)),
        new_columns=_columns("n"),
        as_of=as_of,
    )


def _write_new(company_id: int, as_of: SQL) -> SQL:
    # Without a user, here and in the score changes: checking two references for each row
    # makes the first refresh a quarter longer. The log names the user.
    return SQL(
        """
        INSERT INTO crm_rfm_score (
                    partner_id, company_id, %(columns)s, segment_date,
                    create_date, write_date)
             SELECT n.partner_id, %(company_id)s, %(new_columns)s, %(as_of)s,
                    now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
               FROM different AS n
              WHERE n.score_id IS NULL
           -- In this order each index grows at its end, and the customers are looked up
           -- in the order of their table.
           ORDER BY n.partner_id
        -- Conflicts only if another refresh has just added the customer: then the
        -- transaction fails as a concurrent one, and Odoo tries it again.
        ON CONFLICT (partner_id, company_id) DO NOTHING
        """,
        columns=SQL(", ").join(map(SQL.identifier, COLUMNS)),
        new_columns=_columns("n"),
        company_id=company_id,
        as_of=as_of,
    )


def _moves(scoring: Scoring) -> SQL:
    """One row for each customer whose scores or segment changed, who came or who went.

    The first refresh of a company records nothing: no score changed, and earlier scores
    of its customers cannot be known.
    """
    return SQL(
        """
        SELECT partner_id, %(company_id)s, %(as_of)s, revenue,
               old_recency_score, old_frequency_score, old_monetary_score,
               old_code, old_segment_id,
               recency_score, frequency_score, monetary_score, code, segment_id
          FROM different
         WHERE moved
           AND (score_id IS NOT NULL OR EXISTS (
                SELECT FROM crm_rfm_score WHERE company_id = %(company_id)s))
     UNION ALL
        SELECT partner_id, %(company_id)s, %(as_of)s, 0,
               recency_score, frequency_score, monetary_score, code, segment_id,
               NULL, NULL, NULL, NULL, NULL
          FROM gone
        """,
        company_id=scoring.company_id,
        as_of=SQL("%s::date", scoring.as_of),
    )


def _record_moves(scoring: Scoring) -> SQL:
    return SQL(
        """
        INSERT INTO crm_rfm_change (
                    partner_id, company_id, date, revenue,
                    old_recency_score, old_frequency_score, old_monetary_score,
                    old_code, old_segment_id,
                    new_recency_score, new_frequency_score, new_monetary_score,
                    new_code, new_segment_id,
                    reason, create_date, write_date)
             SELECT move.*, %(reason)s,
                    now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
               FROM (%(moves)s) AS move
          RETURNING id
        """,
        moves=_moves(scoring),
        reason=SQL("%s::varchar", scoring.reason),
    )


def refresh_query(scoring: Scoring, *, pinned: bool) -> SQL:
    """Score all customers of a company and write what changed, in one statement that
    starts from the sums of :func:`summing_query`.

    :param pinned: whether the day is stored with the scores, because it is not the
        day on which they are computed
    :return: a query giving one row: customers, customers whose scores or segment
        changed, customers new to the table, customers gone from it, the first and the
        last id of the score changes recorded, and the three lists of cut points
    """
    day = SQL("%s::date", scoring.as_of)
    standing = SQL.identifier(STANDING_TABLE)
    return SQL(
        """
        WITH %(grading)s,
        compared AS (%(compared)s),
        different AS MATERIALIZED (SELECT * FROM compared WHERE differs),
        changed AS (%(changed)s),
        added AS (%(added)s),
        gone AS (
            DELETE FROM crm_rfm_score AS s
                  WHERE s.company_id = %(company_id)s
                    -- Mostly all customers are still there: then none is looked for.
                    AND (SELECT count(*) FROM %(standing)s) < (
                        SELECT count(*) FROM crm_rfm_score
                         WHERE company_id = %(company_id)s) + (
                        SELECT count(*) FROM different WHERE score_id IS NULL)
                    AND NOT EXISTS (
                        SELECT FROM %(standing)s AS n WHERE n.partner_id = s.partner_id)
              RETURNING s.*
        ),
        recorded AS (%(recorded)s)
        SELECT (SELECT count(*) FROM %(standing)s),
               count(*) FILTER (WHERE moved AND score_id IS NOT NULL),
               count(*) FILTER (WHERE score_id IS NULL),
               (SELECT count(*) FROM gone),
               (SELECT min(id) FROM recorded),
               (SELECT max(id) FROM recorded),
               (SELECT days FROM cuts),
               (SELECT times FROM cuts),
               (SELECT money FROM cuts)
          FROM different
        """,
        grading=grading(scoring, SQL("SELECT * FROM %s", standing)),
        standing=standing,
        compared=_compared(scoring.company_id, scoring.as_of if pinned else None),
        changed=_write_changed(day),
        added=_write_new(scoring.company_id, day),
        recorded=_record_moves(scoring),
        company_id=scoring.company_id,
    )

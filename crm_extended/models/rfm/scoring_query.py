"""The two statements that score the customers of a company.

Kept apart from the model so that the questions asked of the database can be read, and
its plan looked at, in one place.
"""

import math
from dataclasses import dataclass
from datetime import date

from odoo.tools import SQL

from ..common.bulk_sql import STANDS, count_of, sum_by_customer

# What is compared between the stored standing and the one just computed, and written
# where it differs.
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
    """What the standing of a company's customers on one day depends on."""

    # The read model as of that day, as a table expression with columns ``partner_id``
    # (any contact of the customer), ``company_id``, ``date``, ``posted_date``,
    # ``amount``, ``is_purchase``, ``tied_key``.
    transactions: SQL
    company_id: int
    as_of: date
    # The day before the months looked back, ``None`` for no limit.
    start: date | None
    # Number of scores a dimension.
    bins: int
    # ``total`` or ``average``.
    measure: str
    # Smallest unit of the company's currency.
    rounding: float
    # Recency, frequency and monetary score, code and segment of every class.
    grid: list[tuple[int, int, int, str, int | None]]
    # Segment of whoever bought nothing in the months looked back.
    lost_segment_id: int | None
    # Fixed cut points in days, purchases and money, ``bins - 1`` each; ``None`` for
    # quantiles of the customers.
    thresholds: tuple[list[float], list[float], list[float]] | None = None
    # The reason of the moves, where it is not what customers did.
    reason: str | None = None


# Where a refresh keeps the sums it starts from.
STANDING_TABLE = "crm_rfm_standing"


def _columns(alias: str) -> SQL:
    return SQL(", ").join(SQL.identifier(alias, column) for column in COLUMNS)


def _standing(scoring: Scoring) -> SQL:
    """One row a customer who ever bought and kept it: dates, and figures of the window.

    As of that day: what was posted later does not exist yet.
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
               -- As an integer, which is added up in less time and memory.
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
    """Cut points: those that are fixed, or the quantiles 1/b … (b-1)/b by linear
    interpolation (type 7).

    Whoever bought nothing in the window has no part in them.
    """
    if scoring.thresholds:
        fixed = (
            "SELECT %s::float8[] AS days, %s::float8[] AS times, %s::float8[] AS money"
        )
        return SQL(fixed, *scoring.thresholds)
    bins = scoring.bins
    # The next float up: 0.7 * 90 falls short of 63, and a cut point a hair below a
    # customer's own value would lift him. A hair above it does no harm.
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
    """Scores of everybody: b minus the cut points strictly below the days, 1 plus
    those strictly below the other two.

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
    """The classes there are, with code and segment of each."""
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
    """The standing of each customer, with code and segment."""
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
    """Sum up the purchases of each customer into a table of this transaction's own.

    A statement of its own, so that PostgreSQL can count the customers before it plans
    the other: it expects a hundred out of these sums, and would look up the stored
    standing of each by itself.
    """
    return SQL(
        "CREATE TEMPORARY TABLE %s ON COMMIT DROP AS %s",
        SQL.identifier(STANDING_TABLE),
        _standing(scoring),
    )


def grading(scoring: Scoring, standing: SQL | None = None) -> SQL:
    """The steps up to the table expression ``graded``, to be put behind ``WITH``.

    One row a customer: ``partner_id``, dates, figures, scores, ``code`` and
    ``segment_id``. The steps ``cuts`` and ``graded`` are for use.

    :param standing: where the sums are, if they were made before
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
    """The new standing of each customer beside the stored one, and what differs."""
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
           -- Looked up by their ids: nothing tells the planner how few they are.
           AND s.id = ANY(ARRAY(
               SELECT score_id FROM different WHERE score_id IS NOT NULL))
        """,
        columns=SQL(", ").join(map(SQL.identifier, COLUMNS)),
        new_columns=_columns("n"),
        as_of=as_of,
    )


def _write_new(company_id: int, as_of: SQL) -> SQL:
    # Without a user, here and with the moves: two checks of a reference for each row
    # make the first refresh a quarter longer. Who refreshed stands in the log.
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
           -- as they lie.
           ORDER BY n.partner_id
        -- Met only where another refresh has just added the customer: then the
        -- transaction fails as a concurrent one, and Odoo tries it again.
        ON CONFLICT (partner_id, company_id) DO NOTHING
        """,
        columns=SQL(", ").join(map(SQL.identifier, COLUMNS)),
        new_columns=_columns("n"),
        company_id=company_id,
        as_of=as_of,
    )


def _moves(scoring: Scoring) -> SQL:
    """One row for each customer who moved between grades, came or went.

    The first refresh of a company records nobody: nobody moved, and its customers are
    all that the standing before a later move can be told from.
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
    :return: a query giving one row: customers, customers whose grade or segment
        changed, customers new to the table, customers gone from it, the first and the
        last id of the moves recorded, and the three lists of cut points
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
                    -- Mostly everybody is still there: then nobody is looked for.
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

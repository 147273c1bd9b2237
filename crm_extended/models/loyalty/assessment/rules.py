"""Which rung of the ladder customers earn and keep."""

from dateutil.relativedelta import relativedelta

from odoo.tools import SQL

from ...common.bulk_sql import count_of
from .parameters import (
    BORN_TABLE,
    COLUMNS,
    FIGURES_TABLE,
    Assessing,
    stored_name,
    temporary,
)
from .qualification import ONE_YEAR
from .taken_back import less_sql
from .thresholds import earned_sql, highest_sql, kept_sql, met_sql


def segment_sql(assessing: Assessing) -> tuple[SQL, SQL]:
    """Column and join that tell everybody's segment, where a rung asks for it."""
    if not any(rung.segment_ids for rung in assessing.rungs):
        return SQL("NULL::int"), SQL()
    return SQL("score.segment_id"), SQL(
        """
        LEFT JOIN (SELECT partner_id, segment_id FROM crm_rfm_score
                    WHERE company_id = %s) AS score USING (partner_id)
        """,
        assessing.company_id,
    )


def held_sql(assessing: Assessing) -> SQL:
    """The members, with the rung each stands on and the number of those below; a tier
    that is no rung of the ladder any more has rungs below it, too."""
    return SQL(
        """
        SELECT m.*, own.rank, own.lower_rungs, former.rank AS former_rank
          FROM crm_loyalty_membership AS m
          JOIN (
                SELECT tier.id AS tier_id, rung.rank,
                       COALESCE(rung.rank - 1, (
                           SELECT count(*)
                             FROM rung AS lower
                             JOIN crm_loyalty_tier AS other ON other.id = lower.tier_id
                            WHERE (other.sequence, other.id) < (tier.sequence, tier.id)
                       )) AS lower_rungs
                  FROM crm_loyalty_tier AS tier
             LEFT JOIN rung ON rung.tier_id = tier.id
                OFFSET 0
               ) AS own USING (tier_id)
     LEFT JOIN rung AS former ON former.tier_id = m.former_tier_id
         WHERE m.company_id = %(company_id)s AND %(chosen)s
        """,
        company_id=assessing.company_id,
        chosen=assessing.chosen_sql(SQL("m.partner_id")),
    )


def person_sql(assessing: Assessing) -> SQL:
    """Everybody who bought or is a member: figures, membership, and the last days of
    this qualifying period and the next."""
    born = SQL()
    if assessing.period == "rolling":
        finish = next_finish = SQL("NULL::date")
    else:
        this_year = assessing.as_of.replace(month=12, day=31)
        finish, next_finish = (
            SQL("%s::date", day) for day in (this_year, this_year + ONE_YEAR)
        )
        if assessing.period == "anniversary":
            born = SQL("LEFT JOIN %s AS born USING (partner_id)", temporary(BORN_TABLE))
            # Who is a member without ever having bought has the calendar's.
            finish = SQL("COALESCE(born.finish, %s)", finish)
            next_finish = SQL("COALESCE(born.next_finish, %s)", next_finish)
    segment, score = segment_sql(assessing)
    return SQL(
        """
        SELECT partner_id,
               %(finish)s AS finish,
               %(next_finish)s AS next_finish,
               COALESCE(f.amount, 0) AS amount,
               COALESCE(f.orders, 0) AS orders,
               COALESCE(f.last_amount, 0) AS last_amount,
               COALESCE(f.last_orders, 0) AS last_orders,
               COALESCE(f.known_amount, 0) AS known_amount,
               COALESCE(f.known_last_amount, 0) AS known_last_amount,
               f.taken_back,
               (%(finish)s + 1 - make_interval(years => 1))::date AS period_start,
               held.id AS membership_id, held.rank, held.lower_rungs, held.tier_id,
               held.state, held.valid_date, held.date_from, held.lock_until,
               held.former_rank, held.former_valid_date,
               %(stored)s,
               COALESCE(held.state = 'locked' AND held.lock_until >= %(as_of)s, FALSE)
                   AS locked,
               %(segment)s AS segment_id
          FROM %(figures)s AS f
     FULL JOIN held USING (partner_id)
               %(born)s
               %(score)s
        """,
        finish=finish,
        next_finish=next_finish,
        as_of=assessing.as_of,
        segment=segment,
        stored=SQL(", ").join(
            SQL("%s AS %s", SQL.identifier("held", column), stored_name(column))
            for column in COLUMNS
        ),
        figures=temporary(FIGURES_TABLE),
        born=born,
        score=score,
    )


def judged_sql(assessing: Assessing) -> SQL:
    """What the figures of everybody earn and keep."""
    figures = [("amount", "orders")]
    if not assessing.rolling:
        figures.append(("last_amount", "last_orders"))
    earned = [earned_sql(assessing, *columns) for columns in figures]
    kept = [kept_sql(assessing, "rank", *columns) for columns in figures]

    def kept_below(rung, rank):
        met = [met_sql(rung, "keep", *columns) for columns in figures]
        return SQL("x.lower_rungs >= %s AND (%s)", rank, SQL(" OR ").join(met))

    later = SQL()
    if assessing.pinned:
        later = SQL(
            """
            WHERE NOT EXISTS (
                  SELECT FROM crm_loyalty_change AS later
                   WHERE later.partner_id = x.partner_id
                     AND later.company_id = %s AND later.date > %s)
            """,
            assessing.company_id,
            assessing.as_of,
        )
    return SQL(
        """
        SELECT x.*,
               %(earned_now)s AS earned_now,
               GREATEST(%(earned)s) AS earned,
               %(kept_now)s AS kept_now,
               (%(kept)s) AS kept,
               %(kept_below)s AS kept_below
          FROM person AS x
               %(later)s
        """,
        earned_now=earned[0],
        earned=SQL(", ").join(earned),
        kept_now=kept[0],
        kept=SQL(" OR ").join(kept),
        kept_below=highest_sql(assessing, kept_below),
        later=later,
    )


def last_met_sql(assessing: Assessing) -> SQL:
    """The last day on which who no longer meets the threshold to keep met it, in a
    rolling period: a value, for a row of ``judged`` with ``suspect``. It is an array: the
    day without purchases that were taken back in full since; for a suspect the day with
    these, or today where purchases are gone that cannot be seen any more.

    What is met can change on the day of a purchase or refund, on that of a document that
    takes one back, and when one leaves the period; so the last day is the one before such
    a day. Where months differ in length it leaves up to three days after the same day of
    the month.

    Asked for one customer after the other, by index: they are few on most days.
    """
    months = SQL("make_interval(months => %s)", assessing.months)
    oldest = assessing.as_of - relativedelta(
        months=2 * assessing.months + assessing.grace_months
    )
    if assessing.comparable:
        oldest = min(
            oldest, assessing.last_day - relativedelta(months=assessing.months)
        )
    return SQL(
        """
        (
        WITH theirs AS MATERIALIZED (
            SELECT date, posted_date, amount, tied_key, TRUE AS counts,
                   tied_key IS NOT NULL
                       AND sum(amount) OVER (PARTITION BY tied_key) <= 0 AS gone
              FROM %(transactions)s AS t
             WHERE partner_id = judged.partner_id
               AND company_id = %(company_id)s
               AND date <= %(as_of)s AND posted_date <= %(as_of)s
               AND (date > %(oldest)s OR tied_key IS NOT NULL)
        ),
        known AS MATERIALIZED (
            SELECT judged.suspect AND %(less)s AS less,
                   judged.suspect AND EXISTS (SELECT FROM theirs WHERE gone) AS gone
        )
        SELECT ARRAY[max(x.day) FILTER (WHERE NOT whole),
                     CASE WHEN (SELECT less FROM known) THEN %(as_of)s
                          ELSE max(x.day) FILTER (WHERE whole) END]
          FROM (
                SELECT day, whole, judged.rank, sum(bought.amount) AS amount,
                       %(purchases)s AS orders
                  FROM (
                        SELECT day, whole, theirs.tied_key,
                               COALESCE(sum(theirs.amount) FILTER (
                                   WHERE theirs.date > start), 0) AS amount,
                               count(*) FILTER (
                                   WHERE theirs.date > start AND theirs.amount > 0
                               ) AS orders,
                               sum(theirs.amount) AS total
                          FROM (
                                SELECT day, (day - %(months)s)::date AS start
                                  FROM (
                                        SELECT date - 1 AS day
                                          FROM theirs
                                         UNION
                                        SELECT posted_date - 1
                                          FROM theirs
                                         UNION
                                        SELECT (date + %(months)s)::date + after
                                          FROM theirs
                                    CROSS JOIN generate_series(-1, 2) AS after
                                       ) AS changing
                                 WHERE day BETWEEN judged.date_from AND %(as_of)s
                                   -- Valid for longer, if nothing is gone.
                                   AND (judged.valid_date IS NULL
                                        OR judged.valid_date < %(as_of)s
                                        OR (SELECT less OR gone FROM known))
                               ) AS candidate
                          JOIN (VALUES (FALSE), (TRUE)) AS looked (whole)
                            ON NOT whole OR (SELECT gone FROM known)
                          JOIN theirs
                            ON theirs.date <= day AND theirs.posted_date <= day
                           AND (theirs.date > start OR theirs.tied_key IS NOT NULL)
                           AND (whole OR NOT theirs.gone)
                      GROUP BY day, whole, theirs.tied_key
                       ) AS bought
              GROUP BY day, whole
               ) AS x
         WHERE %(kept)s
        )
        """,
        transactions=assessing.transactions,
        company_id=assessing.company_id,
        as_of=SQL("%s::date", assessing.as_of),
        oldest=oldest,
        months=months,
        purchases=count_of("orders"),
        less=less_sql(assessing),
        kept=kept_sql(assessing, "rank", "amount", "orders"),
    )

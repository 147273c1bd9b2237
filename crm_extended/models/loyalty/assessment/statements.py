"""The statements that assess the loyalty tiers of a company's customers, and preview
what an assessment would find."""

from dateutil.relativedelta import relativedelta

from odoo.tools import SQL

from ...common.bulk_sql import count_of
from ...common.quiet_changes import DEFINITION_CHANGED
from .parameters import COLUMNS, Parameters, columns_of
from .qualification import anniversary_periods_sql, qualifying_totals_sql
from .rules import (
    candidates_sql,
    current_memberships_sql,
    dated_sql,
    differing_sql,
    judged_sql,
    moved_sql,
    reasoned_sql,
    segment_sql,
)
from .taken_back import less_sql, suspect_sql, taken_back_sql
from .thresholds import earned_sql, kept_sql, tier_levels_sql


def assess_query(params: Parameters, *, user_id: int) -> SQL:
    """Assess all customers of a company and write what changed, in one statement, out
    of the tables of :func:`summing_queries`.

    :param user_id: the author to record
    :return: a query giving one row: the numbers of members who are new, who rose, who
        fell, and who left
    """
    return SQL(
        """
        WITH tier_level AS MATERIALIZED (%(levels)s),
        current_membership AS (%(current)s),
        candidate AS (%(candidates)s),
        judged AS (%(judged)s),
        dated AS (%(dated)s),
        reasoned AS (%(reasoned)s),
        moved AS (%(moved)s),
        decided AS MATERIALIZED (%(decided)s),
        changed AS (
            UPDATE crm_loyalty_membership AS m
               SET (%(columns)s) = ROW(%(decided_columns)s),
                   lock_reason = CASE WHEN d.reason = 'lock_ended' THEN NULL
                                      ELSE m.lock_reason END,
                   lock_until = CASE WHEN d.reason = 'lock_ended' THEN NULL
                                     ELSE m.lock_until END,
                   former_tier_id = CASE WHEN d.reason = 'lock_ended' THEN NULL
                                         ELSE m.former_tier_id END,
                   former_valid_date = CASE WHEN d.reason = 'lock_ended' THEN NULL
                                            ELSE m.former_valid_date END,
                   -- Once, also where an assessment of another day came in between.
                   notification_pending = (
                       d.state = 'grace' AND (
                           m.notification_pending OR m.state <> 'grace'
                           AND NOT %(quiet)s
                           AND m.notified_valid_date IS DISTINCT FROM d.valid_date)),
                   notified_valid_date = CASE WHEN d.state = 'grace' THEN d.valid_date
                                          ELSE m.notified_valid_date END,
                   write_uid = %(user_id)s,
                   write_date = now() AT TIME ZONE 'UTC'
              FROM decided AS d
             WHERE m.id = d.membership_id AND d.tier_id IS NOT NULL
               -- By their ids, because the planner cannot know how few they are.
               AND m.id = ANY(ARRAY(
                   SELECT membership_id FROM decided WHERE membership_id IS NOT NULL))
        ),
        added AS (
            INSERT INTO crm_loyalty_membership (
                        partner_id, company_id, %(columns)s,
                        create_uid, write_uid, create_date, write_date)
                 SELECT d.partner_id, %(company_id)s, %(decided_columns)s,
                        %(user_id)s, %(user_id)s,
                        now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
                   FROM decided AS d
                  WHERE d.membership_id IS NULL AND d.tier_id IS NOT NULL
            ON CONFLICT (partner_id, company_id) DO NOTHING
        ),
        removed AS (
            DELETE FROM crm_loyalty_membership AS m
                  USING decided AS d
                  WHERE m.id = d.membership_id AND d.tier_id IS NULL
        ),
        recorded AS (
            INSERT INTO crm_loyalty_change (
                        partner_id, company_id, date, old_tier_id, new_tier_id, reason,
                        qualifying_amount, qualifying_orders, notification_pending,
                        create_uid, write_uid, create_date, write_date)
                 SELECT d.partner_id, %(company_id)s, %(as_of)s, d.old_tier_id,
                        d.tier_id, %(reason)s, d.proof_amount, d.proof_orders,
                        %(notify)s AND d.old_tier_id IS DISTINCT FROM d.tier_id,
                        %(user_id)s, %(user_id)s,
                        now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
                   FROM decided AS d
                  WHERE d.reason IS NOT NULL
               ORDER BY d.partner_id
        )
        SELECT count(*) FILTER (WHERE d.membership_id IS NULL),
               count(*) FILTER (WHERE d.membership_id IS NOT NULL
                                  AND new.rank > old.rank),
               count(*) FILTER (WHERE d.membership_id IS NOT NULL
                                  AND new.rank < old.rank),
               count(*) FILTER (WHERE d.tier_id IS NULL)
          FROM decided AS d
     LEFT JOIN tier_level AS old ON old.tier_id = d.old_tier_id
     LEFT JOIN tier_level AS new ON new.tier_id = d.tier_id
        """,
        levels=tier_levels_sql(params),
        current=current_memberships_sql(params),
        candidates=candidates_sql(params),
        judged=judged_sql(params),
        dated=dated_sql(params, looked_into_sql(params)),
        reasoned=reasoned_sql(params),
        moved=moved_sql(params),
        decided=differing_sql(params),
        columns=SQL(", ").join(map(SQL.identifier, COLUMNS)),
        decided_columns=columns_of("d"),
        company_id=params.company_id,
        as_of=SQL("%s::date", params.as_of),
        user_id=user_id,
        notify=params.notify and not params.definition_changed,
        quiet=params.definition_changed,
        reason=SQL("%s", DEFINITION_CHANGED)
        if params.definition_changed
        else SQL("d.reason"),
    )


def preview_query(params: Parameters, seen: SQL) -> SQL:
    """Count the customers of each level, if all were assessed today and none were a
    member yet. Nothing is written.

    :param seen: condition on ``x.partner_id`` for customers the reader may see
    :return: a query giving, for each level from 1, and 0 for none: the number of customers
        who bought, and what they spent in the present qualifying period
    """
    segment, score = segment_sql(params)
    earned = [earned_sql(params, "amount", "orders")]
    if not params.rolling:
        earned.append(earned_sql(params, "last_amount", "last_orders"))
    return SQL(
        """
        WITH period AS (%(periods)s),
        totals AS MATERIALIZED (%(totals)s),
        x AS (
            SELECT f.*, %(segment)s AS segment_id
              FROM totals AS f
                   %(score)s
        )
        SELECT GREATEST(%(earned)s) AS earned, count(*), sum(x.amount)
          FROM x
         WHERE (x.orders > 0 OR x.last_orders > 0) AND %(seen)s
      GROUP BY earned
        """,
        periods=anniversary_periods_sql(params),
        totals=qualifying_totals_sql(params, SQL("period")),
        segment=segment,
        score=score,
        seen=seen,
        earned=SQL(", ").join(earned),
    )


# -- Looked up candidate by candidate


def looked_into_sql(params: Parameters) -> SQL:
    """What is looked up for the few candidates it is needed for: when they last met the
    threshold to keep (``met``), and what a suspect would have without purchases that
    exist no more (``taken``)."""
    if params.rolling:
        met = SQL(
            """
            CASE WHEN rank IS NOT NULL AND NOT locked AND NOT kept
                  AND (suspect OR valid_date IS NULL OR valid_date < %s)
                 THEN %s END
            """,
            params.as_of,
            last_met_sql(params),
        )
    else:
        met = SQL("NULL::date[]")
    return SQL(
        """
        SELECT judged.*, CASE WHEN suspect THEN %(taken)s END AS taken, %(met)s AS met
          FROM (
                SELECT judged.*, %(suspect)s AS suspect FROM judged OFFSET 0
               ) AS judged
        OFFSET 0
        """,
        suspect=suspect_sql(params),
        taken=taken_back_sql(params),
        met=met,
    )


def last_met_sql(params: Parameters) -> SQL:
    """The last day on which a member who does not meet the threshold to keep met it, in
    a rolling period: a value, for a row of ``judged`` with ``suspect``. It is an array:
    the day without purchases that were taken back in full since; for a suspect the day
    with these, or today if purchases are gone that cannot be seen any more.

    Whether it is met can change on the day of a purchase or refund, on the day of a
    document that takes one back, and when one leaves the period; so the last day is the
    one before such a day. Where months differ in length, a purchase leaves up to three
    days after the same day of the month.

    Looked up for one customer after the other, by index: they are few on most days.
    """
    months = SQL("make_interval(months => %s)", params.months)
    oldest = params.as_of - relativedelta(
        months=2 * params.months + params.grace_months
    )
    if params.comparable:
        oldest = min(oldest, params.last_day - relativedelta(months=params.months))
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
                               ) AS possible
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
        transactions=params.transactions,
        company_id=params.company_id,
        as_of=SQL("%s::date", params.as_of),
        oldest=oldest,
        months=months,
        purchases=count_of("orders"),
        less=less_sql(params),
        kept=kept_sql(params, "rank", "amount", "orders"),
    )

"""Tiers that rest on purchases which exist no more: cancelled, deleted, or taken back in
full.

A member becomes a suspect in the night after their past purchases have become less, or
after one was taken back. Only suspects are examined, one after the other, by index: is
what earned their tier still there, and if not, which tier would they have without it?
Partial returns do not count: customers who rose keep the tier to its date.
"""

from datetime import date

from dateutil.relativedelta import relativedelta

from odoo.tools import SQL

from ...common.bulk_sql import count_of
from ...common.quiet_changes import DEFINITION_CHANGED
from .parameters import Parameters
from .thresholds import highest_sql, kept_sql, met_sql

# Totals of a day: of its own qualifying period, and of the one before.
NOW = ("amount", "orders")
LAST = ("last_amount", "last_orders")


def _less_sql(params: Parameters, now: SQL, before: SQL) -> SQL:
    """Whether the purchases until the last assessment are less than they were then.

    :param now: their amount in the present period
    :param before: their amount in the period before
    """
    if not params.comparable:
        return SQL("FALSE")
    if params.rolling:
        return SQL("COALESCE(stored_qualifying_amount > COALESCE(%s, 0), FALSE)", now)
    return SQL(
        """
        COALESCE(
            CASE WHEN period_start <= %(last_day)s
                 THEN stored_qualifying_amount > COALESCE(%(now)s, 0)
                   OR COALESCE(stored_last_period_amount > COALESCE(%(before)s, 0), FALSE)
                 -- A new period has begun since.
                 ELSE stored_qualifying_amount > COALESCE(%(before)s, 0) END, FALSE)
        """,
        last_day=params.last_day,
        now=now,
        before=before,
    )


def suspect_sql(params: Parameters) -> SQL:
    """Whether a member's tier may rest on purchases that exist no more: a value, for a
    row of ``judged``. Members who earn the tier today, in the present period, do not need
    these.
    """
    if params.definition_changed:
        # Earlier records cannot be compared: everything that can be seen is examined.
        noticed = SQL(
            "taken_back IS NOT NULL OR %s OR %s",
            _has_refunds(params),
            _has_gone_invoices(params),
        )
    elif params.last_day:
        noticed = SQL(
            "%s OR taken_back >= %s OR %s",
            _less_sql(params, SQL("known_amount"), SQL("known_last_amount")),
            params.last_day,
            _has_refunds(params),
        )
    else:
        noticed = SQL("FALSE")
    return SQL(
        """
        membership_id IS NOT NULL AND NOT locked
        AND earned_now < COALESCE(
            CASE WHEN state = 'locked' THEN former_rank ELSE rank END, 0)
        AND COALESCE(state = 'locked' OR %s, FALSE)
        """,
        noticed,
    )


def _has_refunds(params: Parameters) -> SQL:
    """Whether an invoice of a member has been taken back in full, or may have been, since
    the last assessment; or ever, if the definition has changed.

    The sums deduct refunds from their invoice, and do not say when.
    """
    if not params.invoices_count:
        return SQL("FALSE")
    since = SQL("TRUE")
    if not params.definition_changed:
        since = SQL("back.invoice_date >= %s", params.last_day)
    return SQL(
        """
        judged.partner_id IN (
            SELECT COALESCE(first.commercial_partner_id, back.commercial_partner_id)
              FROM account_move AS back
         LEFT JOIN account_move AS first ON first.id = back.reversed_entry_id
             WHERE back.company_id = %(company_id)s AND back.move_type = 'out_refund'
               AND back.state = 'posted' AND back.invoice_date <= %(as_of)s AND %(since)s
               AND CASE WHEN first.id IS NULL
                        THEN back.amount_residual <> back.amount_total AND EXISTS (
                            -- Reconciled with an invoice, not paid out.
                            SELECT FROM account_move_line AS line
                              JOIN account_partial_reconcile AS partial
                                ON partial.credit_move_id = line.id
                              JOIN account_move_line AS due
                                ON due.id = partial.debit_move_id
                              JOIN account_move AS invoice ON invoice.id = due.move_id
                             WHERE line.move_id = back.id
                               AND invoice.move_type = 'out_invoice')
                        ELSE first.amount_untaxed_signed <= -(
                            SELECT sum(other.amount_untaxed_signed)
                              FROM account_move AS other
                             WHERE other.reversed_entry_id = first.id
                               AND other.state = 'posted') END
               AND back.commercial_partner_id IS NOT NULL)
        """,
        company_id=params.company_id,
        as_of=params.as_of,
        since=since,
    )


def _gone_invoices(params: Parameters) -> SQL:
    """Invoices of a member that were posted, and are cancelled or draft now."""
    if not params.invoices_count:
        return SQL("SELECT NULL::date, NULL::date, NULL::numeric LIMIT 0")
    return SQL(
        """
        SELECT move.invoice_date, move.invoice_date, move.amount_untaxed_signed
          FROM account_move AS move
         WHERE move.partner_id IN (
                   SELECT id FROM res_partner
                    WHERE commercial_partner_id = judged.partner_id)
           AND move.commercial_partner_id = judged.partner_id
           AND move.company_id = %s AND move.move_type = 'out_invoice'
           AND move.state IN ('draft', 'cancel') AND move.posted_before
           AND move.invoice_date <= %s
        """,
        params.company_id,
        params.as_of,
    )


def _has_gone_invoices(params: Parameters) -> SQL:
    if not params.invoices_count:
        return SQL("FALSE")
    # Read once, not for each member.
    return SQL(
        """
        judged.partner_id IN (
            SELECT move.commercial_partner_id
              FROM account_move AS move
             WHERE move.company_id = %s AND move.move_type = 'out_invoice'
               AND move.state IN ('draft', 'cancel') AND move.posted_before
               AND move.commercial_partner_id IS NOT NULL)
        """,
        params.company_id,
    )


def taken_back_sql(params: Parameters) -> SQL:
    """Which tier a suspect would have without the purchases that exist no more: a value,
    for a row of ``judged``.

    NULL if what earned the tier is still there; else the number of the level, at most the
    current one, and in how many days its validity ends.
    """
    return SQL(
        """
        (
        WITH theirs AS MATERIALIZED (%(theirs)s),
        known AS MATERIALIZED (
            SELECT %(less)s AS less, EXISTS (SELECT FROM theirs WHERE gone) AS gone
        ),
        proof AS MATERIALIZED (%(proofs)s),
        -- Mostly there is nothing to prove, or the proof still holds.
        verdict AS MATERIALIZED (%(verdict)s),
        graded AS MATERIALIZED (%(graded)s)
        SELECT CASE WHEN (SELECT lost FROM verdict)
                    THEN ARRAY[COALESCE(max(remaining.rank), 0),
                               COALESCE(max(remaining.valid), %(as_of)s) - %(as_of)s]::int[]
                     END
          FROM (%(remaining)s) AS remaining
        )
        """,
        as_of=SQL("%s::date", params.as_of),
        theirs=_theirs_sql(params),
        less=less_sql(params),
        proofs=_proofs_sql(params),
        verdict=_verdict_sql(params),
        graded=_graded_sql(params),
        remaining=_remaining_sql(params),
    )


def less_sql(params: Parameters) -> SQL:
    """Whether purchases made until the last assessment exist no more, without a trace: a
    value, beside ``theirs`` of a row of ``judged``."""
    if not params.comparable:
        return SQL("FALSE")
    if params.rolling:
        start = params.last_day - relativedelta(months=params.months)
        periods = [SQL("date > %s", start), SQL("FALSE")]
    else:
        periods = [
            SQL("%s = %s", _period_sql(SQL("date")), number) for number in (0, -1)
        ]
    return _less_sql(
        params,
        *(
            SQL(
                """
                (SELECT sum(amount) FROM theirs
                  WHERE counts AND date <= %(day)s AND posted_date <= %(day)s
                    AND %(period)s)
                """,
                day=params.last_day,
                period=period,
            )
            for period in periods
        ),
    )


def _theirs_sql(params: Parameters) -> SQL:
    """All that the suspect bought, and whether it is gone."""
    return SQL(
        """
        SELECT date, posted_date, amount, tied_key, TRUE AS counts,
               tied_key IS NOT NULL
                   AND sum(amount) OVER (PARTITION BY tied_key) <= 0 AS gone
          FROM %(transactions)s AS t
         WHERE partner_id = judged.partner_id AND company_id = %(company_id)s
           AND date <= %(as_of)s AND posted_date <= %(as_of)s
     UNION ALL
        SELECT gone.*, NULL, FALSE, TRUE
          FROM (%(gone)s) AS gone (date, posted_date, amount)
        """,
        transactions=params.transactions,
        company_id=params.company_id,
        as_of=params.as_of,
        gone=_gone_invoices(params),
    )


def _proofs_sql(params: Parameters) -> SQL:
    """What the tier rests on: the last rise, and the last extension since, with the
    totals that were recorded then."""
    recorded = SQL(
        """
        SELECT change.id, change.date AS day, new.rank,
               COALESCE(old.rank, 0) < new.rank AS risen,
               change.qualifying_amount AS amount, change.qualifying_orders AS orders
          FROM crm_loyalty_change AS change
          JOIN tier_level AS new ON new.tier_id = change.new_tier_id
     LEFT JOIN tier_level AS old ON old.tier_id = change.old_tier_id
         WHERE change.partner_id = judged.partner_id
           AND change.company_id = %s AND change.date <= %s
           AND change.reason IN ('earned', 'kept', %s)
           AND COALESCE(old.rank, 0) <= new.rank
        """,
        params.company_id,
        params.as_of,
        DEFINITION_CHANGED,
    )
    return SQL(
        """
        SELECT DISTINCT ON (recorded.risen) recorded.*
          FROM (%(recorded)s) AS recorded
         WHERE recorded.risen OR recorded.rank = judged.rank AND recorded.id > (
                   SELECT max(rise.id) FROM (%(recorded)s) AS rise WHERE rise.risen)
      ORDER BY recorded.risen, recorded.day DESC, recorded.id DESC
        """,
        recorded=recorded,
    )


def _days_sql(params: Parameters) -> SQL:
    """The days on which thresholds may have been met for the first or the last time."""
    months = SQL("make_interval(months => %s)", params.months)
    leaving = SQL()
    if params.rolling:
        leaving = SQL(
            """
            UNION SELECT (date + %s)::date + after
                    FROM theirs CROSS JOIN generate_series(-1, 2) AS after
            """,
            months,
        )
    return SQL(
        """
        SELECT day, FALSE AS whole
          FROM (
                SELECT date AS day FROM theirs
                 UNION SELECT posted_date FROM theirs
                 UNION SELECT date - 1 FROM theirs
                 UNION SELECT posted_date - 1 FROM theirs
                 %(leaving)s
                 UNION SELECT %(as_of)s::date
               ) AS changing
         WHERE day <= %(as_of)s AND (SELECT lost FROM verdict)
        """,
        leaving=leaving,
        as_of=params.as_of,
    )


def _period_sql(day: SQL) -> SQL:
    """The number of the qualifying period that a day is in, where periods are years: 0
    is the present one."""
    years = SQL(
        "(date_part('year', %s) - date_part('year', judged.period_start))::int", day
    )
    return SQL(
        "(%(years)s"
        " - ((judged.period_start + make_interval(years => %(years)s)) > %(day)s)::int)",
        years=years,
        day=day,
    )


def _totals_sql(params: Parameters, days: SQL) -> SQL:
    """Amount and orders as they were on some days.

    :param days: a query giving ``day``, and ``whole`` where what is gone counts
    """
    date, day = SQL("theirs.date"), SQL("looked_at.day")
    if params.rolling:
        now = SQL(
            "%s > (%s - make_interval(months => %s))::date", date, day, params.months
        )
        last = SQL("FALSE")
    else:
        now = SQL("%s = %s", _period_sql(date), _period_sql(day))
        last = SQL("%s = %s - 1", _period_sql(date), _period_sql(day))
    return SQL(
        """
        SELECT day, whole,
               sum(bought.amount) AS amount, %(orders)s AS orders,
               sum(bought.last_amount) AS last_amount, %(last_orders)s AS last_orders
          FROM (
                SELECT day, whole, tied_key, sum(amount) AS total,
                       COALESCE(sum(amount) FILTER (WHERE %(now)s), 0) AS amount,
                       count(*) FILTER (WHERE amount > 0 AND %(now)s) AS orders,
                       COALESCE(sum(amount) FILTER (WHERE %(last)s), 0) AS last_amount,
                       count(*) FILTER (WHERE amount > 0 AND %(last)s) AS last_orders
                  FROM (%(days)s) AS looked_at
                  JOIN theirs ON theirs.date <= looked_at.day
                             AND theirs.posted_date <= looked_at.day
                             AND (whole OR NOT theirs.gone)
              GROUP BY day, whole, tied_key
               ) AS bought
      GROUP BY day, whole
        """,
        orders=count_of("orders"),
        last_orders=count_of("last_orders"),
        now=now,
        last=last,
        days=days,
    )


def _graded_sql(params: Parameters) -> SQL:
    """The highest level that the totals of each day earn. A level that is restricted to
    some segments is for customers who are in one today, and for members of that level:
    the segment of the day is unknown."""

    def condition(level, rank):
        met = met_sql(level, "rise", *NOW)
        if not level.segment_ids:
            return met
        return SQL(
            "(judged.rank = %s OR judged.segment_id = ANY(%s)) AND %s",
            rank,
            level.segment_ids,
            met,
        )

    return SQL(
        "SELECT x.*, %s AS risen FROM (%s) AS x",
        highest_sql(params, condition),
        _totals_sql(params, _days_sql(params)),
    )


def _verdict_sql(params: Parameters) -> SQL:
    """Whether any proof is lost: one row."""
    days = SQL(
        """
        SELECT DISTINCT day, looked.whole
          FROM proof CROSS JOIN (VALUES (FALSE), (TRUE)) AS looked (whole)
         WHERE (SELECT gone OR less OR judged.state = 'locked' FROM known)
        """
    )
    return SQL(
        """
        SELECT COALESCE(bool_or(proof.lost), FALSE) AS lost FROM (%s) AS proof
        """,
        _lost_sql(params, _totals_sql(params, days)),
    )


def _lost_sql(params: Parameters, totals: SQL) -> SQL:
    """Whether each proof was worth more with what is gone than it is without: 2 for the
    period of its day, which makes a tier valid to the end of the next one, 1 for the
    period before, 0 for neither.

    :param totals: the totals on the days of the proofs
    """

    def kept(columns):
        return kept_sql(params, "rank", *columns)

    def earned(columns):
        return SQL(
            "%s >= x.rank",
            highest_sql(params, lambda level, _rank: met_sql(level, "rise", *columns)),
        )

    def met(columns):
        return SQL(
            "CASE WHEN x.is_rise THEN %s ELSE %s END", earned(columns), kept(columns)
        )

    return SQL(
        """
        SELECT COALESCE(max(worth) FILTER (WHERE NOT whole), 0)
               < GREATEST(max(worth) FILTER (WHERE whole), max(recorded)) AS lost
          FROM (
                SELECT x.id, x.whole,
                       CASE WHEN %(now)s THEN 2 WHEN %(last)s THEN 1 ELSE 0 END AS worth,
                       CASE WHEN NOT (%(believed)s) OR NOT (%(noted)s) THEN 0
                            -- By purchases of the period before.
                            WHEN (x.noted_amount, x.noted_orders)
                                 = (x.last_amount, x.last_orders) THEN 1
                            ELSE 2 END AS recorded
                  FROM (
                        SELECT proof.id, proof.day, proof.rank,
                               proof.risen AS is_rise,
                               proof.amount AS noted_amount,
                               proof.orders AS noted_orders, looked.whole,
                               COALESCE(totals.amount, 0) AS amount,
                               COALESCE(totals.orders, 0) AS orders,
                               COALESCE(totals.last_amount, 0) AS last_amount,
                               COALESCE(totals.last_orders, 0) AS last_orders
                          FROM proof
                    CROSS JOIN (VALUES (FALSE), (TRUE)) AS looked (whole)
                     LEFT JOIN (%(totals)s) AS totals
                            ON totals.day = proof.day AND totals.whole = looked.whole
                       ) AS x
               ) AS proven
      GROUP BY id
        """,
        totals=totals,
        now=met(NOW),
        last=SQL("FALSE") if params.rolling else met(LAST),
        noted=met(("noted_amount", "noted_orders")),
        # Totals recorded by another definition prove nothing.
        believed=SQL(
            "((SELECT less FROM known) OR judged.state = 'locked') AND x.day > %s",
            params.other_until or date.min,
        ),
    )


def _remaining_sql(params: Parameters) -> SQL:
    """The highest level, up to the current one, that the suspect would have: earned
    without what is gone, and kept from then on."""
    if params.rolling:
        valid = SQL("(day + make_interval(months => %s))::date", params.months)
    else:
        valid = SQL(
            "(judged.period_start + make_interval(years => %s + 2))::date - 1",
            _period_sql(SQL("day")),
        )
    grace = SQL("make_interval(months => %s)", params.grace_months)
    return SQL(
        """
        SELECT rank, max(valid) AS valid
          FROM (
                SELECT course.*, lag(valid) OVER (PARTITION BY rank ORDER BY day) AS before
                  FROM (
                        SELECT x.rank, x.day, %(valid)s AS valid
                          FROM (
                                SELECT graded.*, level.rank,
                                       max(day) FILTER (WHERE risen >= level.rank)
                                           OVER (PARTITION BY level.rank) AS rose
                                  FROM graded CROSS JOIN tier_level AS level
                                 WHERE NOT whole
                                   AND level.rank <= CASE WHEN judged.state = 'locked'
                                                         THEN judged.former_rank
                                                         ELSE judged.rank END
                               ) AS x
                         WHERE x.day >= x.rose AND (x.risen >= x.rank OR %(kept)s)
                       ) AS course
               ) AS course
      GROUP BY rank
        HAVING NOT COALESCE(bool_or(day > before + %(grace)s), FALSE)
           AND %(as_of)s <= max(valid) + %(grace)s
      ORDER BY rank DESC
         LIMIT 1
        """,
        valid=valid,
        grace=grace,
        kept=kept_sql(params, "rank", *NOW),
        as_of=SQL("%s::date", params.as_of),
    )

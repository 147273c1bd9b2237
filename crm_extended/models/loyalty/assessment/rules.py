"""The rules of the tiers: which tier level candidates earn and keep, and what follows for
members and for those who become one. Which thresholds amounts and orders meet stands in
``thresholds``.

A candidate passes through ``candidate``, ``judged``, ``dated``, ``reasoned``, ``moved``
and ``decided``, in this order.
"""

from odoo.tools import SQL

from .parameters import (
    COLUMNS,
    PERIODS_TABLE,
    TOTALS_TABLE,
    Parameters,
    columns_of,
    stored_name,
    temporary,
)
from .qualification import ONE_YEAR
from .thresholds import earned_sql, highest_sql, kept_sql, met_sql, to_next_sql

# -- Earned and kept


def segment_sql(params: Parameters) -> tuple[SQL, SQL]:
    """Column and join of the customers' segments, if a level is restricted to some."""
    if not any(level.segment_ids for level in params.levels):
        return SQL("NULL::int"), SQL()
    return SQL("score.segment_id"), SQL(
        """
        LEFT JOIN (SELECT partner_id, segment_id FROM crm_rfm_score
                    WHERE company_id = %s) AS score USING (partner_id)
        """,
        params.company_id,
    )


def current_memberships_sql(params: Parameters) -> SQL:
    """The current memberships, with the level of each and the number of levels below;
    a tier that is not in the tier program any more has levels below it, too."""
    return SQL(
        """
        SELECT m.*, own.rank, own.lower_levels, former.rank AS former_rank
          FROM crm_loyalty_membership AS m
          JOIN (
                SELECT tier.id AS tier_id, level.rank,
                       COALESCE(level.rank - 1, (
                           SELECT count(*)
                             FROM tier_level AS lower
                             JOIN crm_loyalty_tier AS other ON other.id = lower.tier_id
                            WHERE (other.sequence, other.id) < (tier.sequence, tier.id)
                       )) AS lower_levels
                  FROM crm_loyalty_tier AS tier
             LEFT JOIN tier_level AS level ON level.tier_id = tier.id
                OFFSET 0
               ) AS own USING (tier_id)
     LEFT JOIN tier_level AS former ON former.tier_id = m.former_tier_id
         WHERE m.company_id = %(company_id)s AND %(chosen)s
        """,
        company_id=params.company_id,
        chosen=params.chosen_sql(SQL("m.partner_id")),
    )


def candidates_sql(params: Parameters) -> SQL:
    """All customers who bought or are members: qualifying totals, current membership,
    and the last days of this qualifying period and the next."""
    anniversary = SQL()
    if params.period == "rolling":
        finish = next_finish = SQL("NULL::date")
    else:
        this_year = params.as_of.replace(month=12, day=31)
        finish, next_finish = (
            SQL("%s::date", day) for day in (this_year, this_year + ONE_YEAR)
        )
        if params.period == "anniversary":
            anniversary = SQL(
                "LEFT JOIN %s AS anniversary USING (partner_id)",
                temporary(PERIODS_TABLE),
            )
            # Members who never bought have the calendar year.
            finish = SQL("COALESCE(anniversary.finish, %s)", finish)
            next_finish = SQL("COALESCE(anniversary.next_finish, %s)", next_finish)
    segment, score = segment_sql(params)
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
               current.id AS membership_id, current.rank, current.lower_levels, current.tier_id,
               current.state, current.valid_date, current.date_from, current.lock_until,
               current.former_rank, current.former_valid_date,
               %(stored)s,
               COALESCE(current.state = 'locked' AND current.lock_until >= %(as_of)s, FALSE)
                   AS locked,
               %(segment)s AS segment_id
          FROM %(totals)s AS f
     FULL JOIN current_membership AS current USING (partner_id)
               %(anniversary)s
               %(score)s
        """,
        finish=finish,
        next_finish=next_finish,
        as_of=params.as_of,
        segment=segment,
        stored=SQL(", ").join(
            SQL("%s AS %s", SQL.identifier("current", column), stored_name(column))
            for column in COLUMNS
        ),
        totals=temporary(TOTALS_TABLE),
        anniversary=anniversary,
        score=score,
    )


def unchanged_sql(params: Parameters) -> SQL:
    """Whether nothing can happen to a member, for a row of ``candidate`` as ``x`` with the
    level ``above``: most members on most days, so they are spared all that follows.

    They earn their tier by the present period and no higher one by the period before,
    their totals and what the next level asks for are as stored, and their date is not to
    be extended. Who earns the tier today is no suspect.
    """
    if params.pinned:
        return SQL("FALSE")
    same = {
        "qualifying_amount": SQL("x.amount"),
        "qualifying_orders": SQL("x.orders"),
        "last_period_amount": SQL("x.last_amount"),
        "amount_to_keep": SQL("0"),
        "orders_to_keep": SQL("0"),
        "as_of": SQL("NULL::date"),
        **to_next_sql("x"),
    }
    if params.rolling:
        # Renewed daily.
        lasting = SQL("x.valid_date IS NULL")
    else:
        lasting = SQL(
            "x.valid_date >= x.next_finish AND %s <= x.rank",
            earned_sql(params, "last_amount", "last_orders"),
        )
    return SQL(
        """
        COALESCE(
            x.state = 'active' AND %(lasting)s
            AND x.rank = %(earned)s AND %(kept)s
            AND (%(stored)s) IS NOT DISTINCT FROM (%(same)s), FALSE)
        """,
        lasting=lasting,
        earned=earned_sql(params, "amount", "orders"),
        kept=kept_sql(params, "rank", "amount", "orders"),
        stored=SQL(", ").join(SQL("x.%s", stored_name(column)) for column in same),
        same=SQL(", ").join(same.values()),
    )


def judged_sql(params: Parameters) -> SQL:
    """What each candidate's qualifying totals earn and keep, unless nothing can happen."""
    totals = [("amount", "orders")]
    if not params.rolling:
        totals.append(("last_amount", "last_orders"))
    earned = [earned_sql(params, *columns) for columns in totals]
    kept = [kept_sql(params, "rank", *columns) for columns in totals]

    def kept_below(level, rank):
        met = [met_sql(level, "keep", *columns) for columns in totals]
        return SQL("x.lower_levels >= %s AND (%s)", rank, SQL(" OR ").join(met))

    later = SQL()
    if params.pinned:
        later = SQL(
            """
            WHERE NOT EXISTS (
                  SELECT FROM crm_loyalty_change AS later
                   WHERE later.partner_id = x.partner_id
                     AND later.company_id = %s AND later.date > %s)
            """,
            params.company_id,
            params.as_of,
        )
    return SQL(
        """
        SELECT x.*,
               %(earned_now)s AS earned_now,
               GREATEST(%(earned)s) AS earned,
               %(kept_now)s AS kept_now,
               (%(kept)s) AS kept,
               %(kept_below)s AS kept_below
          FROM (
                SELECT x.*
                  FROM candidate AS x
             LEFT JOIN tier_level AS above ON above.rank = x.rank + 1
                 WHERE NOT %(unchanged)s
                OFFSET 0
               ) AS x
               %(later)s
        """,
        earned_now=earned[0],
        earned=SQL(", ").join(earned),
        kept_now=kept[0],
        kept=SQL(" OR ").join(kept),
        kept_below=highest_sql(params, kept_below),
        later=later,
        unchanged=unchanged_sql(params),
    )


# -- What follows


def dated_sql(params: Parameters, looked_into: SQL) -> SQL:
    """Validity of the current tier: the stored date, extended if the threshold has been
    met since. No date means: renewed daily, in a rolling period.

    And whether the tier before a manual override would still be valid.

    :param looked_into: query on ``judged`` that adds ``suspect``, ``taken`` and ``met``
    """
    as_of = SQL("%s::date", params.as_of)
    months = SQL("make_interval(months => %s)", params.months)
    period = SQL("(%s + %s)::date", as_of, months)
    if params.rolling:
        # Not the stored date alone: the threshold may have been met since, unnoticed; or
        # met by purchases that exist no more.
        valid = SQL(
            """
            CASE WHEN kept THEN valid_date
                 WHEN valid_date >= %(as_of)s
                 THEN LEAST(valid_date, CASE
                     WHEN suspect AND met[2] > COALESCE(met[1], date_from)
                     THEN (GREATEST(date_from, met[1]) + %(months)s)::date END)
                 ELSE GREATEST(valid_date, (
                     COALESCE(met[1], CASE WHEN valid_date IS NULL THEN date_from END)
                     + %(months)s)::date)
                  END
            """,
            as_of=as_of,
            months=months,
        )
        valid_if_kept = SQL("CASE WHEN valid_date > %s THEN valid_date END", period)
    else:
        # No date: the period was rolling until now.
        valid = SQL(
            """
            LEAST(COALESCE(valid_date, %(period)s),
                  CASE WHEN taken[1] = rank THEN %(as_of)s + taken[2] END)
            """,
            period=period,
            as_of=as_of,
        )
        valid_if_kept = SQL(
            "GREATEST(%s, CASE WHEN kept_now THEN next_finish ELSE finish END)", valid
        )
    return SQL(
        """
        SELECT judged.*, %(valid)s AS valid, %(valid_if_kept)s AS valid_if_kept,
               COALESCE(state = 'locked' AND former_rank IS NOT NULL
                   AND COALESCE(taken[1], former_rank) = former_rank
                   AND %(as_of)s <= former_valid_date
                       + make_interval(months => %(grace)s), FALSE) AS resumable
          FROM (%(looked_into)s) AS judged
        OFFSET 0
        """,
        as_of=as_of,
        grace=params.grace_months,
        looked_into=looked_into,
        valid=valid,
        valid_if_kept=valid_if_kept,
    )


def reasoned_sql(params: Parameters) -> SQL:
    """Why each candidate's membership changes; NULL if nothing happens."""
    return SQL(
        """
        SELECT dated.*,
               CASE WHEN locked THEN NULL
                    WHEN membership_id IS NULL
                    THEN CASE WHEN earned > 0 THEN 'earned' END
                    WHEN state = 'locked' THEN 'lock_ended'
                    WHEN rank IS NULL THEN 'ladder_changed'
                    WHEN earned > rank THEN 'earned'
                    WHEN GREATEST(taken[1], earned) < rank AND taken IS NOT NULL
                    THEN 'taken_back'
                    WHEN kept
                    THEN CASE WHEN state = 'grace' OR valid_if_kept > valid_date
                              THEN 'kept' END
                    WHEN %(as_of)s > valid + make_interval(months => %(grace)s)
                    -- Unnoticed for long, or kept until now by what was taken back.
                    THEN CASE WHEN suspect THEN 'taken_back' ELSE 'fell' END
                     END AS reason
          FROM dated
        OFFSET 0
        """,
        as_of=SQL("%s::date", params.as_of),
        grace=params.grace_months,
    )


def moved_sql(params: Parameters) -> SQL:
    """The new level of each candidate: 0 for none."""
    return SQL(
        """
        SELECT reasoned.*,
               CASE WHEN reason = 'earned' THEN earned
                    WHEN reason IN ('lock_ended', 'ladder_changed')
                    THEN GREATEST(earned, kept_below, CASE WHEN kept THEN rank END,
                                  CASE WHEN resumable THEN former_rank
                                       WHEN state = 'locked' THEN taken[1] END)
                    WHEN reason = 'taken_back' AND taken[1] < rank
                    THEN GREATEST(earned, taken[1])
                    WHEN reason IN ('fell', 'taken_back') THEN %(fallen)s
                    ELSE rank
                     END AS new_rank
          FROM reasoned
         WHERE membership_id IS NOT NULL OR reason IS NOT NULL
        OFFSET 0
        """,
        fallen=SQL("rank - 1")
        if params.one_level
        else SQL("LEAST(rank - 1, GREATEST(earned, kept_below))"),
    )


def decided_sql(params: Parameters) -> SQL:
    """The new membership of each candidate."""
    period = SQL(
        "(%s::date + make_interval(months => %s))::date",
        params.as_of,
        params.months,
    )
    if params.rolling:
        valid_earned = SQL("NULL")
        valid_moved = SQL("CASE WHEN NOT keeps THEN %s END", period)
        valid_left = SQL(
            "CASE WHEN NOT keeps THEN %s::date + taken[2] END", params.as_of
        )
    else:
        valid_earned = SQL(
            "CASE WHEN earned_now >= new_rank THEN next_finish ELSE finish END"
        )
        valid_moved = SQL(
            "CASE WHEN keeps OR reason IN ('fell', 'taken_back')"
            " THEN next_finish ELSE finish END"
        )
        valid_left = SQL("%s::date + taken[2]", params.as_of)
    return SQL(
        """
        SELECT x.partner_id, x.membership_id, x.reason, x.tier_id AS old_tier_id,
               %(stored)s,
               CASE WHEN reason IS NULL OR reason = 'kept' THEN x.tier_id
                    ELSE level.tier_id END AS tier_id,
               CASE WHEN reason IS NULL OR reason = 'kept' THEN x.date_from
                    WHEN x.tier_id IS NOT DISTINCT FROM level.tier_id THEN x.date_from
                    ELSE %(as_of)s END AS date_from,
               CASE WHEN locked THEN 'locked'
                    WHEN reason IS NULL AND NOT kept AND %(as_of)s > valid THEN 'grace'
                    WHEN resumes AND %(as_of)s > former_valid_date THEN 'grace'
                    WHEN leaves AND NOT keeps AND taken[2] < 0 THEN 'grace'
                    ELSE 'active' END AS state,
               CASE WHEN locked THEN x.valid_date
                    WHEN reason IS NULL OR reason = 'kept'
                    THEN CASE WHEN kept THEN valid_if_kept ELSE valid END
                    WHEN reason = 'earned' THEN %(valid_earned)s
                    WHEN resumes THEN former_valid_date
                    WHEN leaves THEN %(valid_left)s
                    ELSE %(valid_moved)s END AS valid_date,
               %(stored_as_of)s::date AS as_of,
               x.amount AS qualifying_amount,
               x.orders AS qualifying_orders,
               x.last_amount AS last_period_amount,
               -- A change may rest on the totals of the period before.
               CASE WHEN by_last THEN x.last_amount ELSE x.amount END AS proof_amount,
               CASE WHEN by_last THEN x.last_orders ELSE x.orders END AS proof_orders,
               -- Only for what is required.
               CASE WHEN NOT x.keeps AND level.rise_amount > 0 AND level.keep_amount > 0
                    THEN GREATEST(level.keep_amount - x.amount, 0)
                    ELSE 0 END AS amount_to_keep,
               CASE WHEN NOT x.keeps AND level.rise_orders > 0 AND level.keep_orders > 0
                    THEN GREATEST(level.keep_orders - x.orders, 0)
                    ELSE 0 END AS orders_to_keep,
               %(next)s
          FROM (
                SELECT x.*,
                       reason = 'lock_ended' AND resumable
                           AND new_rank = former_rank AND NOT keeps AS resumes,
                       -- Without purchases that exist no more.
                       reason = 'taken_back' AND taken[1] < x.rank
                           AND new_rank = taken[1] AS leaves,
                       reason = 'earned' AND earned_now < earned
                           OR reason = 'kept' AND NOT kept_now AS by_last
                  FROM (SELECT x.*, %(keeps)s AS keeps FROM moved AS x OFFSET 0) AS x
               ) AS x
     LEFT JOIN tier_level AS level ON level.rank = x.new_rank
     LEFT JOIN tier_level AS above
            ON above.rank = COALESCE(x.new_rank, x.lower_levels) + 1
        """,
        as_of=SQL("%s::date", params.as_of),
        stored=SQL(", ").join(SQL("x.%s", stored_name(column)) for column in COLUMNS),
        stored_as_of=params.as_of if params.pinned else None,
        valid_earned=valid_earned,
        valid_left=valid_left,
        valid_moved=valid_moved,
        keeps=kept_sql(params, "new_rank", "amount", "orders"),
        next=SQL(", ").join(
            SQL("%s AS %s", value, SQL.identifier(column))
            for column, value in to_next_sql("x").items()
        ),
    )


def differing_sql(params: Parameters) -> SQL:
    """The new memberships that differ from the stored ones: few on most days."""
    return SQL(
        """
        SELECT d.* FROM (%(decided)s) AS d
         WHERE d.reason IS NOT NULL OR (%(stored)s) IS DISTINCT FROM (%(columns)s)
        """,
        decided=decided_sql(params),
        stored=SQL(", ").join(SQL("d.%s", stored_name(column)) for column in COLUMNS),
        columns=columns_of("d"),
    )

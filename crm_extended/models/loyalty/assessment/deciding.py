"""What follows for members, and for those who become one, from what they keep and earn."""

from odoo.tools import SQL

from .parameters import COLUMNS, Assessing, columns_of, stored_name
from .rules import last_met_sql
from .taken_back import suspect_sql, taken_back_sql
from .thresholds import kept_sql


def looked_into_sql(assessing: Assessing) -> SQL:
    """What is looked up for those of whom it has to be known: when they last met the
    threshold to keep (``met``), and what a suspect would have without purchases that
    exist no more (``taken``)."""
    if assessing.rolling:
        met = SQL(
            """
            CASE WHEN rank IS NOT NULL AND NOT locked AND NOT kept
                  AND (suspect OR valid_date IS NULL OR valid_date < %s)
                 THEN %s END
            """,
            assessing.as_of,
            last_met_sql(assessing),
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
        suspect=suspect_sql(assessing),
        taken=taken_back_sql(assessing),
        met=met,
    )


def dated_sql(assessing: Assessing) -> SQL:
    """Until when the tier held is valid: as things were, and with what has been met
    since. No date means a rolling period from today on, day after day.

    And whether the tier before one by hand would be held still.
    """
    as_of = SQL("%s::date", assessing.as_of)
    months = SQL("make_interval(months => %s)", assessing.months)
    period = SQL("(%s + %s)::date", as_of, months)
    if assessing.rolling:
        # Not what is stored alone: the threshold may have been met since, unseen; or
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
        # No date: the period was a rolling one until now.
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
        grace=assessing.grace_months,
        looked_into=looked_into_sql(assessing),
        valid=valid,
        valid_if_kept=valid_if_kept,
    )


def reasoned_sql(assessing: Assessing) -> SQL:
    """What happens to everybody, and why; nothing where there is no reason."""
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
                    -- Unseen for long, or kept by what was taken back until now.
                    THEN CASE WHEN suspect THEN 'taken_back' ELSE 'fell' END
                     END AS reason
          FROM dated
        OFFSET 0
        """,
        as_of=SQL("%s::date", assessing.as_of),
        grace=assessing.grace_months,
    )


def moved_sql(assessing: Assessing) -> SQL:
    """The rung everybody comes to stand on: 0 for none."""
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
        if assessing.one_rung
        else SQL("LEAST(rank - 1, GREATEST(earned, kept_below))"),
    )


def decided_sql(assessing: Assessing) -> SQL:
    """The membership everybody comes to have."""
    period = SQL(
        "(%s::date + make_interval(months => %s))::date",
        assessing.as_of,
        assessing.months,
    )
    if assessing.rolling:
        valid_earned = SQL("NULL")
        valid_moved = SQL("CASE WHEN NOT keeps THEN %s END", period)
        valid_left = SQL(
            "CASE WHEN NOT keeps THEN %s::date + taken[2] END", assessing.as_of
        )
    else:
        valid_earned = SQL(
            "CASE WHEN earned_now >= new_rank THEN next_finish ELSE finish END"
        )
        valid_moved = SQL(
            "CASE WHEN keeps OR reason IN ('fell', 'taken_back')"
            " THEN next_finish ELSE finish END"
        )
        valid_left = SQL("%s::date + taken[2]", assessing.as_of)
    return SQL(
        """
        SELECT x.partner_id, x.membership_id, x.reason, x.tier_id AS old_tier_id,
               %(stored)s,
               CASE WHEN reason IS NULL OR reason = 'kept' THEN x.tier_id
                    ELSE rung.tier_id END AS tier_id,
               CASE WHEN reason IS NULL OR reason = 'kept' THEN x.date_from
                    WHEN x.tier_id IS NOT DISTINCT FROM rung.tier_id THEN x.date_from
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
               -- The figures behind a change may be those of the period before.
               CASE WHEN by_last THEN x.last_amount ELSE x.amount END AS proof_amount,
               CASE WHEN by_last THEN x.last_orders ELSE x.orders END AS proof_orders,
               -- Of what is asked for.
               CASE WHEN NOT x.keeps AND rung.rise_amount > 0 AND rung.keep_amount > 0
                    THEN GREATEST(rung.keep_amount - x.amount, 0)
                    ELSE 0 END AS amount_to_keep,
               CASE WHEN NOT x.keeps AND rung.rise_orders > 0 AND rung.keep_orders > 0
                    THEN GREATEST(rung.keep_orders - x.orders, 0)
                    ELSE 0 END AS orders_to_keep,
               above.tier_id AS next_tier_id,
               CASE WHEN above.rise_amount > 0
                    THEN GREATEST(above.rise_amount - x.amount, 0)
                    ELSE 0 END AS amount_to_next,
               CASE WHEN above.rise_orders > 0
                    THEN GREATEST(above.rise_orders - x.orders, 0)
                    ELSE 0 END AS orders_to_next,
               CASE WHEN above.any_of_them
                    THEN GREATEST(%(amount_share)s, %(orders_share)s)
                    ELSE LEAST(%(amount_share)s, %(orders_share)s)
                     END AS next_progress
          FROM (
                SELECT x.*,
                       reason = 'lock_ended' AND resumable
                           AND new_rank = former_rank AND NOT keeps AS resumes,
                       -- With what is left without purchases that exist no more.
                       reason = 'taken_back' AND taken[1] < x.rank
                           AND new_rank = taken[1] AS leaves,
                       reason = 'earned' AND earned_now < earned
                           OR reason = 'kept' AND NOT kept_now AS by_last
                  FROM (SELECT x.*, %(keeps)s AS keeps FROM moved AS x OFFSET 0) AS x
               ) AS x
     LEFT JOIN rung ON rung.rank = x.new_rank
     LEFT JOIN rung AS above
            ON above.rank = COALESCE(x.new_rank, x.lower_rungs) + 1
        """,
        as_of=SQL("%s::date", assessing.as_of),
        stored=SQL(", ").join(SQL("x.%s", stored_name(column)) for column in COLUMNS),
        stored_as_of=assessing.as_of if assessing.pinned else None,
        valid_earned=valid_earned,
        valid_left=valid_left,
        valid_moved=valid_moved,
        keeps=kept_sql(assessing, "new_rank", "amount", "orders"),
        # Per cent of the way; what is not asked for says nothing.
        amount_share=SQL(
            "(CASE WHEN above.rise_amount > 0 THEN "
            "LEAST(GREATEST(x.amount, 0) / above.rise_amount, 1) * 100 END)"
        ),
        orders_share=SQL(
            "(CASE WHEN above.rise_orders > 0 THEN "
            "LEAST(x.orders::numeric / above.rise_orders, 1) * 100 END)"
        ),
    )


def differing_sql(assessing: Assessing) -> SQL:
    """Of what has been decided, what is not so already: few on most days."""
    return SQL(
        """
        SELECT d.* FROM (%(decided)s) AS d
         WHERE d.reason IS NOT NULL OR (%(stored)s) IS DISTINCT FROM (%(columns)s)
        """,
        decided=decided_sql(assessing),
        stored=SQL(", ").join(SQL("d.%s", stored_name(column)) for column in COLUMNS),
        columns=columns_of("d"),
    )

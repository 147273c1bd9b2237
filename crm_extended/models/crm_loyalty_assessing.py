"""The statements that assess the loyalty tiers of a company's customers.

It reads like the rules in the guide: what everybody bought in the qualifying period,
which rung that earns or keeps, what follows for who is a member, and what is written.
"""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from dateutil.relativedelta import relativedelta

from odoo.tools import SQL


class Rung(NamedTuple):
    """A tier as the assessment sees it; rungs are numbered from the lowest, 1."""

    tier_id: int
    rise_amount: float
    rise_orders: int
    keep_amount: float
    keep_orders: int
    # Whether one criterion is enough.
    any_of_them: bool
    # Segments of whom the tier is reserved to; empty for everybody.
    segment_ids: list[int]


# The table of rungs: the thresholds of each, and its number.
RUNG_COLUMNS = (*Rung._fields[:-1], "rank")

# What an assessment writes of a membership, where it differs.
COLUMNS = (
    "tier_id",
    "date_from",
    "state",
    "valid_date",
    "as_of",
    "qualifying_amount",
    "qualifying_orders",
    "amount_to_keep",
    "orders_to_keep",
    "next_tier_id",
    "amount_to_next",
    "orders_to_next",
    "next_progress",
)

TRUE = SQL("TRUE")


@dataclass(frozen=True)
class Assessing:
    """What the tiers of a company's customers on one day depend on."""

    # The read model, as a table expression with columns ``partner_id``,
    # ``company_id``, ``date``, ``amount``.
    transactions: SQL
    # The same with whichever contact of the customer bought.
    purchases: SQL
    company_id: int
    as_of: date
    # ``rolling``, ``calendar`` or ``anniversary``.
    period: str
    # Length of a rolling period.
    months: int
    grace_months: int
    # Whether who falls, falls one rung only.
    one_rung: bool
    rungs: list[Rung]
    # Whether that day is another than today: it is kept with the memberships then, and
    # whoever has changed after it is left alone.
    pinned: bool
    # Whether there may be somebody to tell who rose or fell.
    to_tell: bool = True

    @property
    def rolling(self) -> bool:
        return self.period == "rolling"


def _columns(alias: str) -> SQL:
    return SQL(", ").join(SQL.identifier(alias, column) for column in COLUMNS)


def _stored(column: str) -> SQL:
    """The name under which what is stored of a membership comes along."""
    return SQL.identifier(f"stored_{column}")


# -- What was bought

# Where an assessment keeps the sums it starts from, and the periods they are of.
FIGURES_TABLE = "crm_loyalty_figures"
BORN_TABLE = "crm_loyalty_born"

ONE_YEAR = relativedelta(years=1)
ONE_DAY = relativedelta(days=1)


def _born(assessing: Assessing) -> SQL:
    """The period of everybody, which begins with an anniversary of the first purchase.

    Where that was on 29 February, the anniversary of other years is the 28th.
    """
    return SQL(
        """
        SELECT partner_id,
               (first_date + make_interval(years => years - 1))::date AS last_start,
               (first_date + make_interval(years => years))::date AS start,
               (first_date + make_interval(years => years + 1))::date - 1 AS finish,
               (first_date + make_interval(years => years + 2))::date - 1 AS next_finish
          FROM (
                SELECT first.*,
                       difference - (
                           first_date + make_interval(years => difference) > %(as_of)s
                       )::int AS years
                  FROM (
                        SELECT partner_id, min(date) AS first_date,
                               (date_part('year', %(as_of)s)
                                   - date_part('year', min(date)))::int AS difference
                          FROM %(transactions)s AS t
                         WHERE company_id = %(company_id)s
                           AND amount > 0 AND date <= %(as_of)s
                      GROUP BY partner_id
                       ) AS first
               ) AS birth
        """,
        transactions=assessing.transactions,
        company_id=assessing.company_id,
        as_of=SQL("%s::date", assessing.as_of),
    )


def _figures(assessing: Assessing, periods: SQL) -> SQL:
    """One row a customer: amount and orders of the present qualifying period, and of
    the one before it. A rolling period has none before it.

    Summed up by contact first: so only contacts are looked up, not every purchase's.

    :param periods: where the result of :func:`_born` is
    """
    as_of = assessing.as_of
    born = SQL()
    if assessing.period == "anniversary":
        born = SQL(
            """
            JOIN res_partner AS buyer ON buyer.id = t.partner_id
            JOIN %s AS born ON born.partner_id = buyer.commercial_partner_id
            """,
            periods,
        )
        start, last_start = SQL("born.start"), SQL("born.last_start")
    elif assessing.period == "calendar":
        new_year = as_of.replace(month=1, day=1)
        start, last_start = SQL("%s", new_year), SQL("%s", new_year - ONE_YEAR)
    else:
        months = relativedelta(months=assessing.months)
        start = last_start = SQL("%s", as_of - months + ONE_DAY)
    return SQL(
        """
        SELECT contact.commercial_partner_id AS partner_id,
               sum(bought.amount) AS amount,
               sum(bought.orders)::bigint AS orders,
               sum(bought.last_amount) AS last_amount,
               sum(bought.last_orders)::bigint AS last_orders
          FROM (
                SELECT t.partner_id, %(sums)s
                  FROM %(purchases)s AS t
                       %(born)s
                 WHERE t.company_id = %(company_id)s
                   AND t.date <= %(as_of)s AND t.date >= %(last_start)s
              GROUP BY t.partner_id
               ) AS bought
          JOIN res_partner AS contact ON contact.id = bought.partner_id
      GROUP BY contact.commercial_partner_id
        """,
        purchases=assessing.purchases,
        company_id=assessing.company_id,
        as_of=as_of,
        born=born,
        last_start=last_start,
        sums=_sums(None if assessing.rolling else start),
    )


def _sums(start: SQL | None) -> SQL:
    """Amount and orders since a day, and of the time before it.

    :param start: the day; ``None`` where there is no time before
    """
    if start is None:
        return SQL(
            """
            sum(t.amount) AS amount,
            count(*) FILTER (WHERE t.amount > 0) AS orders,
            0::numeric AS last_amount, 0 AS last_orders
            """
        )
    return SQL(
        """
        COALESCE(sum(t.amount) FILTER (WHERE t.date >= %(start)s), 0) AS amount,
        count(*) FILTER (WHERE t.amount > 0 AND t.date >= %(start)s) AS orders,
        COALESCE(sum(t.amount) FILTER (WHERE t.date < %(start)s), 0) AS last_amount,
        count(*) FILTER (WHERE t.amount > 0 AND t.date < %(start)s) AS last_orders
        """,
        start=start,
    )


def summing_queries(assessing: Assessing) -> dict[str, SQL]:
    """Sum up the purchases of each customer into tables of this transaction's own.

    Statements of their own, because PostgreSQL shares what only reads among processes,
    and can count the customers before it plans the rest.

    :return: the query that makes it, by name of the table; one builds on the one before
    """
    queries = {FIGURES_TABLE: _figures(assessing, _table(BORN_TABLE))}
    if assessing.period == "anniversary":
        queries = {BORN_TABLE: _born(assessing), **queries}
    return {
        table: SQL(
            "CREATE TEMPORARY TABLE %s ON COMMIT DROP AS %s",
            SQL.identifier(table),
            query,
        )
        for table, query in queries.items()
    }


def _table(name: str) -> SQL:
    return SQL("pg_temp.%s", SQL.identifier(name))


# -- Which rungs that earns and keeps


def _rungs(assessing: Assessing) -> SQL:
    columns = [list(column) for column in zip(*assessing.rungs, strict=True)]
    columns = columns[: RUNG_COLUMNS.index("rank")]
    return SQL(
        """
        SELECT * FROM unnest(%s::int[], %s::numeric[], %s::int[], %s::numeric[],
                             %s::int[], %s::bool[])
          WITH ORDINALITY AS rung(%s)
        """,
        *(columns or [[]] * RUNG_COLUMNS.index("rank")),
        SQL(", ").join(map(SQL.identifier, RUNG_COLUMNS)),
    )


def _met(rung: Rung, which: str, amount: str, orders: str) -> SQL:
    """Whether amount and orders meet a rung's thresholds. A criterion that is not asked
    for to rise is not asked for to keep either.

    :param which: ``rise`` or ``keep``
    :param amount: column of ``x`` with the amount
    :param orders: column of ``x`` with the number of orders
    """
    bought = {"amount": amount, "orders": orders}
    asked = [
        SQL("%s >= %s", SQL.identifier("x", column), getattr(rung, f"{which}_{name}"))
        for name, column in bought.items()
        if getattr(rung, f"rise_{name}") > 0
    ]
    if not asked:
        return SQL("%s > 0", SQL.identifier("x", orders)) if which == "rise" else TRUE
    return SQL("(%s)", SQL(" OR " if rung.any_of_them else " AND ").join(asked))


def _highest(assessing: Assessing, condition) -> SQL:
    """The number of the highest rung that fulfils a condition, 0 for none.

    Written out rung by rung: looking rungs up for every customer would take several
    times as long.

    :param condition: gives SQL for a rung and its number
    """
    cases = [
        SQL("WHEN %s THEN %s", condition(rung, rank), rank)
        for rank, rung in enumerate(assessing.rungs, 1)
    ]
    if not cases:
        return SQL("0")
    return SQL("CASE %s ELSE 0 END", SQL(" ").join(reversed(cases)))


def _earned(assessing: Assessing, amount: str, orders: str) -> SQL:
    """The highest rung that amount and orders earn, 0 for none."""

    def condition(rung, rank):
        met = _met(rung, "rise", amount, orders)
        if not rung.segment_ids:
            return met
        return SQL("x.segment_id = ANY(%s) AND %s", rung.segment_ids, met)

    return _highest(assessing, condition)


def _kept(assessing: Assessing, rank: str, amount: str, orders: str) -> SQL:
    """Whether amount and orders keep the rung of that number; not where it is none.

    :param rank: column of ``x`` with the number
    """
    cases = [
        SQL("WHEN %s THEN %s", number, _met(rung, "keep", amount, orders))
        for number, rung in enumerate(assessing.rungs, 1)
    ]
    if not cases:
        return SQL("FALSE")
    return SQL(
        "CASE %s %s ELSE FALSE END", SQL.identifier("x", rank), SQL(" ").join(cases)
    )


def _segment(assessing: Assessing) -> tuple[SQL, SQL]:
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


def _held(assessing: Assessing) -> SQL:
    """The members, with the rung each stands on and the number of those below; a tier
    that is no rung of the ladder any more has rungs below it, too."""
    return SQL(
        """
        SELECT m.*, own.rank, own.lower_rungs
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
         WHERE m.company_id = %s
        """,
        assessing.company_id,
    )


def _person(assessing: Assessing) -> SQL:
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
            born = SQL("LEFT JOIN %s AS born USING (partner_id)", _table(BORN_TABLE))
            # Who is a member without ever having bought has the calendar's.
            finish = SQL("COALESCE(born.finish, %s)", finish)
            next_finish = SQL("COALESCE(born.next_finish, %s)", next_finish)
    segment, score = _segment(assessing)
    return SQL(
        """
        SELECT partner_id,
               %(finish)s AS finish,
               %(next_finish)s AS next_finish,
               COALESCE(f.amount, 0) AS amount,
               COALESCE(f.orders, 0) AS orders,
               COALESCE(f.last_amount, 0) AS last_amount,
               COALESCE(f.last_orders, 0) AS last_orders,
               held.id AS membership_id, held.rank, held.lower_rungs, held.tier_id,
               held.state, held.valid_date, held.date_from, held.lock_until,
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
            SQL("%s AS %s", SQL.identifier("held", column), _stored(column))
            for column in COLUMNS
        ),
        figures=_table(FIGURES_TABLE),
        born=born,
        score=score,
    )


def _judged(assessing: Assessing) -> SQL:
    """What the figures of everybody earn and keep."""
    figures = [("amount", "orders")]
    if not assessing.rolling:
        figures.append(("last_amount", "last_orders"))
    earned = [_earned(assessing, *columns) for columns in figures]
    kept = [_kept(assessing, "rank", *columns) for columns in figures]

    def kept_below(rung, rank):
        met = [_met(rung, "keep", *columns) for columns in figures]
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
        kept_below=_highest(assessing, kept_below),
        later=later,
    )


def _stopped(assessing: Assessing) -> SQL:
    """The last day on which those met the threshold to keep who no longer do, in a
    rolling period.

    What is met can change on the day of a purchase or refund, and when one leaves the
    period; so the last day is the one before such a day. Where months differ in length
    it leaves up to three days after the same day of the month.
    """
    if not assessing.rolling:
        return SQL("SELECT NULL::int AS partner_id, NULL::date AS last_met WHERE FALSE")
    months = SQL("make_interval(months => %s)", assessing.months)
    oldest = assessing.as_of - relativedelta(
        months=2 * assessing.months + assessing.grace_months
    )
    return SQL(
        """
        WITH theirs AS MATERIALIZED (
            SELECT who.partner_id, t.date, t.amount
              FROM (
                    SELECT partner_id FROM judged
                     WHERE rank IS NOT NULL AND valid_date IS NULL
                       AND NOT kept AND NOT locked
                   ) AS who
        CROSS JOIN LATERAL (
                    -- One customer's, by index: they are few on most days, and nothing
                    -- tells the planner so.
                    SELECT date, amount
                      FROM %(transactions)s AS t
                     WHERE partner_id = who.partner_id
                       AND company_id = %(company_id)s
                       AND date <= %(as_of)s AND date > %(oldest)s
                    OFFSET 0
                   ) AS t
        ),
        day AS (
            SELECT DISTINCT theirs.partner_id, rank, candidate AS day
              FROM theirs
              JOIN judged USING (partner_id)
        CROSS JOIN LATERAL (
                    SELECT theirs.date - 1 AS candidate
                     UNION
                    SELECT (theirs.date + %(months)s)::date + after
                      FROM generate_series(-1, 2) AS after
                   ) AS candidates
             WHERE candidate BETWEEN judged.date_from AND %(as_of)s
        ),
        x AS (
            SELECT day.partner_id, day.rank, day.day, sum(theirs.amount) AS amount,
                   count(*) FILTER (WHERE theirs.amount > 0) AS orders
              FROM day
              JOIN theirs
                ON theirs.partner_id = day.partner_id
               AND theirs.date <= day.day
               AND theirs.date > (day.day - %(months)s)::date
          GROUP BY day.partner_id, day.rank, day.day
        )
        SELECT x.partner_id, max(x.day) AS last_met
          FROM x
         WHERE %(kept)s
      GROUP BY x.partner_id
        """,
        transactions=assessing.transactions,
        company_id=assessing.company_id,
        as_of=SQL("%s::date", assessing.as_of),
        oldest=oldest,
        months=months,
        kept=_kept(assessing, "rank", "amount", "orders"),
    )


# -- What follows


def _dated(assessing: Assessing) -> SQL:
    """Until when the tier held is valid: as things were, and with what has been met
    since. No date means a rolling period from today on, day after day."""
    period = SQL(
        "(%s::date + make_interval(months => %s))::date",
        assessing.as_of,
        assessing.months,
    )
    if assessing.rolling:
        valid = SQL(
            """
            COALESCE(valid_date, CASE WHEN NOT kept THEN
                (COALESCE(last_met, date_from) + make_interval(months => %s))::date END)
            """,
            assessing.months,
        )
        valid_if_kept = SQL("CASE WHEN valid_date > %s THEN valid_date END", period)
    else:
        # No date: the period was a rolling one until now.
        valid = SQL("COALESCE(valid_date, %s)", period)
        valid_if_kept = SQL(
            "GREATEST(%s, CASE WHEN kept_now THEN next_finish ELSE finish END)", valid
        )
    return SQL(
        """
        SELECT judged.*, %(valid)s AS valid, %(valid_if_kept)s AS valid_if_kept
          FROM judged
     LEFT JOIN stopped USING (partner_id)
        OFFSET 0
        """,
        valid=valid,
        valid_if_kept=valid_if_kept,
    )


def _reasoned(assessing: Assessing) -> SQL:
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
                    WHEN kept
                    THEN CASE WHEN state = 'grace' OR valid_if_kept > valid_date
                              THEN 'kept' END
                    WHEN %(as_of)s > valid + make_interval(months => %(grace)s)
                    THEN 'fell'
                     END AS reason
          FROM dated
        OFFSET 0
        """,
        as_of=SQL("%s::date", assessing.as_of),
        grace=assessing.grace_months,
    )


def _moved(assessing: Assessing) -> SQL:
    """The rung everybody comes to stand on: 0 for none."""
    return SQL(
        """
        SELECT reasoned.*,
               CASE WHEN reason = 'earned' THEN earned
                    WHEN reason IN ('lock_ended', 'ladder_changed')
                    THEN GREATEST(earned, kept_below, CASE WHEN kept THEN rank END)
                    WHEN reason = 'fell' THEN %(fallen)s
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


def _decided(assessing: Assessing) -> SQL:
    """The membership everybody comes to have."""
    period = SQL(
        "(%s::date + make_interval(months => %s))::date",
        assessing.as_of,
        assessing.months,
    )
    if assessing.rolling:
        valid_earned = SQL("NULL")
        valid_moved = SQL("CASE WHEN NOT keeps THEN %s END", period)
    else:
        valid_earned = SQL(
            "CASE WHEN earned_now >= new_rank THEN next_finish ELSE finish END"
        )
        valid_moved = SQL(
            "CASE WHEN keeps OR reason = 'fell' THEN next_finish ELSE finish END"
        )
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
                    ELSE 'active' END AS state,
               CASE WHEN locked THEN x.valid_date
                    WHEN reason IS NULL OR reason = 'kept'
                    THEN CASE WHEN kept THEN valid_if_kept ELSE valid END
                    WHEN reason = 'earned' THEN %(valid_earned)s
                    ELSE %(valid_moved)s END AS valid_date,
               %(stored_as_of)s::date AS as_of,
               x.amount AS qualifying_amount,
               x.orders AS qualifying_orders,
               CASE WHEN x.keeps THEN 0
                    ELSE GREATEST(rung.keep_amount - x.amount, 0) END AS amount_to_keep,
               CASE WHEN x.keeps THEN 0
                    ELSE GREATEST(rung.keep_orders - x.orders, 0) END AS orders_to_keep,
               above.tier_id AS next_tier_id,
               GREATEST(above.rise_amount - x.amount, 0) AS amount_to_next,
               GREATEST(above.rise_orders - x.orders, 0) AS orders_to_next,
               CASE WHEN above.any_of_them
                    THEN GREATEST(%(amount_share)s, %(orders_share)s)
                    ELSE LEAST(%(amount_share)s, %(orders_share)s)
                     END AS next_progress
          FROM (SELECT x.*, %(keeps)s AS keeps FROM moved AS x OFFSET 0) AS x
     LEFT JOIN rung ON rung.rank = x.new_rank
     LEFT JOIN rung AS above
            ON above.rank = COALESCE(x.new_rank, x.lower_rungs) + 1
        """,
        as_of=SQL("%s::date", assessing.as_of),
        stored=SQL(", ").join(SQL("x.%s", _stored(column)) for column in COLUMNS),
        stored_as_of=assessing.as_of if assessing.pinned else None,
        valid_earned=valid_earned,
        valid_moved=valid_moved,
        keeps=_kept(assessing, "new_rank", "amount", "orders"),
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


# -- What is written


def _differing(assessing: Assessing) -> SQL:
    """Of what has been decided, what is not so already: few on most days."""
    return SQL(
        """
        SELECT d.* FROM (%(decided)s) AS d
         WHERE d.reason IS NOT NULL OR (%(stored)s) IS DISTINCT FROM (%(columns)s)
        """,
        decided=_decided(assessing),
        stored=SQL(", ").join(SQL("d.%s", _stored(column)) for column in COLUMNS),
        columns=_columns("d"),
    )


def assess_query(assessing: Assessing, *, user_id: int) -> SQL:
    """Assess all customers of a company and write what changed, in one statement, out
    of the tables of :func:`summing_queries`.

    :param user_id: who is noted as the author
    :return: a query giving one row: members, those who are new, who rose, who fell, and
        who are members no more
    """
    return SQL(
        """
        WITH rung AS MATERIALIZED (%(rungs)s),
        held AS (%(held)s),
        person AS (%(person)s),
        judged AS MATERIALIZED (%(judged)s),
        stopped AS (%(stopped)s),
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
                   to_tell = (d.state = 'grace' AND (m.state <> 'grace' OR m.to_tell)),
                   write_uid = %(user_id)s,
                   write_date = now() AT TIME ZONE 'UTC'
              FROM decided AS d
             WHERE m.id = d.membership_id AND d.tier_id IS NOT NULL
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
                        qualifying_amount, qualifying_orders, to_tell,
                        create_uid, write_uid, create_date, write_date)
                 SELECT d.partner_id, %(company_id)s, %(as_of)s, d.old_tier_id,
                        d.tier_id, d.reason, d.qualifying_amount, d.qualifying_orders,
                        %(to_tell)s AND d.old_tier_id IS DISTINCT FROM d.tier_id,
                        %(user_id)s, %(user_id)s,
                        now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
                   FROM decided AS d
                  WHERE d.reason IS NOT NULL
               ORDER BY d.partner_id
        )
        SELECT (SELECT count(membership_id) FROM judged)
                   + count(*) FILTER (WHERE d.membership_id IS NULL)
                   - count(*) FILTER (WHERE d.tier_id IS NULL),
               count(*) FILTER (WHERE d.membership_id IS NULL),
               count(*) FILTER (WHERE d.membership_id IS NOT NULL
                                  AND new.rank > old.rank),
               count(*) FILTER (WHERE d.membership_id IS NOT NULL
                                  AND new.rank < old.rank),
               count(*) FILTER (WHERE d.tier_id IS NULL)
          FROM decided AS d
     LEFT JOIN rung AS old ON old.tier_id = d.old_tier_id
     LEFT JOIN rung AS new ON new.tier_id = d.tier_id
        """,
        rungs=_rungs(assessing),
        held=_held(assessing),
        person=_person(assessing),
        judged=_judged(assessing),
        stopped=_stopped(assessing),
        dated=_dated(assessing),
        reasoned=_reasoned(assessing),
        moved=_moved(assessing),
        decided=_differing(assessing),
        columns=SQL(", ").join(map(SQL.identifier, COLUMNS)),
        decided_columns=_columns("d"),
        company_id=assessing.company_id,
        as_of=SQL("%s::date", assessing.as_of),
        user_id=user_id,
        to_tell=assessing.to_tell,
    )


# -- What would be


def preview_query(assessing: Assessing) -> SQL:
    """Count the customers whom each rung would take, were they all assessed today and
    nobody a member yet. Nothing is written.

    :return: a query giving, for each rung's number from 1 and 0 for no rung: customers
        who bought, and what they spent in the present qualifying period
    """
    segment, score = _segment(assessing)
    earned = [_earned(assessing, "amount", "orders")]
    if not assessing.rolling:
        earned.append(_earned(assessing, "last_amount", "last_orders"))
    return SQL(
        """
        WITH born AS (%(born)s),
        figures AS MATERIALIZED (%(figures)s),
        x AS (
            SELECT f.*, %(segment)s AS segment_id
              FROM figures AS f
                   %(score)s
        )
        SELECT GREATEST(%(earned)s) AS earned, count(*), sum(x.amount)
          FROM x
         WHERE x.orders > 0 OR x.last_orders > 0
      GROUP BY earned
        """,
        born=_born(assessing),
        figures=_figures(assessing, SQL("born")),
        segment=segment,
        score=score,
        earned=SQL(", ").join(earned),
    )

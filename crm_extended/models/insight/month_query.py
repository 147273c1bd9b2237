"""What customers of a company were and bought in each month, summed up by team, segment
and tier, and written by differences."""

from datetime import date
from typing import NamedTuple

from odoo.tools import SQL

# The rows as they should be, for the transaction.
FRESH_TABLE = "crm_insight_month_fresh"

KEYS = ("date", "team_id", "segment_id", "tier_id")
# Of the flow of customers.
STATES = ("gained", "won_back", "kept", "lost", "before", "after", "taken_back")
COUNTS = (*STATES, "at_risk", "buyers", "purchases")
AMOUNTS = ("revenue", "costed_revenue", "margin")

# Of the lines of a month. A credit note counts in its own month, because the one of its
# invoice may be closed, but not before its invoice.
LINE_DATE = SQL("GREATEST(date, posted_date)")
LINE_KEYS = SQL("partner_id, date_trunc('month', %s)::date", LINE_DATE)
LINE_SUMS = SQL("sum(amount), sum(costed_revenue), sum(margin)")


class Months(NamedTuple):
    """What the months of a company are summed up from."""

    company_id: int
    # First day of the first month, and last day of the last one.
    first: date
    today: date
    # Digits of the company's currency.
    digits: int
    # Rows of ``crm.customer.flow``.
    flow: SQL
    # A table expression of ``crm.customer.transaction._for_sums``.
    transactions: SQL
    # A query for LINE_KEYS and LINE_SUMS.
    lines: SQL
    # Further counts: queries for ``partner_id`` (whichever contact) and ``date``, by name.
    events: dict[str, SQL]

    @property
    def counts(self) -> tuple[str, ...]:
        return (*COUNTS, *self.events)

    @property
    def figures(self) -> list[SQL]:
        return list(map(SQL.identifier, (*self.counts, *AMOUNTS)))


def _course(months: Months, current: str, changes: str, name: str) -> SQL:
    """From when until when customers had which value, out of the changes from the end of
    the first month on and the value of today.

    :param current: the table with today's value
    :param changes: the table of its changes, with ``old_…``
    :param name: the column
    """
    return SQL(
        """
        SELECT partner_id, %(old)s AS value, date AS until,
               lag(date, 1, '-infinity') OVER (PARTITION BY partner_id ORDER BY date, id)
                   AS since
          FROM %(changes)s
         WHERE company_id = %(company)s AND date > %(first)s
     UNION ALL
        SELECT kept.partner_id, kept.%(name)s, 'infinity',
               COALESCE(changed.date, '-infinity')
          FROM %(current)s AS kept
     LEFT JOIN (SELECT partner_id, max(date) AS date
                  FROM %(changes)s
                 WHERE company_id = %(company)s AND date > %(first)s
              GROUP BY partner_id
               ) AS changed ON changed.partner_id = kept.partner_id
         WHERE kept.company_id = %(company)s AND kept.%(name)s IS NOT NULL
        """,
        old=SQL.identifier(f"old_{name}"),
        name=SQL.identifier(name),
        current=SQL.identifier(current),
        changes=SQL.identifier(changes),
        company=months.company_id,
        first=months.first,
    )


def _facts(months: Months) -> SQL:
    """What customers were, how often and for how much they bought, and what else happened:
    rows with a customer, a month and some of the figures, the others 0."""
    customer = SQL("COALESCE(contact.commercial_partner_id, part.partner_id)")
    facts = [
        _fact(months, SQL("part.partner_id"), months.flow, STATES),
        _fact(
            months,
            SQL("part.partner_id"),
            SQL(
                """
                SELECT %(customer)s AS partner_id, part.date, 1 AS buyers,
                       sum(part.purchases) AS purchases
                  FROM (%(purchases)s) AS part
             LEFT JOIN contact ON contact.id = part.partner_id
              GROUP BY %(customer)s, part.date
                """,
                customer=customer,
                purchases=_purchases(months),
            ),
            ("buyers", "purchases"),
        ),
        _fact(
            months,
            customer,
            SQL(
                "SELECT * FROM (%s) AS line"
                " (partner_id, date, revenue, costed_revenue, margin)",
                months.lines,
            ),
            AMOUNTS,
        ),
    ]
    for name, query in months.events.items():
        counted = SQL(
            """
            SELECT partner_id, date_trunc('month', date)::date AS date, count(*) AS %s
              FROM (%s) AS event WHERE date >= %s
          GROUP BY partner_id, date_trunc('month', date)::date
            """,
            SQL.identifier(name),
            query,
            months.first,
        )
        facts.append(_fact(months, customer, counted, (name,)))
    return SQL(" UNION ALL ").join(facts)


def _fact(months: Months, customer: SQL, query: SQL, names) -> SQL:
    """Rows with some of the figures.

    :param customer: over ``contact`` and ``part``, which is the query
    :param names: the figures it has
    """
    columns = [
        SQL("COALESCE(part.%s, 0)::numeric", SQL.identifier(name))
        if name in names
        else SQL("0::numeric")
        for name in (*months.counts, *AMOUNTS)
    ]
    return SQL(
        """
        SELECT %s, part.date, %s FROM (%s) AS part
     LEFT JOIN contact ON contact.id = part.partner_id
        """,
        customer,
        SQL(", ").join(columns),
        query,
    )


def _purchases(months: Months) -> SQL:
    """The number of purchases of contacts in each month."""
    return SQL(
        """
        SELECT t.partner_id, %(month)s AS date, count(*) AS purchases
          FROM %(transactions)s AS t
         WHERE %(known)s AND t.is_purchase AND t.tied_key IS NULL AND t.date >= %(first)s
      GROUP BY t.partner_id, %(month)s
     UNION ALL
        -- Documents that are one purchase: in the month of the first.
        SELECT max(t.partner_id), min(%(month)s) FILTER (WHERE t.is_purchase), 1
          FROM %(transactions)s AS t
         WHERE %(known)s AND t.tied_key IS NOT NULL
      GROUP BY t.tied_key
        HAVING bool_or(t.is_purchase) AND sum(t.amount) > 0
               AND min(t.date) FILTER (WHERE t.is_purchase) >= %(first)s
        """,
        month=SQL("date_trunc('month', t.date::timestamp)::date"),
        transactions=months.transactions,
        known=SQL(
            "t.date <= %(today)s AND t.posted_date <= %(today)s", today=months.today
        ),
        first=months.first,
    )


def fresh_query(months: Months) -> SQL:
    """Make the table :data:`FRESH_TABLE` of the months."""
    sums = [
        SQL("sum(fact.%s)::int AS %s", SQL.identifier(name), SQL.identifier(name))
        for name in months.counts
        if name != "at_risk"
    ]
    sums += [
        SQL(
            "round(sum(fact.%s), %s) AS %s",
            SQL.identifier(name),
            months.digits,
            SQL.identifier(name),
        )
        for name in AMOUNTS
    ]
    return SQL(
        """
        CREATE TEMPORARY TABLE %(fresh)s ON COMMIT DROP AS
        WITH contact AS MATERIALIZED (
            SELECT id, commercial_partner_id
              FROM res_partner
             WHERE parent_id IS NOT NULL AND commercial_partner_id <> id
        ),
        segment AS (%(segment)s),
        tier AS (%(tier)s),
        stage AS (%(stage)s)
        SELECT fact.date, seller.sale_team_id AS team_id, segment.value AS segment_id,
               tier.value AS tier_id,
               COALESCE(sum(fact.after) FILTER (WHERE stage.value = 'decline'), 0)::int
                   AS at_risk,
               %(sums)s, 1::bigint AS place
          FROM (SELECT *, LEAST((date + interval '1 month - 1 day')::date, %(today)s)
                              AS last_day
                  FROM (%(facts)s) AS fact (partner_id, date, %(figures)s)
               ) AS fact
     LEFT JOIN segment ON segment.partner_id = fact.partner_id
           AND segment.since <= fact.last_day AND segment.until > fact.last_day
     LEFT JOIN tier ON tier.partner_id = fact.partner_id
           AND tier.since <= fact.last_day AND tier.until > fact.last_day
     LEFT JOIN stage ON stage.partner_id = fact.partner_id
           AND stage.since <= fact.last_day AND stage.until > fact.last_day
     LEFT JOIN res_partner AS customer ON customer.id = fact.partner_id
     LEFT JOIN res_users AS seller ON seller.id = customer.user_id
      GROUP BY fact.date, seller.sale_team_id, segment.value, tier.value
        """,
        fresh=SQL.identifier(FRESH_TABLE),
        segment=_course(months, "crm_rfm_score", "crm_rfm_change", "segment_id"),
        tier=_course(months, "crm_loyalty_membership", "crm_loyalty_change", "tier_id"),
        stage=_course(months, "crm_lifecycle", "crm_lifecycle_change", "stage"),
        sums=SQL(", ").join(sums),
        today=months.today,
        facts=_facts(months),
        figures=SQL(", ").join(months.figures),
    )


def write_query(months: Months) -> SQL:
    """Write what differs from :data:`FRESH_TABLE`, in one statement. Months before the
    first one stay.

    :return: a query for one row: rows of these months, added, changed, and gone ones
    """
    names = months.figures
    return SQL(
        """
        WITH kept AS MATERIALIZED (
            -- Two rows become alike where a team, segment or tier is deleted.
            SELECT *, row_number() OVER (
                       PARTITION BY date, team_id, segment_id, tier_id ORDER BY id
                   ) AS place
              FROM crm_insight_month
             WHERE company_id = %(company)s AND date >= %(first)s
        ),
        pair AS MATERIALIZED (
            SELECT kept.id, fresh.*, fresh.date IS NULL AS is_gone,
                   (%(kept)s) IS DISTINCT FROM (%(fresh_figures)s) AS is_different
              FROM kept
         FULL JOIN %(fresh)s AS fresh
                ON (kept.date, COALESCE(kept.team_id, 0), COALESCE(kept.segment_id, 0),
                    COALESCE(kept.tier_id, 0), kept.place)
                 = (fresh.date, COALESCE(fresh.team_id, 0), COALESCE(fresh.segment_id, 0),
                    COALESCE(fresh.tier_id, 0), fresh.place)
        ),
        changed AS (
            UPDATE crm_insight_month AS month
               SET %(values)s, write_date = now() AT TIME ZONE 'UTC'
              FROM pair
             WHERE month.id = pair.id AND NOT pair.is_gone AND pair.is_different
         RETURNING month.id
        ),
        gone AS (
            DELETE FROM crm_insight_month AS month
             USING pair
             WHERE month.id = pair.id AND pair.is_gone
         RETURNING month.id
        ),
        added AS (
            INSERT INTO crm_insight_month (
                        company_id, next_year_date, %(keys)s, %(figures)s,
                        create_date, write_date)
                 SELECT %(company)s, (date + interval '1 year')::date,
                        %(keys)s, %(figures)s,
                        now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
                   FROM pair
                  WHERE id IS NULL
               ORDER BY pair.date, pair.team_id, pair.segment_id, pair.tier_id
              RETURNING id
        )
        SELECT (SELECT count(*) FROM %(fresh)s), (SELECT count(*) FROM added),
               (SELECT count(*) FROM changed), (SELECT count(*) FROM gone)
        """,
        company=months.company_id,
        first=months.first,
        kept=SQL(", ").join(SQL("kept.%s", name) for name in names),
        fresh_figures=SQL(", ").join(SQL("fresh.%s", name) for name in names),
        fresh=SQL.identifier(FRESH_TABLE),
        values=SQL(", ").join(SQL("%s = pair.%s", name, name) for name in names),
        keys=SQL(", ").join(map(SQL.identifier, KEYS)),
        figures=SQL(", ").join(names),
    )

"""The statements that sum up the purchases of a company's customers for their life-cycle
stages, which ``lifecycle_query.py`` decides.

Figures that follow from the days of purchases (median interval and so on) take
long, and are computed only for customers whose purchases changed: count, first and last
day and a checksum of the days are stored with the customer, and compared.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from odoo.tools import SQL

from ...analytics.insight.lifecycle import UNUSUAL
from ..common.bulk_sql import STANDS, sum_by_customer

# Temporary tables: sums of customers, and how they buy.
SUM_TABLE = "crm_lifecycle_sum"
PATTERN_TABLE = "crm_lifecycle_pattern"

# What tells whether the days of a customer's purchases changed.
MARKS = ("first_date", "last_date", "purchase_count", "day_checksum")
# What follows from these days alone.
PATTERN = (
    "purchase_days",
    "purchase_months",
    "median_interval",
    "interval_variation",
    "run_days",
)


@dataclass(frozen=True)
class Lifecycle:
    """What the stages of a company's customers on one day depend on."""

    # The read model as of that day, as of :meth:`CrmCustomerTransaction._for_sums`.
    transactions: SQL
    company_id: int
    as_of: date
    # Days of each of the two periods whose revenue is compared.
    period: int
    # Digits of the company's currency.
    digits: int
    # Whether the day is stored with the rows, because it is not the current one.
    pinned: bool = False
    # Whether what the rule says counts at once, without a second day.
    at_once: bool = False
    # Whether a stage can be confirmed by this day: not where the day before the one that
    # is wanted is only looked at.
    confirms: bool = True
    # The reason of the changes, if it is not what customers did.
    reason: str | None = None

    @property
    def day(self) -> SQL:
        return SQL("%s::date", self.as_of)

    @property
    def exists(self) -> SQL:
        """What exists on that day: documents posted later do not."""
        return SQL(
            "t.company_id = %(company_id)s"
            " AND t.date <= %(as_of)s AND t.posted_date <= %(as_of)s",
            company_id=self.company_id,
            as_of=self.as_of,
        )


def columns(alias: str, names: tuple[str, ...]) -> SQL:
    return SQL(", ").join(SQL.identifier(alias, name) for name in names)


def _temporary(name: str, query: SQL) -> SQL:
    return SQL(
        "CREATE TEMPORARY TABLE %s ON COMMIT DROP AS %s", SQL.identifier(name), query
    )


# -- Sums


def _bought(lifecycle: Lifecycle) -> SQL:
    """The purchases of each contact, and of each purchase of several documents."""
    now = lifecycle.as_of - timedelta(days=lifecycle.period)
    before = now - timedelta(days=lifecycle.period)
    return SQL(
        """
        SELECT t.partner_id,
               t.tied_key,
               min(t.date) FILTER (WHERE t.is_purchase) AS first_date,
               max(t.date) FILTER (WHERE t.is_purchase) AS last_date,
               (count(*) FILTER (WHERE t.is_purchase))::int AS purchases,
               -- Integers take less time and memory to add up.
               sum(hashint4(t.date - DATE '2000-01-01')) FILTER (WHERE t.is_purchase)
                   AS checksum,
               sum(t.amount) FILTER (WHERE t.date > %(now)s) AS revenue_now,
               sum(t.amount) FILTER (WHERE t.date <= %(now)s AND t.date > %(before)s)
                   AS revenue_before,
               sum(t.amount) FILTER (WHERE t.tied_key IS NOT NULL) AS total
          FROM %(transactions)s AS t
         WHERE %(exists)s
      GROUP BY t.partner_id, t.tied_key
        """,
        now=now,
        before=before,
        transactions=lifecycle.transactions,
        exists=lifecycle.exists,
    )


def sum_query(lifecycle: Lifecycle) -> SQL:
    """Sum up customers with a purchase that was not taken back."""
    sums = SQL(
        """
        min(bought.first_date) FILTER (WHERE %(stands)s) AS first_date,
        max(bought.last_date) FILTER (WHERE %(stands)s) AS last_date,
        (sum(bought.purchases) FILTER (WHERE %(stands)s))::int AS purchase_count,
        (sum(bought.checksum) FILTER (WHERE %(stands)s))::float8 AS day_checksum,
        round(COALESCE(sum(bought.revenue_now), 0), %(digits)s) AS revenue_now,
        round(COALESCE(sum(bought.revenue_before), 0), %(digits)s) AS revenue_before
        """,
        stands=STANDS,
        digits=lifecycle.digits,
    )
    by_customer = sum_by_customer(_bought(lifecycle), sums)
    return _temporary(
        SUM_TABLE,
        SQL(
            "%s HAVING max(bought.last_date) FILTER (WHERE %s) IS NOT NULL",
            by_customer,
            STANDS,
        ),
    )


# -- How customers buy


def due_query(lifecycle: Lifecycle) -> SQL:
    """The customers whose purchases are not those that their row was computed from."""
    return SQL(
        """
        SELECT n.partner_id
          FROM %(sums)s AS n
     LEFT JOIN crm_lifecycle AS l
            ON l.partner_id = n.partner_id AND l.company_id = %(company_id)s
         WHERE (%(stored)s) IS DISTINCT FROM (%(new)s)
        """,
        sums=SQL.identifier(SUM_TABLE),
        company_id=lifecycle.company_id,
        stored=columns("l", MARKS),
        new=columns("n", MARKS),
    )


def contacts_query(customer_ids: list[int]) -> SQL:
    """The contacts of customers, and themselves."""
    return SQL(
        "SELECT id FROM res_partner WHERE commercial_partner_id = ANY(%s)", customer_ids
    )


def pattern_query(lifecycle: Lifecycle, contact_ids: list[int] | None) -> SQL:
    """How customers buy, out of the days of their purchases.

    :param contact_ids: of the customers that are wanted; all without it
    """
    if contact_ids is None:
        wanted = SQL("TRUE")
    else:
        wanted = (
            SQL("t.partner_id = ANY(%s)", contact_ids) if contact_ids else SQL("FALSE")
        )
    query = SQL(
        """
        WITH document AS (
            SELECT t.partner_id, t.tied_key, t.date, t.is_purchase,
                   sum(CASE WHEN t.tied_key IS NOT NULL THEN t.amount END)
                       OVER (PARTITION BY t.partner_id, t.tied_key) AS total
              FROM %(transactions)s AS t
             WHERE %(exists)s AND %(wanted)s
        ),
        day AS (
            SELECT DISTINCT
                   COALESCE(contact.commercial_partner_id, bought.partner_id)
                       AS partner_id,
                   bought.date
              FROM document AS bought
         LEFT JOIN res_partner AS contact
                ON contact.id = bought.partner_id
               AND contact.parent_id IS NOT NULL
               AND contact.commercial_partner_id <> contact.id
             WHERE bought.is_purchase AND %(stands)s
        ),
        gap AS (
            SELECT partner_id, date,
                   (date - lag(date) OVER course)::float8 AS gap,
                   date_trunc('month', date)
                   IS DISTINCT FROM date_trunc('month', lag(date) OVER course)
                   AS is_new_month
              FROM day
            WINDOW course AS (PARTITION BY partner_id ORDER BY date)
        ),
        summed AS (
            SELECT partner_id,
                   count(*)::int AS purchase_days,
                   (count(*) FILTER (WHERE is_new_month))::int AS purchase_months,
                   percentile_cont(0.5) WITHIN GROUP (ORDER BY gap) AS median_interval,
                   stddev_samp(gap) / avg(gap) AS variation,
                   array_agg(gap ORDER BY date DESC) FILTER (WHERE gap IS NOT NULL)
                       AS gaps
              FROM gap
          GROUP BY partner_id
        )
        SELECT partner_id, purchase_days, purchase_months, median_interval,
               -- The same, in whatever order they were added up.
               round(variation::numeric, 4)::float8 AS interval_variation,
               COALESCE((SELECT min(past.place)
                           FROM unnest(gaps) WITH ORDINALITY AS past (gap, place)
                          WHERE past.gap > %(unusual)s * median_interval),
                        purchase_days)::int AS run_days
          FROM summed
        """,
        transactions=lifecycle.transactions,
        exists=lifecycle.exists,
        wanted=wanted,
        stands=STANDS,
        unusual=UNUSUAL,
    )
    return _temporary(PATTERN_TABLE, query)

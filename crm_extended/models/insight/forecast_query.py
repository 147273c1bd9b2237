"""The statements that read the histories of a company's customers, and write what is
forecast of them.

Histories are read as arrays of bytes, one for each column: as rows, those of 300,000
customers would take a hundred times their size.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from odoo.tools import SQL

from ...analytics.insight.forecast import FURTHEST, HOLDOUT_DAYS, OWN_DAYS

# Temporary tables: days and histories of customers.
DAY_TABLE = "crm_forecast_day"
HISTORY_TABLE = "crm_forecast_history"

# What tells whether a customer's purchases changed.
MARKS = ("first_date", "last_date", "purchase_days", "median_interval", "revenue")
# What is written of a customer, where it differs.
COLUMNS = (
    *MARKS,
    "own_interval",
    "expected_date",
    "monthly_purchases",
    "average_amount",
    "simple_revenue",
    "simple_value",
    "expected_30",
    "expected_90",
    "expected_365",
    "expected_amount",
    "lifetime_revenue",
    "lifetime_value",
    "valued_date",
    "as_of",
)
# What comes from the model: a number for each customer.
MODELED = ("expected_30", "expected_90", "expected_365", "amount", "value", "interval")


@dataclass(frozen=True)
class Forecast:
    """What the forecasts of a company's customers on one day depend on."""

    # The read model as of that day, as of :meth:`CrmCustomerTransaction._for_sums`.
    transactions: SQL
    # Whether a customer (``h.partner_id``) may be profiled.
    may_profile: SQL
    company_id: int
    as_of: date
    # Digits of the company's currency.
    digits: int
    # Years of the simple value.
    years: float
    # The part of revenue that is earned.
    margin: float = 1.0
    # Whether the day is stored with the rows, because it is not the current one.
    pinned: bool = False

    @property
    def known_until(self) -> date:
        """The last day before the hold-out."""
        return self.as_of - timedelta(days=HOLDOUT_DAYS)

    @property
    def year_ago(self) -> date:
        return self.as_of - timedelta(days=365)


def _temporary(name: str, query: SQL) -> SQL:
    return SQL(
        "CREATE TEMPORARY TABLE %s ON COMMIT DROP AS %s", SQL.identifier(name), query
    )


def _columns(alias: str, names=COLUMNS) -> SQL:
    return SQL(", ").join(SQL.identifier(alias, name) for name in names)


# -- Histories


def day_query(forecast: Forecast) -> SQL:
    """The days of each customer: what was bought, and whether anything was that has not
    been taken back. What is taken back counts on the day it was bought."""
    exists = SQL(
        "t.company_id = %(company_id)s"
        " AND t.date <= %(as_of)s AND t.posted_date <= %(as_of)s",
        company_id=forecast.company_id,
        as_of=forecast.as_of,
    )
    query = SQL(
        """
        WITH gone AS MATERIALIZED (
            -- Purchases of several documents that together are nothing.
            SELECT partner_id, tied_key
              FROM %(transactions)s AS t
             WHERE %(exists)s AND t.tied_key IS NOT NULL
          GROUP BY partner_id, tied_key
            HAVING sum(amount) <= 0
        )
        SELECT COALESCE(contact.commercial_partner_id, t.partner_id) AS partner_id,
               t.date, sum(t.amount) AS amount,
               bool_or(t.is_purchase AND (t.tied_key IS NULL
                       OR (t.partner_id, t.tied_key) NOT IN (
                           SELECT partner_id, tied_key FROM gone))) AS bought
          FROM %(transactions)s AS t
     -- One hash table: PostgreSQL would look each of them up.
     LEFT JOIN (SELECT id, commercial_partner_id FROM res_partner
                 WHERE parent_id IS NOT NULL AND commercial_partner_id <> id
                OFFSET 0) AS contact
            ON contact.id = t.partner_id
         WHERE %(exists)s
      GROUP BY COALESCE(contact.commercial_partner_id, t.partner_id), t.date
        """,
        transactions=forecast.transactions,
        exists=exists,
    )
    return _temporary(DAY_TABLE, query)


def history_query(forecast: Forecast) -> SQL:
    """One row for each customer with a purchase that was not taken back. The amounts of
    all days but the first are those of the repeat purchases."""
    query = SQL(
        """
        SELECT h.*, %(may_profile)s AS may_profile
          FROM (
                SELECT partner_id,
                       min(date) FILTER (WHERE bought) AS first_date,
                       max(date) FILTER (WHERE bought) AS last_date,
                       (count(*) FILTER (WHERE bought))::int AS purchase_days,
                       percentile_cont(0.5) WITHIN GROUP (ORDER BY gap)
                           AS median_interval,
                       round(sum(amount), %(digits)s) AS revenue,
                       -- The first day is the one without a gap before it.
                       COALESCE(sum(amount) FILTER (WHERE bought AND gap IS NULL), 0)
                           AS first_amount,
                       (count(*) FILTER (WHERE bought AND date > %(year_ago)s))::int
                           AS year_days,
                       COALESCE(sum(amount) FILTER (WHERE date > %(year_ago)s), 0)
                           AS year_revenue,
                       (count(*) FILTER (WHERE bought AND date <= %(known)s))::int
                           AS known_days,
                       max(date) FILTER (WHERE bought AND date <= %(known)s)
                           AS known_last
                  FROM (
                        SELECT *,
                               CASE WHEN bought THEN date - lag(date) OVER (
                                    PARTITION BY partner_id, bought ORDER BY date)
                               END::float8 AS gap
                          FROM %(days)s
                       ) AS day
              GROUP BY partner_id
                HAVING bool_or(bought)
               ) AS h
        """,
        may_profile=forecast.may_profile,
        digits=forecast.digits,
        year_ago=forecast.year_ago,
        known=forecast.known_until,
        days=SQL.identifier(DAY_TABLE),
    )
    return _temporary(HISTORY_TABLE, query)


def summary_query() -> SQL:
    """Customers, those with repeat purchases, the first and the last day."""
    return SQL(
        """
        SELECT count(*), count(*) FILTER (WHERE purchase_days > 1),
               min(first_date), max(last_date)
          FROM %s
        """,
        SQL.identifier(HISTORY_TABLE),
    )


def arrays_query(forecast: Forecast, only_changed: bool) -> SQL:
    """Columns of the histories, each as the bytes of its numbers, in one row: ids of the
    customers, purchase days, days from the first purchase to the last and to today; what
    was known before the hold-out: purchase days, and days to the last of them and to its
    beginning; who may be profiled; the amount of repeat purchases, and that of all.

    :param only_changed: only customers whose purchases changed
    """

    def whole(column: SQL) -> SQL:
        return SQL("string_agg(int4send((%s)::int), '' ORDER BY h.partner_id)", column)

    return SQL(
        """
        SELECT %(columns)s,
               string_agg(float8send((h.revenue - h.first_amount)::float8), ''
                          ORDER BY h.partner_id),
               string_agg(float8send(h.revenue::float8), '' ORDER BY h.partner_id)
          FROM %(histories)s AS h
         WHERE %(wanted)s
        """,
        columns=SQL(", ").join(
            whole(column)
            for column in (
                SQL("h.partner_id"),
                SQL("h.purchase_days"),
                SQL("h.last_date - h.first_date"),
                SQL("%s::date - h.first_date", forecast.as_of),
                SQL("h.known_days"),
                SQL("COALESCE(h.known_last - h.first_date, 0)"),
                SQL("GREATEST(%s::date - h.first_date, -1)", forecast.known_until),
                SQL("CASE WHEN h.may_profile THEN 1 ELSE 0 END"),
            )
        ),
        histories=SQL.identifier(HISTORY_TABLE),
        wanted=_changed(forecast) if only_changed else SQL("TRUE"),
    )


def _changed(forecast: Forecast) -> SQL:
    """Whether the purchases of a customer are not those that are stored, or were looked
    at on another day than the current one."""
    return SQL(
        """
        NOT EXISTS (SELECT FROM crm_forecast AS f
                     WHERE f.partner_id = h.partner_id
                       AND f.company_id = %(company_id)s AND f.as_of IS NULL
                       AND (%(stored)s) IS NOT DISTINCT FROM (%(new)s))
        """,
        company_id=forecast.company_id,
        stored=_columns("f", MARKS),
        new=_columns("h", MARKS),
    )


def weeks_query(forecast: Forecast, first: date) -> SQL:
    """Repeat purchases by week, of customers who had bought before the hold-out.

    :param first: the first day of the first week
    """
    return SQL(
        """
        SELECT (day.date - %(first)s::date) / 7 AS week, count(*)
          FROM %(days)s AS day
          JOIN %(histories)s AS h ON h.partner_id = day.partner_id
         WHERE day.bought AND day.date > h.first_date AND day.date >= %(first)s
           AND h.first_date <= %(known)s
      GROUP BY week
        """,
        first=first,
        days=SQL.identifier(DAY_TABLE),
        histories=SQL.identifier(HISTORY_TABLE),
        known=forecast.known_until,
    )


def repeats_before_query(forecast: Forecast) -> SQL:
    """Repeat purchases in the hold-out, of customers who had bought before it."""
    return SQL(
        """
        SELECT COALESCE(sum(purchase_days - known_days), 0)::int
          FROM %s WHERE known_days > 0
        """,
        SQL.identifier(HISTORY_TABLE),
    )


# -- Writing


def write_query(
    forecast: Forecast, modeled: dict[str, list] | None, only_changed: bool = False
) -> SQL:
    """Write the forecasts of customers where they differ.

    :param modeled: lists by the names of :data:`MODELED` and ``partner_id``, of the
        customers that are written; ``None`` without a model, for all customers
    :param only_changed: without a model, only those whose purchases changed
    """
    if modeled is None:
        source = SQL(
            "SELECT h.*, %s FROM %s AS h WHERE %s",
            SQL(", ").join(
                SQL("NULL::float8 AS %s", SQL.identifier(name)) for name in MODELED
            ),
            SQL.identifier(HISTORY_TABLE),
            _changed(forecast) if only_changed else SQL("TRUE"),
        )
    else:
        names = ("partner_id", *MODELED)
        source = SQL(
            """
            SELECT h.*, %(modeled)s
              FROM %(histories)s AS h
              JOIN unnest(%(values)s) AS m(%(names)s) ON m.partner_id = h.partner_id
            """,
            modeled=_columns("m", MODELED),
            histories=SQL.identifier(HISTORY_TABLE),
            values=SQL(", ").join(
                SQL("%s::int[]" if name == "partner_id" else "%s::float8[]", value)
                for name, value in ((name, modeled[name]) for name in names)
            ),
            names=SQL(", ").join(map(SQL.identifier, names)),
        )
    return SQL(
        """
        WITH source AS MATERIALIZED (%(source)s),
        new AS MATERIALIZED (SELECT partner_id, %(values)s FROM source AS s
                              WHERE may_profile),
        changed AS (
            UPDATE crm_forecast AS f
               SET (%(columns)s) = ROW(%(new)s), write_date = now() AT TIME ZONE 'UTC'
              FROM new AS n
             WHERE f.partner_id = n.partner_id AND f.company_id = %(company_id)s
               AND (%(stored)s) IS DISTINCT FROM (%(new)s)
        )
        INSERT INTO crm_forecast (
                    partner_id, company_id, %(columns)s, create_date, write_date)
             SELECT n.partner_id, %(company_id)s, %(new)s,
                    now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
               FROM new AS n
              WHERE NOT EXISTS (
                    SELECT FROM crm_forecast AS f
                     WHERE f.partner_id = n.partner_id
                       AND f.company_id = %(company_id)s)
           -- In this order each index grows at its end.
           ORDER BY n.partner_id
        ON CONFLICT (partner_id, company_id) DO NOTHING
        """,
        source=source,
        values=_values(forecast),
        columns=SQL(", ").join(map(SQL.identifier, COLUMNS)),
        stored=_columns("f"),
        new=_columns("n"),
        company_id=forecast.company_id,
    )


def _values(forecast: Forecast) -> SQL:
    """The columns of a row, out of the history ``s`` and what the model says of it."""

    def money(amount: SQL) -> SQL:
        return SQL("round((%s)::numeric, %s)", amount, forecast.digits)

    def number(name: str) -> SQL:
        # As it is stored, so that it does not differ when it comes again.
        return SQL("round(s.%s::numeric, 6)", SQL.identifier(name))

    simple = SQL("GREATEST(CASE WHEN year_days > 0 THEN year_revenue END, 0)")
    interval = SQL(
        "COALESCE(CASE WHEN purchase_days >= %s THEN median_interval END, s.interval)",
        OWN_DAYS,
    )
    values = {
        "own_interval": SQL("purchase_days >= %s", OWN_DAYS),
        # GREATEST and LEAST would make a number of nothing.
        "expected_date": SQL(
            "CASE WHEN %(interval)s IS NOT NULL THEN last_date"
            " + LEAST(GREATEST(floor(%(interval)s + 0.5), 1), %(furthest)s)::int END",
            interval=interval,
            furthest=FURTHEST,
        ),
        # A purchase is a day; the year has no more months for those who came in it.
        "monthly_purchases": SQL("year_days / 12.0::float8"),
        "average_amount": money(
            SQL("CASE WHEN year_days > 0 THEN year_revenue / year_days ELSE 0 END")
        ),
        "simple_revenue": money(SQL("%s * %s::float8", simple, forecast.years)),
        "simple_value": money(
            SQL("%s * %s::float8", simple, forecast.years * forecast.margin)
        ),
        "expected_30": number("expected_30"),
        "expected_90": number("expected_90"),
        "expected_365": number("expected_365"),
        "expected_amount": money(SQL("s.amount")),
        "lifetime_revenue": money(SQL("s.value")),
        "lifetime_value": money(SQL("s.value * %s::float8", forecast.margin)),
        "valued_date": SQL("%s::date", forecast.as_of),
        "as_of": SQL("%s::date", forecast.as_of if forecast.pinned else None),
    }
    return SQL(", ").join(
        SQL(
            "%s AS %s",
            values.get(name) or SQL.identifier("s", name),
            SQL.identifier(name),
        )
        for name in COLUMNS
    )


def delete_query(forecast: Forecast) -> SQL:
    """Take away the forecasts of those who have no purchase any more, or refused."""
    return SQL(
        """
        DELETE FROM crm_forecast AS f
              WHERE f.company_id = %(company_id)s
                AND NOT EXISTS (
                    SELECT FROM %(histories)s AS h
                     WHERE h.partner_id = f.partner_id AND h.may_profile)
        """,
        company_id=forecast.company_id,
        histories=SQL.identifier(HISTORY_TABLE),
    )

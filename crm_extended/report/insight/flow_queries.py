"""The statement behind the flow of customers.

Looking at each customer on the last day of each month would be a row for every customer
and month, however seldom they buy. Instead, each purchase is told as the stretch of months
at whose ends it keeps its customer from being *Lost*, and changes are found where the
stretches of a customer begin and end. Only customers who are kept have a row for every
month.

A month has a number, 12 × year + month - 1. It ends on its last day, or today.
"""

from datetime import date
from typing import NamedTuple

from odoo.tools import SQL

# Of a row's number: more companies than one would have, and more months than there are.
COMPANIES = MONTHS = 2**12


class Flow(NamedTuple):
    """What the flow of a company's customers depends on."""

    # Documents that stay what they are, and those whose purchase others change: table
    # expressions of ``crm.customer.transaction._for_every_day``.
    plain: SQL
    tied: SQL
    company_id: int
    today: date
    # Of the lookback period; 0 for no limit.
    months: int
    # Leaves out earlier months, where it is given.
    since: date | None
    # Whether ``piece.partner_id`` is a customer that the reader may see.
    seen: SQL

    @property
    def last(self) -> int:
        """The number of the current month."""
        return month_number(self.today)

    @property
    def first(self) -> int:
        return month_number(self.since) if self.since else 0


def month_number(day: date) -> int:
    return 12 * day.year + day.month - 1


def _number(day: SQL) -> SQL:
    """The number of a day's month.

    Out of days: taking a date apart takes PostgreSQL several times as long. The first
    days of months are at most two days off their mean distance.
    """
    return SQL(
        """
        (round((date_trunc('month', %s::timestamp)::date - '0001-01-01'::date)
               / 30.436875::float8)::int + 12)
        """,
        day,
    )


def _until(flow: Flow, day: SQL, number: SQL) -> SQL:
    """The last month at whose end a day is in the lookback period.

    Counted on from the day's month, it is the month before the one so many months later,
    or that one: where the day comes after the day before the lookback period then. Days
    before a period that begins on a longer month's end are many, so both happen.

    :param number: of the day's month
    """
    if not flow.months:
        return SQL("%s", flow.last)
    return SQL(
        """
        CASE WHEN %(number)s + %(months)s > %(last)s THEN %(last)s
             WHEN %(day)s > (LEAST(
                      date_trunc('month', %(day)s::timestamp)
                          + make_interval(months => %(months)s + 1) - interval '1 day',
                      %(today)s::date)
                  - make_interval(months => %(months)s))::date
             THEN %(number)s + %(months)s
             ELSE %(number)s + %(months)s - 1 END
        """,
        number=number,
        months=flow.months,
        last=flow.last,
        day=day,
        today=flow.today,
    )


def _plain_pieces(flow: Flow) -> SQL:
    """Purchases that stay: known from their month on. The last one of a month reaches as
    far as any of them."""
    return SQL(
        """
        SELECT bought.partner_id, place.number AS begins, %(until)s AS until,
               %(last)s AS known, FALSE AS is_old
          FROM (
                SELECT t.partner_id, max(t.date) AS day
                  FROM %(plain)s AS t
                 WHERE t.is_purchase AND t.date <= %(today)s AND t.posted_date <= %(today)s
              GROUP BY t.partner_id, date_trunc('month', t.date::timestamp)
               ) AS bought
    CROSS JOIN LATERAL (SELECT %(number)s AS number OFFSET 0) AS place
        """,
        until=_until(flow, SQL("bought.day"), SQL("place.number")),
        last=flow.last,
        plain=flow.plain,
        today=flow.today,
        number=_number(SQL("bought.day")),
    )


def _tied_pieces(flow: Flow) -> SQL:
    """Purchases that other documents change: known while their documents are above zero
    together. ``is_old`` says of a purchase that it is from before the month in which it
    becomes known, again."""
    return SQL(
        """
        SELECT document.partner_id, GREATEST(course.begins, document.number) AS begins,
               LEAST(course.known, %(until)s) AS until, course.known,
               document.date_number < GREATEST(course.begins, document.number) AS is_old
          FROM document
          JOIN (
                SELECT partner_id, purchase_key, number AS begins,
                       sum(sum(amount)) OVER so_far AS total,
                       COALESCE(lead(number) OVER so_far - 1, %(last)s) AS known
                  FROM document
              GROUP BY partner_id, purchase_key, number
                WINDOW so_far AS (PARTITION BY partner_id, purchase_key ORDER BY number)
               ) AS course USING (partner_id, purchase_key)
         WHERE document.amount > 0 AND course.total > 0 AND course.known >= document.number
        """,
        until=_until(flow, SQL("document.date"), SQL("document.date_number")),
        last=flow.last,
    )


def flow_query(flow: Flow) -> SQL:
    """The rows of ``crm.customer.flow`` of one company."""
    return SQL(
        """
        WITH document AS MATERIALIZED (
            SELECT t.partner_id, t.purchase_key, t.date, t.amount,
                   %(date_number)s AS date_number,
                   GREATEST(%(date_number)s, %(posted_number)s) AS number
              FROM %(tied)s AS t
             WHERE t.date <= %(today)s AND t.posted_date <= %(today)s
        ),
        piece AS (
            SELECT COALESCE(contact.commercial_partner_id, piece.partner_id) AS partner_id,
                   begins, until, known, is_old
              FROM (%(plain_pieces)s UNION ALL %(tied_pieces)s) AS piece
         -- One hash table: PostgreSQL would look each customer up.
         LEFT JOIN (SELECT id, commercial_partner_id FROM res_partner
                     WHERE parent_id IS NOT NULL AND commercial_partner_id <> id
                    OFFSET 0) AS contact
                ON contact.id = piece.partner_id
        ),
        -- Those of a customer that begin in one month, with those of before.
        begun AS (
            SELECT partner_id, begins,
                   GREATEST(max(until), max(max(until)) OVER earlier) AS until,
                   GREATEST(max(known), max(max(known)) OVER earlier) AS known,
                   bool_or(is_old) AS is_old,
                   COALESCE(max(max(until)) OVER earlier, -1) AS until_before,
                   COALESCE(max(max(known)) OVER earlier, -1) AS known_before,
                   COALESCE(lead(begins) OVER (PARTITION BY partner_id ORDER BY begins),
                            %(last)s + 1) AS next_begins
              FROM piece
             WHERE %(seen)s
          GROUP BY partner_id, begins
            WINDOW earlier AS (PARTITION BY partner_id ORDER BY begins
                                    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
        ),
        -- What customers were on the last day of the month before: not Lost, or known.
        place AS (
            SELECT *, until >= begins AS is_active,
                   NOT is_old AND known_before < begins AS is_new,
                   until_before >= begins - 1 AS was_active,
                   known_before >= begins - 1 AS was_known
              FROM begun
        ),
        -- The month in which a customer came: from it on they were not Lost. Those whose
        -- purchases count again are taken to have come the month before.
        step AS MATERIALIZED (
            SELECT *, max(came) OVER sofar AS since,
                   max(came) OVER (sofar ROWS BETWEEN UNBOUNDED PRECEDING
                                                  AND 1 PRECEDING) AS since_before
              FROM place
        CROSS JOIN LATERAL (
                SELECT CASE WHEN is_active AND (is_new OR NOT was_active)
                            THEN begins - (NOT is_new AND NOT was_known)::int END AS came
               ) AS arrival
            WINDOW sofar AS (PARTITION BY partner_id ORDER BY begins)
        ),
        event AS (
            SELECT partner_id, begins AS number, since,
                   CASE WHEN is_new THEN 'gained'
                        WHEN NOT is_active THEN 'lost'
                        WHEN was_active OR NOT was_known THEN 'kept'
                        ELSE 'won_back' END AS kind,
                   CASE WHEN NOT is_new AND NOT was_known THEN -1 ELSE 0 END AS taken_back
              FROM step
             WHERE is_active OR was_active AND NOT is_new
         UNION ALL
            SELECT partner_id, begins, since_before, 'taken_back', 1
              FROM step
             WHERE is_new AND was_active
         UNION ALL
            SELECT partner_id, until + 1, since,
                   CASE WHEN known > until THEN 'lost' ELSE 'taken_back' END,
                   CASE WHEN known > until THEN 0 ELSE 1 END
              FROM step
             WHERE is_active AND until + 1 < next_begins
         UNION ALL
            SELECT partner_id, number, since, 'kept', 0
              FROM step
        CROSS JOIN LATERAL generate_series(
                       GREATEST(begins + 1, %(first)s), LEAST(until, next_begins - 1)
                   ) AS number
             WHERE is_active
        )
        SELECT %(id)s AS id, partner_id, %(company)s AS company_id,
               make_date(number / 12, number %% 12 + 1, 1) AS date, kind,
               make_date(since / 12, since %% 12 + 1, 1) AS since,
               (kind = 'gained')::int AS gained,
               (kind = 'kept')::int AS kept,
               (kind = 'lost')::int AS lost,
               (kind = 'won_back')::int AS won_back,
               0 AS gained_and_lost,
               (kind IN ('kept', 'lost'))::int AS before,
               (kind IN ('kept', 'gained', 'won_back'))::int AS after,
               taken_back,
               (kind IN ('gained', 'won_back'))::int - (kind = 'lost')::int - taken_back
                   AS change
          FROM event
         WHERE number >= %(first)s
        """,
        date_number=_number(SQL("t.date")),
        posted_number=_number(SQL("t.posted_date")),
        tied=flow.tied,
        today=flow.today,
        plain_pieces=_plain_pieces(flow),
        tied_pieces=_tied_pieces(flow),
        last=flow.last,
        first=flow.first,
        seen=flow.seen,
        id=SQL(
            """
            (((partner_id::bigint * %(companies)s + %(company)s) * %(months)s
              + number %% %(months)s) * 2 + (kind = 'taken_back')::int)
            """,
            companies=COMPANIES,
            company=flow.company_id,
            months=MONTHS,
        ),
        company=flow.company_id,
    )

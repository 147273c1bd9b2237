"""What customers bought in the qualifying period of their loyalty tiers."""

from dateutil.relativedelta import relativedelta

from odoo.tools import SQL

from ...common.bulk_sql import STANDS, count_of, sum_by_customer
from .parameters import PERIODS_TABLE, TOTALS_TABLE, Parameters, temporary

ONE_YEAR = relativedelta(years=1)
ONE_DAY = relativedelta(days=1)


def anniversary_periods_sql(params: Parameters) -> SQL:
    """The qualifying period of each customer, which begins with an anniversary of the
    first purchase.

    If that was on 29 February, the anniversary of other years is the 28th.
    """
    bought = SQL(
        """
        SELECT t.partner_id, t.tied_key,
               min(t.date) FILTER (WHERE t.is_purchase) AS first_date,
               sum(t.amount) FILTER (WHERE t.tied_key IS NOT NULL) AS total
          FROM %(purchases)s AS t
         WHERE t.company_id = %(company_id)s
           AND t.date <= %(as_of)s AND t.posted_date <= %(as_of)s AND %(chosen)s
      GROUP BY t.partner_id, t.tied_key
        """,
        purchases=params.purchases,
        company_id=params.company_id,
        as_of=params.as_of,
        chosen=_is_chosen(params),
    )
    first_date = SQL("min(bought.first_date) FILTER (WHERE %s)", STANDS)
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
                        SELECT partner_id, first_date,
                               (date_part('year', %(as_of)s)
                                   - date_part('year', first_date))::int AS difference
                          FROM (%(firsts)s) AS bought_first
                       ) AS first
               ) AS dated
        """,
        firsts=SQL(
            "%s HAVING %s IS NOT NULL",
            sum_by_customer(bought, SQL("%s AS first_date", first_date)),
            first_date,
        ),
        as_of=SQL("%s::date", params.as_of),
    )


def _is_chosen(params: Parameters) -> SQL:
    """Whether a purchase ``t`` is one of a customer to be assessed."""
    if params.customer_ids is None:
        return SQL("TRUE")
    return SQL(
        """
        t.partner_id IN (
            SELECT id FROM res_partner WHERE commercial_partner_id = ANY(%s))
        """,
        params.customer_ids,
    )


def qualifying_totals_sql(params: Parameters, periods: SQL) -> SQL:
    """One row a customer: amount and orders of the present qualifying period, and of
    the period before it. A rolling period has none before it.

    :param periods: where the result of :func:`anniversary_periods_sql` is
    """
    as_of = params.as_of
    anniversary = SQL()
    if params.period == "anniversary":
        # By contact, so that each purchase is joined once.
        anniversary = SQL(
            """
            JOIN (
                SELECT contact.id AS contact_id, period.last_start, period.start
                  FROM %s AS period
                  JOIN res_partner AS contact
                    ON contact.commercial_partner_id = period.partner_id
                OFFSET 0
                 ) AS anniversary ON anniversary.contact_id = t.partner_id
            """,
            periods,
        )
        start, last_start = SQL("anniversary.start"), SQL("anniversary.last_start")
    elif params.period == "calendar":
        new_year = as_of.replace(month=1, day=1)
        start, last_start = SQL("%s", new_year), SQL("%s", new_year - ONE_YEAR)
    else:
        months = relativedelta(months=params.months)
        start = last_start = SQL("%s", as_of - months + ONE_DAY)
        if params.comparable:
            last_start = SQL("%s", params.last_day - months + ONE_DAY)
    bought = _totals(params, anniversary, start, last_start)
    last = (
        SQL("0::numeric AS last_amount, 0::bigint AS last_orders")
        if params.rolling
        else SQL(
            """
            sum(bought.last_amount) AS last_amount,
            %s AS last_orders
            """,
            count_of("last_orders"),
        )
    )
    return sum_by_customer(
        bought,
        SQL(
            """
            sum(bought.amount) AS amount, %s AS orders, %s,
            %s,
            -- When a purchase was taken back in full for the last time.
            max(bought.posted_date) FILTER (WHERE NOT %s AND bought.highest > 0)
                AS taken_back
            """,
            count_of("orders"),
            last,
            _known(params),
            STANDS,
        ),
    )


def _totals(params: Parameters, anniversary: SQL, start: SQL, last_start: SQL) -> SQL:
    """Amount and documents of each contact in the period, and in the one before.

    :param anniversary: the join that gives each contact's period
    """
    return SQL(
        """
        SELECT t.partner_id, t.tied_key, %(sums)s,
               %(known)s,
               max(t.posted_date) FILTER (WHERE t.tied_key IS NOT NULL) AS posted_date,
               max(t.amount) FILTER (WHERE t.tied_key IS NOT NULL) AS highest,
               sum(t.amount) FILTER (WHERE t.tied_key IS NOT NULL) AS total
          FROM %(purchases)s AS t
               %(anniversary)s
         WHERE t.company_id = %(company_id)s
           AND t.date <= %(as_of)s AND t.posted_date <= %(as_of)s
           -- All documents of a purchase, to know whether it was taken back.
           AND (t.date >= %(last_start)s OR t.tied_key IS NOT NULL) AND %(chosen)s
      GROUP BY t.partner_id, t.tied_key
        """,
        purchases=params.purchases,
        anniversary=anniversary,
        company_id=params.company_id,
        as_of=params.as_of,
        last_start=last_start,
        chosen=_is_chosen(params),
        sums=_sums(start, None if params.rolling else last_start),
        known=_known_more(params, start, last_start),
    )


def _known(params: Parameters) -> SQL:
    """What was bought until the day of the last assessment, as it is known now: the
    amounts of the period, and of the one before."""
    if not params.comparable:
        return SQL("NULL::numeric AS known_amount, NULL::numeric AS known_last_amount")
    known = SQL(
        "sum(bought.amount) + COALESCE(sum(bought.known_more), 0) AS known_amount"
    )
    if params.rolling:
        return SQL("%s, NULL::numeric AS known_last_amount", known)
    return SQL(
        """
        %s,
        sum(bought.last_amount) + COALESCE(sum(bought.known_last_more), 0)
            AS known_last_amount
        """,
        known,
    )


def _known_more(params: Parameters, start: SQL, last_start: SQL) -> SQL:
    """What :func:`_known` adds to the amounts of today. It is nothing for most contacts:
    PostgreSQL takes its time for each sum that has anything to add up."""
    if not params.comparable:
        return SQL("NULL::numeric AS known_more")
    until = SQL("(t.date <= %(day)s AND t.posted_date <= %(day)s)", day=params.last_day)
    if params.rolling:
        # The period of that day began earlier.
        return SQL(
            """
            sum(CASE WHEN t.date >= %(start)s THEN -t.amount ELSE t.amount END) FILTER (
                WHERE t.date >= %(last_start)s
                  AND (t.date < %(start)s) = %(until)s) AS known_more
            """,
            start=start,
            last_start=last_start,
            until=until,
        )
    return SQL(
        """
        sum(-t.amount) FILTER (
            WHERE t.date >= %(start)s AND NOT %(until)s) AS known_more,
        sum(-t.amount) FILTER (
            WHERE t.date >= %(last_start)s AND t.date < %(start)s AND NOT %(until)s)
            AS known_last_more
        """,
        start=start,
        last_start=last_start,
        until=until,
    )


def _sums(start: SQL, last_start: SQL | None) -> SQL:
    """Amount and documents since a day, and of the period before it.

    :param start: the day
    :param last_start: the day that the period before begins with; ``None`` if there is
        none
    """
    # Integers take PostgreSQL less time and memory to add up than bigints.
    sums = SQL(
        """
        COALESCE(sum(t.amount) FILTER (WHERE t.date >= %(start)s), 0) AS amount,
        (count(*) FILTER (WHERE t.is_purchase AND t.date >= %(start)s))::int AS orders
        """,
        start=start,
    )
    if last_start is None:
        return sums
    return SQL(
        """
        %(sums)s,
        COALESCE(sum(t.amount) FILTER (
            WHERE t.date >= %(last_start)s AND t.date < %(start)s), 0) AS last_amount,
        (count(*) FILTER (
            WHERE t.is_purchase
              AND t.date >= %(last_start)s AND t.date < %(start)s))::int AS last_orders
        """,
        sums=sums,
        start=start,
        last_start=last_start,
    )


def summing_queries(params: Parameters) -> dict[str, SQL]:
    """Sum up the purchases of each customer into temporary tables.

    Separate statements, because PostgreSQL runs queries that only read in parallel, and
    can count the customers before it plans the rest.

    :return: the query that makes each table, by its name; each may read the one before
    """
    queries = {TOTALS_TABLE: qualifying_totals_sql(params, temporary(PERIODS_TABLE))}
    if params.period == "anniversary":
        queries = {PERIODS_TABLE: anniversary_periods_sql(params), **queries}
    return {
        table: SQL(
            "CREATE TEMPORARY TABLE %s ON COMMIT DROP AS %s",
            SQL.identifier(table),
            query,
        )
        for table, query in queries.items()
    }

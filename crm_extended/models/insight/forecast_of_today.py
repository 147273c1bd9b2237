"""What depends on the day of today, in SQL: the probability that a customer is still
active, and what follows from it. ``analytics/insight/forecast.py`` has the same."""

from datetime import date

from odoo.tools import SQL

from ...analytics.insight.forecast import BANDS, EXPECTED_DAYS, GONE


def day_of(alias: str, today: date) -> SQL:
    """The day that a row is looked at from."""
    return SQL("COALESCE(%s, %s::date)", SQL.identifier(alias, "as_of"), today)


def active_sql(alias: str, models: dict[int, dict], today: date) -> SQL:
    """The probability that the customer of a row is still active on the day of today.

    :param models: by company ``kind`` and the parameters of those that have a model
    """
    cases = [
        SQL(
            "WHEN %s = %s THEN %s",
            SQL.identifier(alias, "company_id"),
            company_id,
            _active(alias, model, today),
        )
        for company_id, model in models.items()
    ]
    if not cases:
        return SQL("NULL::float8")
    return SQL("CASE %s END", SQL(" ").join(cases))


def _active(alias: str, model: dict, today: date) -> SQL:
    more = 1 if model["kind"] == "mbg" else 0
    odds = SQL(
        """
        ln(%(a)s::float8 / (%(b)s::float8 + %(days)s - %(back)s))
        + (%(r)s::float8 + %(days)s - 1) * ln(
            (%(alpha)s::float8 + GREATEST(%(today)s - %(first)s, %(last)s - %(first)s))
            / (%(alpha)s::float8 + (%(last)s - %(first)s)))
        """,
        a=model["a"],
        b=model["b"],
        r=model["r"],
        alpha=model["alpha"],
        days=SQL.identifier(alias, "purchase_days"),
        # k − 1, with k = x + 1 in MBG/NBD and x = days − 1.
        back=2 - more,
        first=SQL.identifier(alias, "first_date"),
        last=SQL.identifier(alias, "last_date"),
        today=day_of(alias, today),
    )
    probability = SQL("1 / (1 + exp(LEAST(%s, 700)))", odds)
    if more:
        return probability
    return SQL(
        "CASE WHEN %s > 1 THEN %s ELSE 1 END",
        SQL.identifier(alias, "purchase_days"),
        probability,
    )


def band_sql(probability: SQL) -> SQL:
    """The band of a probability; none without a model."""
    return SQL(
        "(SELECT CASE %s END FROM (SELECT %s AS p OFFSET 0) AS active)",
        SQL(" ").join(
            SQL("WHEN active.p >= %s::float8 THEN %s", least, key)
            for key, least in BANDS
        ),
        probability,
    )


def next_date_sql(alias: str, probability: SQL, today: date) -> SQL:
    """The day at which a customer is expected, as long as they are."""
    expected = SQL.identifier(alias, "expected_date")
    return SQL(
        "CASE WHEN COALESCE(%(p)s >= %(gone)s::float8, %(day)s - %(date)s <= %(days)s) "
        "THEN %(date)s END",
        p=probability,
        gone=GONE,
        day=day_of(alias, today),
        date=expected,
        days=EXPECTED_DAYS,
    )

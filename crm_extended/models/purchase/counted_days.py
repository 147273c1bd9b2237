"""Which purchases have happened by a day."""

from datetime import date

from odoo.tools import SQL


def until_domain(day: date) -> list[tuple]:
    """Purchases, or their lines, that count on a day: what is dated later does not, and
    neither does a later credit note of what was bought before."""
    return [("date", "<=", day), ("posted_date", "<=", day)]


def until_sql(alias: str, day: date) -> SQL:
    """The same, over a table expression."""
    return SQL(
        "%s <= %s AND %s <= %s",
        SQL.identifier(alias, "date"),
        day,
        SQL.identifier(alias, "posted_date"),
        day,
    )

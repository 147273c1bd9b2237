"""Days of silence: their ranges, and how they become dates and moments."""

import math
import re
from datetime import date, datetime, time, timedelta

import pytz

from odoo.exceptions import UserError

# The field that a list is sorted by first.
FIRST_TERM = re.compile(r"\s*(?P<name>\w*)")

# Operators that never match an empty date.
ORDERED = ("<", "<=", ">", ">=")

# Ranges of days of silence: key, label, from, to. The keys sort as the days do.
RANGES = (
    ("d030", "Up to 30 days", 0, 30),
    ("d090", "31 to 90 days", 31, 90),
    ("d180", "91 to 180 days", 91, 180),
    ("d365", "181 to 365 days", 181, 365),
    ("d999", "Over a year", 366, None),
    ("never", "Never contacted", None, None),
)


def range_of(days: int | None) -> str:
    """Key of the range of a number of days; ``None`` is never."""
    if days is None:
        return "never"
    return next(key for key, _label, _from, to in RANGES if to is None or days <= to)


def is_anything(operator, value) -> bool:
    """Whether a search is for customers with any contact at all. As such, and not as the
    opposite of none, PostgreSQL knows that it can use the index."""
    return operator == "not in" and all(none is False for none in value)


def to_days(env, value) -> float:
    """A number out of a domain.

    :raise UserError: if it is none
    """
    try:
        days = float(value)
    except (TypeError, ValueError):
        days = math.nan
    if math.isnan(days):
        raise UserError(env._("“%s” is not a number of days.", value))
    # Longer than any silence; dates reach no further.
    return max(min(days, 500_000.0), -500_000.0)


def days_before(day: date, days) -> date:
    """A day some days before another one, as far as dates reach."""
    try:
        return day - timedelta(days=int(days))
    except OverflowError:
        return date.min if days > 0 else date.max


def start_of_day(env, day: date) -> datetime:
    """The moment (UTC) at which a day of the user's time zone begins."""
    midnight = datetime.combine(day, time.min)
    if not 2 < day.year < 9998:
        return midnight
    local = pytz.timezone(str(env.tz)).localize(midnight)
    return local.astimezone(pytz.utc).replace(tzinfo=None)

"""When the steps of a care plan are due, by the wall clock of a time zone.

All moments are naive UTC datetimes, zones are IANA names.
"""

from calendar import monthrange
from datetime import date, datetime, time, timedelta

from ..common.clock import at_wall_clock, wall_clock

ONE_DAY = timedelta(days=1)


def later(
    moment: datetime, zone: str, days: int, at_time: time | None = None
) -> datetime:
    """The same time of the wall clock so many calendar days later.

    A local time that the clocks leave out becomes the first moment after the gap, one
    that comes twice the first of both.

    :param at_time: another time of that day
    :raise ValueError: for a negative number of days
    :raise zoneinfo.ZoneInfoNotFoundError: for an unknown zone

    >>> later(datetime(2026, 3, 28, 1, 30), "Europe/Berlin", 1)
    datetime.datetime(2026, 3, 29, 1, 0)
    """
    if days < 0:
        raise ValueError(f"The number of days must not be negative: {days}.")
    if not days and at_time is None:
        return moment
    local = wall_clock(moment, zone) + timedelta(days=days)
    return at_wall_clock(local, zone, at_time)


def later_months(
    moment: datetime, zone: str, months: int, at_time: time | None = None
) -> datetime:
    """The same day and time of the wall clock so many months later; the last day of a
    month that is too short.

    :raise ValueError: for a negative number of months

    >>> later_months(datetime(2026, 1, 31, 12), "UTC", 1)
    datetime.datetime(2026, 2, 28, 12, 0)
    """
    if months < 0:
        raise ValueError(f"The number of months must not be negative: {months}.")
    if not months and at_time is None:
        return moment
    local = wall_clock(moment, zone)
    years, month = divmod(local.month - 1 + months, 12)
    year, month = local.year + years, month + 1
    day = min(local.day, monthrange(year, month)[1])
    return at_wall_clock(local.replace(year=year, month=month, day=day), zone, at_time)


def next_yearly(day: date, moment: datetime, zone: str) -> date:
    """The first anniversary of a day, a full year or more after it, on or after today.

    29 February is kept on 28 February in years without it.

    :param moment: now; today is its day in the zone

    >>> next_yearly(date(2024, 2, 29), datetime(2026, 11, 27), "UTC")
    datetime.date(2027, 2, 28)
    >>> next_yearly(date(2026, 11, 27), datetime(2026, 11, 27), "UTC")
    datetime.date(2027, 11, 27)
    """
    today = wall_clock(moment, zone).date()
    year = max(today.year, day.year + 1)
    found = _in_year(day, year)
    return found if found >= today else _in_year(day, year + 1)


def _in_year(day: date, year: int) -> date:
    if (day.month, day.day) == (2, 29) and monthrange(year, 2)[1] == 28:
        return date(year, 2, 28)
    return day.replace(year=year)

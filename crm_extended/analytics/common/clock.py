"""Wall clocks of time zones. All moments are naive UTC datetimes."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

SECOND = timedelta(seconds=1)


def to_utc(local: datetime) -> datetime:
    """The moment of an aware time."""
    return local.astimezone(UTC).replace(tzinfo=None)


def offset(moment: datetime, where: ZoneInfo) -> timedelta:
    """How far the wall clock is ahead of UTC."""
    return moment.replace(tzinfo=UTC).astimezone(where).utcoffset()


def change_of_clock(start: datetime, end: datetime, where: ZoneInfo) -> datetime:
    """The second at which the offset changes between two moments, by halving."""
    before = offset(start, where)
    while end - start > SECOND:
        middle = start + timedelta(seconds=(end - start) // SECOND // 2)
        if offset(middle, where) == before:
            start = middle
        else:
            end = middle
    return end

"""Wall clocks of time zones. All moments are naive UTC datetimes."""

from datetime import UTC, datetime, time, timedelta
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


def wall_clock(moment: datetime, zone: str) -> datetime:
    """What the wall clock shows at a moment, without a zone."""
    return (
        moment.replace(tzinfo=UTC)
        .astimezone(ZoneInfo(zone))
        .replace(tzinfo=None, fold=0)
    )


def at_wall_clock(local: datetime, zone: str, at_time: time | None = None) -> datetime:
    """The first moment at which the wall clock of a zone shows a time, or the first after
    it where the clocks leave that time out.

    :param local: naive time of the wall clock
    :param at_time: another time of that day
    """
    if at_time is not None:
        local = datetime.combine(local.date(), at_time)
    where = ZoneInfo(zone)
    first = to_utc(local.replace(tzinfo=where, fold=0))
    if wall_clock(first, zone) == local:
        return first
    # In a gap, the offset from before it leads to a moment behind it, and the one from
    # after it to a moment before it.
    before = to_utc(local.replace(tzinfo=where, fold=1))
    return change_of_clock(before, first, where)

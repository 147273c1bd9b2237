"""When a person may be contacted: quiet hours, allowed weekdays and quiet days in the
person's own time zone.

All moments are naive UTC datetimes, zones are IANA names, hours are times of the wall
clock there. Quiet hours are ``[quiet_from, quiet_to)`` and may pass midnight.
"""

from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ..common.clock import change_of_clock, offset, to_utc

# Where nothing is allowed for so long, nothing ever is.
FURTHEST = timedelta(days=366)

MIDNIGHT = time()


def is_quiet(clock: time, quiet_from: time | None, quiet_to: time | None) -> bool:
    """Whether a time of the day lies in the quiet hours. Without one of both, and where
    both are the same, there are none."""
    if quiet_from is None or quiet_to is None or quiet_from == quiet_to:
        return False
    if quiet_from < quiet_to:
        return quiet_from <= clock < quiet_to
    return clock >= quiet_from or clock < quiet_to


def is_allowed(
    moment: datetime,
    zone: str,
    quiet_from: time | None,
    quiet_to: time | None,
    weekdays: Collection[int],
    quiet_days: Collection[date],
) -> bool:
    """Whether a person in a zone may be contacted at a moment."""
    local = moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
    return (
        local.weekday() in weekdays
        and local.date() not in quiet_days
        and not is_quiet(local.time(), quiet_from, quiet_to)
    )


def first_allowed(
    moment: datetime,
    zone: str,
    quiet_from: time | None,
    quiet_to: time | None,
    weekdays: Collection[int],
    quiet_days: Collection[date],
) -> datetime | None:
    """The first moment, from the given one on, at which a person may be contacted.

    The wall clock counts: an hour that summer time leaves out is over at once, one that
    comes twice is quiet twice.

    :param weekdays: allowed days of the week, Monday is 0
    :param quiet_days: days of the zone's calendar without contacts
    :return: ``moment`` itself where that is allowed; None where nothing is within 366 days
    :raise zoneinfo.ZoneInfoNotFoundError: for an unknown zone
    """
    rules = (zone, quiet_from, quiet_to, weekdays, quiet_days)
    if is_allowed(moment, *rules):
        return moment
    if not weekdays:
        return None
    last = moment + FURTHEST
    where = ZoneInfo(zone)
    # From the day before, which may last longer in the zone than in UTC.
    day = moment.replace(tzinfo=UTC).astimezone(where).date() - timedelta(days=1)
    while True:
        turns = sorted(_turns(day, where, quiet_to))
        if turns and turns[0] > last:
            return None
        for turn in turns:
            if moment < turn <= last and is_allowed(turn, *rules):
                return turn
        day += timedelta(days=1)


def first_allowed_in_all(
    moment: datetime, zones: Iterable[str], *rules
) -> datetime | None:
    """The first moment at which people in each of several zones may be contacted, for
    countries where the zone of a person is not known.

    :param rules: as for :func:`first_allowed`, from ``quiet_from`` on
    """
    zones = list(zones)
    last = moment + FURTHEST
    while moment is not None and moment <= last:
        before = moment
        for zone in zones:
            moment = first_allowed(moment, zone, *rules)
            if moment is None:
                return None
        if moment == before:
            return moment
    return None


def _turns(day: date, where: ZoneInfo, quiet_to: time | None) -> Iterable[datetime]:
    """Moments of a local day at which a pause can end: its beginning, the end of the
    quiet hours, each of them as often as the clock shows it, and changes of the clock."""
    for clock in {MIDNIGHT, quiet_to or MIDNIGHT}:
        for fold in (0, 1):
            local = datetime.combine(day, clock, where).replace(fold=fold)
            yield to_utc(local)
    start = to_utc(datetime.combine(day, MIDNIGHT, where))
    end = to_utc(datetime.combine(day + timedelta(days=1), MIDNIGHT, where))
    if offset(start, where) != offset(end, where):
        yield change_of_clock(start, end, where)

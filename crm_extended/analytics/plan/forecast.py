"""When the steps of a care plan would be done for a customer, by the rules of the contact
policy.

All moments are naive UTC datetimes. What customers will do is not known: every condition
is taken as met.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple


class Step(NamedTuple):
    """A step, as far as its time is concerned."""

    key: int
    #: when it is planned, counted from the planned moment of the step before
    after: Callable[[datetime], datetime]
    #: channel of the contact policy by which it reaches people; None for none
    channel: str | None
    #: key of the step that follows; None after the last
    following: int | None
    #: why it is skipped for everyone; None where it is not
    skipped: str | None = None


class Limits(NamedTuple):
    """What lets messages of a company wait."""

    #: the first moment, from one on, that hours and days of these zones allow; or None
    soonest: Callable[[datetime, tuple[str, ...]], datetime | None]
    #: touches in a window; 0: no limit
    limit: int
    window: timedelta
    #: channels that the limit is about
    counted: frozenset[str]
    #: how many days a message waits at most; longer, and it is skipped
    wait_days: int
    #: whether hours and the limit hold for the purpose
    timed: bool


class Person(NamedTuple):
    """What the policy knows of a customer, by channel."""

    #: why they are never reached, by channel
    refusals: dict[str, str]
    #: time zones of who is addressed, by channel
    zones: dict[str, tuple[str, ...]]
    #: moments of messages already sent
    touches: list[datetime]


class Event(NamedTuple):
    """A step as it would be done, or skipped for a reason."""

    step: int
    moment: datetime
    #: whether the policy lets it wait
    moved: bool
    reason: str | None


def walk(
    steps: dict[int, Step],
    first: int | None,
    planned: datetime,
    due: datetime,
    person: Person,
    limits: Limits,
    until: datetime,
) -> Iterator[Event]:
    """What would be done for a customer, in order of time.

    :param first: key of the step that comes next
    :param planned: its planned moment, from which those after it are counted
    :param due: when it is tried; later than planned where it waits already
    :param until: what comes then or later is left out
    """
    touches = list(person.touches)
    key = first
    while key is not None:
        step = steps[key]
        moment, reason = due, step.skipped
        if step.channel and not reason:
            moment, reason = _contact(step, planned, due, person, touches, limits)
        if moment >= until:
            return
        yield Event(key, moment, moment > due and not reason, reason)
        if step.channel in limits.counted and not reason:
            touches.append(moment)
        key = step.following
        if key is not None:
            planned = steps[key].after(planned)
            due = max(planned, moment)


def _contact(step, planned, due, person, touches, limits):
    """When a message would be sent, or why it would be skipped.

    :return: moment, and reason or None
    """
    reason = person.refusals.get(step.channel)
    if reason or not limits.timed:
        return due, reason
    moment = due
    zones = person.zones.get(step.channel, ())
    while True:
        start = moment
        if limits.limit and step.channel in limits.counted:
            recent = sorted(
                each for each in touches if moment - limits.window < each <= moment
            )
            if len(recent) >= limits.limit:
                start = max(moment, recent[-limits.limit] + limits.window)
        allowed = limits.soonest(start, zones)
        if allowed == moment:
            return moment, None
        if allowed is None:
            return moment, "limit" if start > moment else "quiet"
        # Counted in full days, as the engine does.
        if not limits.wait_days or (allowed - planned).days > limits.wait_days:
            return moment, "late"
        moment = allowed


def begin_days(count: int, today: int, each_day: int, days: int) -> Iterator[int]:
    """On which day each of a queue begins: so many today, so many on each day after it;
    those who do not begin within the days are left out.

    >>> list(begin_days(5, today=1, each_day=2, days=3))
    [0, 1, 1, 2, 2]
    """
    left, day = today, 0
    for _number in range(count):
        while left <= 0:
            day, left = day + 1, each_day
            if day >= days or each_day <= 0:
                return
        left -= 1
        yield day

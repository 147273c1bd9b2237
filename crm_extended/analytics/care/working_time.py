"""Working time, and when a service target is due.

All moments are naive UTC datetimes, all amounts of time are seconds.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

Interval = tuple[datetime, datetime]

# How much of a calendar is looked at in one go: little at first, as most targets are due
# soon, then more and more. And when we give up: as Odoo's own planning does.
FIRST_STEP = timedelta(days=14)
LONGEST_STEP = timedelta(days=112)
FURTHEST = timedelta(days=1400)


def merge(intervals: Iterable[Interval]) -> list[Interval]:
    """Intervals in order, those that touch or overlap put together, empty ones left
    out."""
    merged: list[Interval] = []
    for start, end in sorted(intervals):
        if end <= start:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


class WorkingTime:
    """The working time of a calendar from some moment on.

    The calendar is asked once for each stretch of time and remembered, so that the
    deadlines of thousands of cases cost one look each.
    """

    def __init__(
        self,
        start: datetime,
        look_up: Callable[[datetime, datetime], Iterable[Interval]] | None,
    ):
        """
        :param start: nothing before it is ever asked for
        :param look_up: gives the working intervals between two moments; ``None`` where
            work never stops
        """
        self._look_up = look_up
        self._from = self._until = start
        self._step = FIRST_STEP
        self._starts: list[datetime] = []
        self._ends: list[datetime] = []
        # Seconds worked before the interval of the same place.
        self._before: list[float] = []
        self._total = 0.0

    def _extend(self):
        end = self._until + self._step
        self._step = min(self._step * 2, LONGEST_STEP)
        for start, stop in merge(self._look_up(self._until, end)):
            if self._ends and start <= self._ends[-1]:
                # Cut in two by the end of the stretch before.
                self._total += (stop - self._ends[-1]).total_seconds()
                self._ends[-1] = stop
                continue
            self._starts.append(start)
            self._ends.append(stop)
            self._before.append(self._total)
            self._total += (stop - start).total_seconds()
        self._until = end

    def worked(self, moment: datetime) -> float:
        """Working seconds from the beginning until a moment."""
        if self._look_up is None:
            return (moment - self._from).total_seconds()
        while self._until < moment:
            self._extend()
        place = bisect_right(self._starts, moment) - 1
        if place < 0:
            return 0.0
        return (
            self._before[place]
            + (min(moment, self._ends[place]) - self._starts[place]).total_seconds()
        )

    def between(self, start: datetime, end: datetime) -> float:
        """Working seconds between two moments, 0 where they are the wrong way round."""
        if end <= start:
            return 0.0
        return self.worked(end) - self.worked(start)

    def moment(self, worked: float, since: datetime) -> datetime | None:
        """The first moment at which so much was worked.

        What is complete at closing time is so at closing time, not at the next opening.

        :param worked: seconds from the beginning
        :param since: how far is looked is counted from here
        :return: ``None`` where the calendar does not open long enough
        """
        if self._look_up is None:
            return self._from + timedelta(seconds=worked)
        while self._total < worked:
            if self._until - since > FURTHEST:
                return None
            self._extend()
        place = max(bisect_left(self._before, worked) - 1, 0)
        if place >= len(self._starts):
            return None
        return self._starts[place] + timedelta(seconds=worked - self._before[place])


def due(
    time: WorkingTime,
    start: datetime,
    seconds: float,
    pauses: Sequence[Interval] = (),
) -> datetime | None:
    """When a target is due.

    Only working time inside a pause moves it, and only a pause that began before it was
    due.

    :param start: when the customer asked
    :param seconds: working time allowed
    :return: ``None`` where the calendar never opens long enough
    """
    goal = time.worked(start) + seconds
    deadline = time.moment(goal, start)
    for pause_start, pause_end in merge(pauses):
        if deadline is None or deadline <= pause_start:
            break
        goal += time.between(max(pause_start, start), pause_end)
        deadline = time.moment(goal, max(pause_end, start))
    return deadline


def elapsed(
    time: WorkingTime,
    start: datetime,
    end: datetime,
    pauses: Sequence[Interval] = (),
) -> float:
    """Working seconds between two moments, without those inside pauses."""
    return time.between(start, end) - sum(
        time.between(max(pause_start, start), min(pause_end, end))
        for pause_start, pause_end in merge(pauses)
    )

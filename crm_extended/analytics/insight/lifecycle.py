"""The stage of a customer's life cycle, and how regularly they buy.

Days are whole, money is whole in the smallest unit of the currency, and a median interval
is kept doubled: so every comparison is exact, and the statement that does the same for all
customers (``models/insight/lifecycle_query.py``) can be compared with it.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from math import sqrt
from typing import NamedTuple

EXPLORATION, FORMATION, STABLE, DECLINE = STAGES = (
    "exploration",
    "formation",
    "stable",
    "decline",
)
#: Purchase days from which on a customer is past exploration.
LEAST_DAYS = 3
#: Shares of the revenue before, in tenths: at most so much is a decline, at least so much
#: is growth.
FALLEN_TENTHS = 7
GROWN_TENTHS = 13
#: A gap is unusual above so many times the customer's median interval.
UNUSUAL = 2

# Why a customer is in their stage.
REASONS = ("few_days", "young", "nothing", "fallen", "overdue", "grown", "steady")
STAGE_OF = {
    "few_days": EXPLORATION,
    "young": EXPLORATION,
    "nothing": DECLINE,
    "fallen": DECLINE,
    "overdue": DECLINE,
    "grown": FORMATION,
    "steady": STABLE,
}


class Pattern(NamedTuple):
    """How regularly a customer buys."""

    first: date
    last: date
    #: different days with a purchase
    days: int
    #: calendar months with a purchase
    months: int
    #: twice the median of the days between purchase days; ``None`` for one purchase day
    doubled_median: int | None
    #: standard deviation (n - 1) of these intervals divided by their mean; ``None`` below
    #: two intervals
    variation: float | None
    #: purchase days since the last unusual gap: all of them where there was none
    run: int


def doubled_median(intervals: Iterable[int]) -> int | None:
    """Twice the median, a whole number.

    >>> doubled_median([30, 10, 20]), doubled_median([10, 15]), doubled_median([])
    (40, 25, None)
    """
    ranked = sorted(intervals)
    if not ranked:
        return None
    middle = len(ranked) // 2
    return ranked[middle] + ranked[middle if len(ranked) % 2 else middle - 1]


def variation(intervals: Sequence[int]) -> float | None:
    """The coefficient of variation: 0 is a clockwork, 1 is as irregular as chance.

    >>> variation([30, 30, 30]), variation([30])
    (0.0, None)
    """
    if len(intervals) < 2:
        return None
    mean = sum(intervals) / len(intervals)
    squares = sum((interval - mean) ** 2 for interval in intervals)
    return sqrt(squares / (len(intervals) - 1)) / mean


def pattern(days: Iterable[date]) -> Pattern | None:
    """Sum up the days on which a customer bought.

    :param days: in any order, a day may be there more than once
    :return: ``None`` for no days
    """
    ranked = sorted(set(days))
    if not ranked:
        return None
    gaps = [
        (after - before).days for before, after in zip(ranked, ranked[1:], strict=False)
    ]
    twice = doubled_median(gaps)
    run = 1
    for gap in reversed(gaps):
        if is_unusual(gap, twice):
            break
        run += 1
    return Pattern(
        first=ranked[0],
        last=ranked[-1],
        days=len(ranked),
        months=len({(day.year, day.month) for day in ranked}),
        doubled_median=twice,
        variation=variation(gaps),
        run=run,
    )


def is_unusual(gap: int, twice_median: int | None) -> bool:
    """Whether so many days without a purchase are more than twice the median interval.

    :param twice_median: as :attr:`Pattern.doubled_median`
    """
    return twice_median is not None and gap * 2 > UNUSUAL * twice_median


def reason(bought: Pattern, now: int, before: int, today: date, period: int) -> str:
    """Why a customer is in their stage: the first condition that applies.

    :param now: net revenue of the last ``period`` days, in the smallest unit of the
        currency
    :param before: that of the ``period`` days before; below zero counts as zero, in both
    :param today: the day for which it is asked
    :param period: days
    :return: one of :data:`REASONS`
    """
    now, before = max(now, 0), max(before, 0)
    if bought.days < LEAST_DAYS:
        return "few_days"
    if (today - bought.first).days < period:
        return "young"
    if not now and not before:
        return "nothing"
    if now * 10 <= before * FALLEN_TENTHS:
        return "fallen"
    if is_unusual((today - bought.last).days, bought.doubled_median):
        return "overdue"
    if now * 10 >= before * GROWN_TENTHS:
        return "grown"
    return "steady"


def stage(bought: Pattern, now: int, before: int, today: date, period: int) -> str:
    """The stage by the rule of one day, without waiting for a second one.

    Arguments are those of :func:`reason`.
    """
    return STAGE_OF[reason(bought, now, before, today, period)]


class Course(NamedTuple):
    """The stage of a customer, and one that may follow."""

    stage: str
    #: what the rule said last, where it is not the stage, and the first day that it did
    candidate: str | None = None
    since: date | None = None


def follow(course: Course | None, ruled: str, today: date) -> Course:
    """The stage after one more day.

    A new stage has to hold on two days in a row: days count, not how often a day is
    computed. A customer without a stage has the first one at once.

    :param course: after the day before, or of an earlier computation of the same day
    :param ruled: what the rule says of ``today``
    """
    if course is None or ruled == course.stage:
        return Course(ruled)
    if ruled != course.candidate:
        return Course(course.stage, ruled, today)
    if course.since < today:
        return Course(ruled)
    return course

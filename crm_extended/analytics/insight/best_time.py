"""At which weekday and hour a customer answers calls, writes, or buys.

Contacts are counted in cells, a weekday (Monday is 0) and an hour of the customer's wall
clock, as ``hits`` out of ``tries``. Of calls a try is a call and a hit one that was
answered. What customers do on their own, such as writing or buying, has no failures: each
is a try that hits, and what counts is the share that lies in a window.

A window is two hours of a weekday. How good it is for a customer is estimated from few
contacts, so it is drawn towards what is known of all customers (empirical Bayes with a
fixed weight of the prior: G. Casella, An Introduction to Empirical Bayes Data Analysis,
The American Statistician 39 (1985)).
"""

from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime, time, timedelta
from math import exp, lgamma, log, log1p
from typing import NamedTuple

from ..common.clock import at_wall_clock, wall_clock
from ..common.intervals import ALPHA
from ..consent.schedule import is_quiet

WEEKDAYS, HOURS = range(7), range(24)
#: Hours of a window.
WIDTH = 2
#: What is known of all customers weighs as much as so many contacts of the customer.
PRIOR = 5
#: With fewer contacts of their own, customers get the best time of all customers.
LEAST_OWN = 5
#: With fewer contacts of all customers together there is no best time at all.
LEAST_ALL = 20
#: Windows in which all customers together have fewer tries are never chosen, unless the
#: customer has been called then.
LEAST_IN_WINDOW = 3

Cells = Mapping[tuple[int, int], tuple[float, float]]


class Window(NamedTuple):
    """The best window, with the contacts it was chosen by."""

    weekday: int
    #: at which it begins
    hour: int
    #: whether it was chosen by the customer's own contacts, or by those of all customers
    is_own: bool
    #: the customer's contacts in the window, and
    hits: int
    tries: int
    #: at other times
    other_hits: int
    other_tries: int
    #: whether chance would hardly make one of the windows as good as this one
    is_clear: bool


class _Sums(NamedTuple):
    hits: float
    tries: float


def allowed_cells(
    quiet_from: time | None, quiet_to: time | None, weekdays: Collection[int]
) -> frozenset[tuple[int, int]]:
    """The cells of which no minute is quiet.

    :param weekdays: allowed days of the week
    """
    has_quiet = None not in (quiet_from, quiet_to) and quiet_from != quiet_to
    hours = [
        hour
        for hour in HOURS
        if not is_quiet(time(hour), quiet_from, quiet_to)
        and not (has_quiet and quiet_from.hour == hour and quiet_from > time(hour))
    ]
    return frozenset(
        (day, hour) for day in WEEKDAYS if day in weekdays for hour in hours
    )


ALWAYS = allowed_cells(None, None, WEEKDAYS)


def best_window(
    own: Cells,
    everyone: Cells,
    has_failures: bool,
    allowed: Collection[tuple[int, int]] = ALWAYS,
) -> Window | None:
    """The window in which contacts with a customer go best.

    Of calls it is the one with the highest rate of answers,
    ``(hits + PRIOR × p) / (tries + PRIOR)``, where p is the rate that the window has for
    all customers. Of a customer who answers less often than they do, it is that rate times
    answers over expected answers, ``(Σ hits + PRIOR) / (Σ tries × rate + PRIOR)`` (R. J.
    Marshall, Mapping disease and mortality rates using empirical Bayes estimators, Applied
    Statistics 40 (1991)): or else any hour at which they were never called would look
    better than the others.

    Otherwise it is the one with the highest share, ``(hits + PRIOR × p) / (Σ hits +
    PRIOR)``, with p the share of all customers: the mean of a Dirichlet distribution.

    Of equally good windows the one with more contacts is taken, of the customer and then
    of all, and then the earliest.

    :param own: contacts of the customer
    :param everyone: contacts of all customers, the customer among them or not
    :param has_failures: whether contacts can fail, as calls
    :param allowed: cells that may be chosen; all hours of a window have to be
    :return: None where too little is known of all customers, or nothing is allowed
    """
    all_sums, own_sums = _sum(everyone), _sum(own)
    if all_sums.tries < LEAST_ALL or not all_sums.hits:
        return None
    is_own = own_sums.tries >= LEAST_OWN
    windows, partly = {}, {}
    for weekday in WEEKDAYS:
        for hour in range(len(HOURS) - WIDTH + 1):
            cells = [(weekday, hour + later) for later in range(WIDTH)]
            if not all(cell in allowed for cell in cells):
                continue
            mine, all_ = _sum(own, cells), _sum(everyone, cells)
            if (is_own and mine.tries) or all_.tries >= LEAST_IN_WINDOW:
                is_known = all(
                    cell in everyone or (is_own and cell in own) for cell in cells
                )
                (windows if is_known else partly)[weekday, hour] = mine, all_
    chosen = dict(windows)
    # An hour together with one at which there never was a contact, only where it has no
    # other neighbor.
    for (weekday, hour), sums in partly.items():
        if not windows.keys() & {(weekday, hour - 1), (weekday, hour + 1)}:
            chosen[weekday, hour] = sums
    if not chosen:
        return None
    known = own_sums if is_own else _Sums(0, 0)
    expected = _expectation(own if is_own else {}, everyone, has_failures)

    def goodness(place):
        mine, all_ = chosen[place]
        mine = mine if is_own else _Sums(0, 0)
        total = mine.tries if has_failures else known.hits
        value = (mine.hits + PRIOR * expected(all_)) / (total + PRIOR)
        weekday, hour = place
        # What differs by rounding alone is equal.
        return round(value, 9), mine.hits, all_.hits, -weekday, -hour

    weekday, hour = best = max(chosen, key=goodness)
    mine, all_ = chosen[best]
    window = Window(
        weekday=weekday,
        hour=hour,
        is_own=is_own,
        hits=int(mine.hits),
        tries=int(mine.tries),
        other_hits=int(own_sums.hits - mine.hits),
        other_tries=int(own_sums.tries - mine.tries),
        is_clear=False,
    )
    if not is_own:
        return window
    if has_failures:
        chance = hypergeometric_tail(
            window.hits, window.tries, int(own_sums.hits), int(own_sums.tries)
        )
    else:
        chance = binomial_tail(
            window.hits, int(own_sums.hits), all_.hits / all_sums.hits
        )
    # The best of so many windows is good by chance more easily than any one of them
    # (Bonferroni).
    return window._replace(is_clear=chance * len(chosen) < ALPHA)


def next_start(
    weekday: int, hour: int, moment: datetime, zone: str, days: int = 7
) -> datetime | None:
    """The next moment, from the given one on, that lies in a window.

    :param moment: UTC, naive; where it lies in the window, it is the answer
    :param zone: IANA name, of the window's wall clock
    :param days: how far ahead; a week has every window
    :return: UTC, naive; None where the window comes later than that
    """
    today = wall_clock(moment, zone).date()
    first = today + timedelta(days=(weekday - today.weekday()) % 7)
    for day in (first, first + timedelta(days=7)):
        start, end = bounds(day, hour, zone)
        # Where the clocks leave the window out, it begins and ends with the gap.
        if moment < end or moment <= start:
            start = max(moment, start)
            return start if start <= moment + timedelta(days=days) else None
    return None


def bounds(day: date, hour: int, zone: str) -> tuple[datetime, datetime]:
    """When a window of a day begins and ends: UTC, naive."""
    start = datetime.combine(day, time(hour))
    end = start + timedelta(hours=WIDTH)
    return at_wall_clock(start, zone), at_wall_clock(end, zone)


def without_days(
    allowed: Collection[tuple[int, int]], quiet_days: Collection[date], today: date
) -> frozenset[tuple[int, int]]:
    """Allowed cells without the weekdays whose next day, today or later, is quiet.

    :param today: day of the zone's calendar
    """
    quiet = {day.weekday() for day in quiet_days if timedelta() <= day - today < _WEEK}
    return frozenset(cell for cell in allowed if cell[0] not in quiet)


_WEEK = timedelta(days=7)


def binomial_tail(hits: int, tries: int, share: float) -> float:
    """How likely it is that so many tries or more hit, each with the same probability.

    :param share: that probability, 0 to 1
    """
    if hits <= 0:
        return 1.0
    if share <= 0 or share >= 1:
        return float(share >= 1)
    odds = log(share), log1p(-share)
    terms = (
        _log_choose(tries, number) + number * odds[0] + (tries - number) * odds[1]
        for number in range(hits, tries + 1)
    )
    return min(sum(map(exp, terms)), 1.0)


def hypergeometric_tail(hits: int, tries: int, all_hits: int, all_tries: int) -> float:
    """How likely it is that so many hits or more fall to some of all tries, if all are
    alike: Fisher's exact test, one-sided.

    :param tries: of the window
    :param all_hits: of all times, the window among them
    """
    total = _log_choose(all_tries, tries)
    most = min(tries, all_hits)
    least = max(hits, tries + all_hits - all_tries)
    terms = (
        _log_choose(all_hits, number)
        + _log_choose(all_tries - all_hits, tries - number)
        - total
        for number in range(least, most + 1)
    )
    return min(sum(map(exp, terms)), 1.0)


# -- Parts


def _sum(cells: Cells, which=None) -> _Sums:
    pairs = (
        cells.values()
        if which is None
        else (cells[cell] for cell in which if cell in cells)
    )
    hits = tries = 0
    for one_hits, one_tries in pairs:
        hits, tries = hits + one_hits, tries + one_tries
    return _Sums(hits, tries)


def _expectation(
    own: Cells, everyone: Cells, has_failures: bool
) -> Callable[[_Sums], float]:
    """What a window of these sums of all customers lets expect of the customer: a rate of
    calls that are answered, or a share of what they do.

    Windows of few calls are drawn towards the rate of all calls in the same way.
    """
    total = _sum(everyone)
    if not has_failures:
        return lambda sums: sums.hits / total.hits
    overall = total.hits / total.tries

    def rate(sums):
        return (sums.hits + PRIOR * overall) / (sums.tries + PRIOR)

    wanted = sum(
        tries * rate(_Sums(*everyone.get(cell, (0, 0))))
        for cell, (_hits, tries) in sorted(own.items())
    )
    level = min((_sum(own).hits + PRIOR) / (wanted + PRIOR), 1.0)
    return lambda sums: level * rate(sums)


def _log_choose(number: int, part: int) -> float:
    return lgamma(number + 1) - lgamma(part + 1) - lgamma(number - part + 1)

"""How often a customer buys a product, and when they need it again."""

from collections.abc import Iterable
from datetime import date, timedelta
from math import floor
from statistics import median
from typing import NamedTuple

# Purchase days from which on there is a rhythm: two gaps to take the median of.
LEAST_DAYS = 3


class Line(NamedTuple):
    """A line of a purchase; what is taken back is on the day of its purchase, with
    negative figures."""

    date: date
    quantity: float
    amount: float


class Habit(NamedTuple):
    """How a customer buys a product."""

    purchase_days: int
    #: of all lines
    quantity: float
    amount: float
    first_date: date
    last_date: date
    #: days, median of the gaps between purchase days; None without a rhythm
    interval_days: float | None
    #: median of the purchase days
    usual_quantity: float
    #: the interval after the last purchase; None without a rhythm
    due_date: date | None
    #: one more interval later: without a purchase until then, they have left the product
    due_until: date | None


def habit(lines: Iterable[Line]) -> Habit | None:
    """How a customer buys a product, out of all lines of it.

    A purchase day is one whose lines bring money, all in all.

    :return: None if there is no purchase day
    """
    lines = list(lines)
    sums = {}
    for line in lines:
        quantity, amount = sums.get(line.date, (0, 0))
        sums[line.date] = (quantity + line.quantity, amount + line.amount)
    days = sorted(day for day, (_quantity, amount) in sums.items() if amount > 0)
    if not days:
        return None
    interval = due = until = None
    if len(days) >= LEAST_DAYS:
        interval = float(
            median(
                (later - day).days for day, later in zip(days, days[1:], strict=False)
            )
        )
        rounded = timedelta(days=floor(interval + 0.5))
        due, until = days[-1] + rounded, days[-1] + 2 * rounded
    return Habit(
        purchase_days=len(days),
        quantity=sum(line.quantity for line in lines),
        amount=sum(line.amount for line in lines),
        first_date=days[0],
        last_date=days[-1],
        interval_days=interval,
        usual_quantity=float(median(max(sums[day][0], 0) for day in days)),
        due_date=due,
        due_until=until,
    )


def expected_quantity(habit: Habit, today: date, days: int) -> float:
    """What a customer is expected to buy of a product from today on, in so many days.

    The first purchase is on the day it is due, today where that has passed, and others
    follow by the usual interval; nothing where they have left the product.
    """
    if not habit.due_date or habit.due_until < today:
        return 0.0
    ahead = days - (max(habit.due_date, today) - today).days
    if ahead < 0:
        return 0.0
    return habit.usual_quantity * (1 + floor(ahead / habit.interval_days))

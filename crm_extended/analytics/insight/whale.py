"""What customers earn: the whale curve, and why some cost money.

Customers are sorted by profit, the most profitable first, and their profits added up. The
curve rises above the total where later customers cost money, and comes back down to it: a
whale that comes up for air. Shares are shares of the total of all; where that is zero or
negative there are none: ``None``.
"""

from collections.abc import Sequence
from decimal import Decimal
from itertools import accumulate
from math import fsum
from typing import NamedTuple

# A margin is unknown if more than this share of the revenue has no cost.
UNKNOWN_SHARE = 0.2
# The points that a curve is drawn through.
POINTS = 100


class Point(NamedTuple):
    """So many of the best customers earn this share of the total, a fraction of 1."""

    customers: int
    share: float


def exact(amount: float) -> Decimal:
    """Give an amount of money without the noise of floats, in which 0.07 is more than a
    fifth of 0.35, and 0.3 less 0.1 less 0.2 a loss. No currency has more digits."""
    return Decimal(f"{amount:.6f}")


def is_known(revenue: float, uncosted: float, limit: float = UNKNOWN_SHARE) -> bool:
    """Say whether enough of a customer's revenue has a cost.

    :param revenue: net of refunds
    :param uncosted: the part without cost, net: a deposit and its deduction are nothing
    :param limit: the largest part allowed; one that stands exactly on it is
    """
    return abs(exact(uncosted)) <= exact(limit) * abs(exact(revenue))


def loss_reason(sales: float, returns: float, service: float) -> str | None:
    """Say why a customer costs money: the first step that leads below zero.

    :param sales: margin of what was sold
    :param returns: margin of what was taken back, mostly negative
    :param service: cost of service, positive
    :return: ``price``, ``returns`` or ``service``; ``None`` where nothing is lost
    """
    bought, left = exact(sales), exact(sales) + exact(returns)
    if left >= exact(service):
        return None
    if bought < 0:
        return "price"
    return "returns" if left < 0 else "service"


def curve(profits: Sequence[float], points: int = POINTS) -> list[Point]:
    """Give the whale curve.

    :param profits: of each customer, in any order
    :param points: at most so many after the origin, evenly spread; the peak is one more
    :return: from no customer to all of them; empty where there is no total to share
    """
    total = fsum(profits)
    if total <= 0:
        return []
    ranked = sorted(profits, reverse=True)
    sums = [0.0, *accumulate(ranked)]
    count = len(ranked)
    # The peak is after the last customer who earns something.
    wanted = {0, count, sum(profit > 0 for profit in ranked)}
    wanted |= {-(-count * step // points) for step in range(points + 1)}
    found = [Point(number, sums[number] / total) for number in sorted(wanted)]
    return [*found[:-1], Point(count, 1.0)]


def peak(profits: Sequence[float]) -> Point | None:
    """Give the highest point of the curve: all who earn something.

    :return: its share is at least 1; ``None`` where there is no total to share
    """
    total = fsum(profits)
    if total <= 0:
        return None
    earning = [profit for profit in profits if profit > 0]
    return Point(len(earning), fsum(earning) / total)

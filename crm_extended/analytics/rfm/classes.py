"""A, B and C customers: classes by what they add up to.

The ABC analysis of customers, as textbooks have it: sort the customers by revenue, the
highest first, and add up. Class A is the smallest group that brings the first limit
(usually 80%) of the total, class B goes on to the second limit (usually 95%), and C is
everyone else. A customer is in the class in which their revenue *begins*: the
customer who crosses a limit still belongs to the class before it, so the best customer
is always an A, even where they alone bring 99%.

Customers of equal revenue are ranked by who was entered first, as everywhere in the
report, so two of them may be on both sides of a limit. Customers whose revenue is zero
or negative (more refunds than purchases) are always in C: at their place the sum has
reached the total. Where the total is zero or negative there are no shares and
so no classes.
"""

from collections.abc import Sequence
from itertools import accumulate
from math import fsum
from typing import NamedTuple

from .pareto import share_of

CLASSES = ("A", "B", "C")
# In percent of the revenue: the ends of A and B.
DEFAULT_LIMITS = (80, 95)


class Class(NamedTuple):
    """One class of the customers; shares are fractions of 1."""

    name: str
    customers: int
    customer_share: float
    revenue: float
    share: float


def are_limits(first: float, second: float) -> bool:
    """Whether two percentages leave room for three classes."""
    return 0 < first < second < 100


def class_sizes(amounts: Sequence[float], limits=DEFAULT_LIMITS) -> list[int] | None:
    """Count the customers of each class.

    :param amounts: revenue of each customer, the highest first
    :param limits: the ends of A and B, in percent of the total
    :return: the numbers of A, B and C; ``None`` where the total is not positive
    """
    total = fsum(amounts)
    if total <= 0:
        return None
    # A hair less: 80% reached exactly must not fail for the last bit of a sum.
    ends = [total * limit / 100 * (1 - 1e-12) for limit in limits]
    sizes = [0, 0, 0]
    before = accumulate(amounts, initial=0.0)
    for amount, start in zip(amounts, before, strict=False):
        place = sum(end <= start for end in ends) if amount > 0 else 2
        sizes[place] += 1
    return sizes


def classes(amounts: Sequence[float], limits=DEFAULT_LIMITS) -> list[Class]:
    """Sum up the customers of each class.

    :param amounts: revenue of each customer, the highest first
    :return: three rows, or none where the total is not positive
    """
    sizes = class_sizes(amounts, limits)
    if sizes is None:
        return []
    total = fsum(amounts)
    rows, start = [], 0
    for name, size in zip(CLASSES, sizes, strict=True):
        revenue = fsum(amounts[start : start + size])
        rows.append(
            Class(name, size, size / len(amounts), revenue, share_of(revenue, total))
        )
        start += size
    return rows

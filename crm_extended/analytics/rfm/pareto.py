"""How revenue spreads over customers: tenths, cumulated shares, the 80/20 figure.

The Pareto (or ABC) analysis of customers: sort them by revenue, the best first, cut
them in ten groups of equal size, and see how much of the revenue each group brings.

Conventions, the same wherever tenths are shown:

* Customer number ``rank`` of ``count`` (1 is the best) stands in tenth
  ``1 + (10 * (rank - 1)) // count``: the one that begins before or with him. Sizes of
  tenths differ by one at most, the best customer is always in the first tenth, and with
  fewer than ten customers some tenths are empty.
* Who comes first among customers of equal revenue changes no share of a whole list,
  but may decide who is in a tenth: callers sort by the customer's id then, the older
  record first.
* Shares are shares of the total, net of refunds. A customer with more refunds than
  purchases has a negative share, and the cumulated share passes 1 before it comes back
  to it. Where the total is zero or negative there are no shares: ``None``.
"""

from collections.abc import Sequence
from itertools import accumulate
from math import fsum
from typing import NamedTuple

TENTHS = 10


class Tenth(NamedTuple):
    """One tenth of the customers; shares are fractions of 1."""

    number: int
    customers: int
    revenue: float
    share: float | None
    cumulated: float | None
    mean: float | None


def tenth_of(rank: int, count: int) -> int:
    """The tenth that a customer is in.

    :param rank: 1 for the best customer
    :param count: number of customers
    :raise ValueError: if there is no customer of that rank
    """
    if not 1 <= rank <= count:
        raise ValueError(f"There is no customer number {rank} of {count}.")
    return 1 + TENTHS * (rank - 1) // count


def tenths(amounts: Sequence[float]) -> list[Tenth]:
    """Cut customers in tenths.

    :param amounts: revenue of each customer, the highest first
    :return: ten rows, also where there are fewer customers
    """
    count, total = len(amounts), fsum(amounts)
    # Number of customers before each edge: the first ranks of the tenths, less one.
    edges = [-(-edge * count // TENTHS) for edge in range(TENTHS + 1)]
    rows = []
    for number in range(1, TENTHS + 1):
        start, end = edges[number - 1], edges[number]
        revenue = fsum(amounts[start:end])
        rows.append(
            Tenth(
                number=number,
                customers=end - start,
                revenue=revenue,
                share=share_of(revenue, total),
                cumulated=share_of(fsum(amounts[:end]), total),
                mean=revenue / (end - start) if end > start else None,
            )
        )
    return rows


def customers_for(amounts: Sequence[float], percent: int = 80) -> int | None:
    """Say how many of the best customers it takes to bring a part of the revenue.

    :param amounts: revenue of each customer, the highest first
    :param percent: the part, in percent of the total
    :return: the smallest number, ``None`` where the total is not positive
    """
    total = fsum(amounts)
    if total <= 0:
        return None
    # A hair less: 80 % reached exactly must not fail for the last bit of a sum.
    wanted = total * percent / 100 * (1 - 1e-12)
    for number, cumulated in enumerate(accumulate(amounts), start=1):
        if cumulated >= wanted:
            return number
    return len(amounts)


def share_of_best(amounts: Sequence[float], percent: int = 20) -> float | None:
    """Say which share of the revenue the best customers bring.

    :param amounts: revenue of each customer, the highest first
    :param percent: how many customers, in percent of all, rounded up to a whole one
    :return: a fraction of 1, ``None`` where the total is not positive
    """
    best = -(-len(amounts) * percent // 100)
    return share_of(fsum(amounts[:best]), fsum(amounts))


def share_of(part: float, total: float) -> float | None:
    """Give a part as a fraction of a total, ``None`` where that is not positive."""
    return part / total if total > 0 else None

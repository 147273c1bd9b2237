"""How customers are ranked: what is at stake, times how pressing their reasons are.

Each reason has a weight between 0 and 1, and several of them press more than one:
``1 - (1 - w1) * (1 - w2) * …``. Logarithms make a sum of the product, and whole numbers
make that sum the same in any order, so that equal customers have equal ranks.
"""

from collections.abc import Iterable
from math import exp, log1p

# Logarithms are kept as whole numbers of this fraction.
SCALE = 10**12
# The smallest logarithm: what is left by a weight of 1 is nothing, also beside others.
LOWEST = -700 * SCALE


def log_rest(weight: float) -> int:
    """The logarithm of what a weight leaves, scaled.

    >>> log_rest(0)
    0
    >>> log_rest(1) == LOWEST
    True
    """
    weight = min(max(weight, 0.0), 1.0)
    return LOWEST if weight == 1 else max(round(log1p(-weight) * SCALE), LOWEST)


def pressure(logs: Iterable[int]) -> float:
    """How pressing reasons are together, from 0 to 1.

    :param logs: what :func:`log_rest` gives for each of them

    >>> round(pressure([log_rest(0.8), log_rest(0.5)]), 6)
    0.9
    >>> pressure([log_rest(1), log_rest(1), log_rest(0.3)])
    1.0
    >>> pressure([])
    0.0
    """
    return 1 - exp(max(sum(logs), LOWEST) / SCALE)


def rank(money: float, logs: Iterable[int]) -> float:
    """What a customer is ranked by.

    >>> round(rank(1000, [log_rest(0.3)]), 6)
    300.0
    """
    return money * pressure(logs)


def usual_gap(days: Iterable[int], least: int = 3) -> float | None:
    """The usual number of days between contacts: the median of the gaps.

    :param days: ordinals of days, any order
    :param least: number of different days from which a rhythm can be told

    >>> usual_gap([10, 40, 70])
    30
    >>> usual_gap([70, 10, 40, 40, 200])
    30
    >>> usual_gap([1, 2]) is None
    True
    """
    ordered = sorted(set(days))
    if len(ordered) < least:
        return None
    gaps = sorted(later - day for day, later in zip(ordered, ordered[1:], strict=False))
    # The lower one of two in the middle.
    return gaps[(len(gaps) - 1) // 2]

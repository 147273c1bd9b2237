"""The satisfaction index, what drives it, and how sure it and the net promoter score are.

* Index: C. Fornell et al., The American Customer Satisfaction Index, Journal of Marketing
  60 (1996): three answers on a scale of 1 to 10 (satisfaction, expectations met, closeness
  to the ideal), weighted, and put on a scale of 0 to 100.
* Its interval: Student's t for the mean of the indexes of single people.
* Interval of the net promoter score: D. G. Bonett and R. M. Price, Adjusted Wald confidence
  interval for a difference of binomial proportions based on paired data, Journal of
  Educational and Behavioral Statistics 37 (2012): two answers are added, a promoter and a
  detractor. Promoters minus detractors is such a difference, as no one is both.
* Drivers: least squares of the index on the other answers, all of them standardized.

Intervals are 95%.
"""

from collections.abc import Hashable, Mapping, Sequence
from decimal import Decimal
from math import sqrt
from numbers import Real
from typing import NamedTuple

from ..common.intervals import Z, t_quantile

#: Groups with fewer answers are not shown.
LEAST_ANSWERS = 5

#: Fewer complete answers say nothing about what drives the index.
LEAST_FOR_DRIVERS = 30

#: Scale of the answers.
LOWEST, HIGHEST = 1, 10

#: Weights of satisfaction, expectations met and closeness to the ideal.
DEFAULT_WEIGHTS = (0.34, 0.33, 0.33)

# How far weights may be from 1 in all: a third can only be typed in rounded.
_TOLERANCE = 1e-3


def weights_sum_to_one(weights: Sequence[float]) -> bool:
    """Whether these are weights: none below zero, and 1 together."""
    return all(weight >= 0 for weight in weights) and (
        abs(sum(weights) - 1) <= _TOLERANCE
    )


def index(answers: Sequence[float], weights: Sequence[float]) -> float:
    """The satisfaction index of three answers, or of the means of many:
    Σ w · (x - 1) / 9 · 100, by :data:`DEFAULT_WEIGHTS` in this order.

    :param answers: 1 to 10
    :param weights: their sum is taken as 1
    :return: 0 (all answers 1) to 100 (all answers 10)
    :raise ValueError: for answers outside the scale, and without any weight
    """
    if not all(LOWEST <= answer <= HIGHEST for answer in answers):
        raise ValueError(f"Answers are {LOWEST} to {HIGHEST}.")
    total = sum(weights)
    if not total > 0 or min(weights) < 0:
        raise ValueError("Weights are not negative, and not all of them zero.")
    points = sum(
        weight * (answer - LOWEST)
        for weight, answer in zip(weights, answers, strict=True)
    )
    value = 100 * points / total / (HIGHEST - LOWEST)
    return min(max(value, 0.0), 100.0)


def mean_interval(
    count: int, total: Real | Decimal, squares: Real | Decimal, low=0.0, high=100.0
) -> tuple[float, float] | None:
    """The interval of a mean, by Student's t, within the scale.

    :param count: how many values
    :param total: their sum
    :param squares: the sum of their squares
    :return: None for fewer than two values
    """
    if count < 2:
        return None
    mean = total / count
    variance = max(squares - total * mean, 0) / (count - 1)
    spread = t_quantile(count - 1) * sqrt(variance / count)
    return max(float(mean) - spread, low), min(float(mean) + spread, high)


def nps_interval(
    promoters: int, detractors: int, count: int
) -> tuple[float, float] | None:
    """The interval of a net promoter score, -100 to 100.

    :param count: all who answered
    :return: None without answers
    """
    if not count:
        return None
    if min(promoters, detractors) < 0 or promoters + detractors > count:
        raise ValueError("There are not so many answers.")
    most, least = (promoters + 1) / (count + 2), (detractors + 1) / (count + 2)
    difference = most - least
    spread = Z * sqrt((most + least - difference**2) / (count + 2))
    return (
        100 * max(difference - spread, -1.0),
        100 * min(difference + spread, 1.0),
    )


def shown_groups(
    counts: Mapping[Hashable, int], least: int = LEAST_ANSWERS
) -> set[Hashable]:
    """The groups that may be shown beside the figure of all of them.

    Groups below the least number of answers are not. If these have fewer together, the
    figure of all and those of the others would give theirs away; then the smallest of the
    others is not shown, either.

    :param counts: answers by group
    """
    by_size = sorted(
        (key for key in counts if counts[key] >= least), key=lambda key: counts[key]
    )
    hidden = sum(count for count in counts.values() if count < least)
    while 0 < hidden < least and by_size:
        hidden += counts[by_size.pop(0)]
    return set(by_size)


class Drivers(NamedTuple):
    """What moves the index, all other blocks being equal."""

    #: standardized regression weights by block
    weights: dict[str, float]
    #: complete answers
    count: int
    #: share of the index's variance that the blocks explain
    r_squared: float | None
    #: blocks that were left out: too few answers, or all of them equal
    left_out: list[str]
    #: None; ``few`` answers, ``equal`` (the index never changes) or ``singular`` (blocks
    #: that say the same)
    reason: str | None


def drivers(
    indexes: Sequence[float], blocks: Mapping[str, Sequence[float | None]]
) -> Drivers:
    """Standardized regression weights of the blocks on the index.

    Only people who answered about all of the blocks count. A block about which fewer than
    :data:`LEAST_FOR_DRIVERS` of them said something is left out first, so that a question
    that was added or deleted does not take all others away.

    :param indexes: of each person
    :param blocks: answers by name, None where there is none
    :raise ImportError: without numpy
    """
    import numpy as np

    names, left_out = [], []
    for name, answers in blocks.items():
        given = sum(answer is not None for answer in answers)
        (names if given >= LEAST_FOR_DRIVERS else left_out).append(name)
    rows = [
        (value, *answers)
        for value, *answers in zip(
            indexes, *(blocks[name] for name in names), strict=True
        )
        if None not in answers
    ]
    count = len(rows)
    if not names or count < LEAST_FOR_DRIVERS:
        return Drivers({}, count if names else 0, None, left_out, "few")
    table = np.array(rows, dtype=float)
    varies = np.ptp(table, axis=0) > 0
    left_out += [
        name for name, changes in zip(names, varies[1:], strict=True) if not changes
    ]
    names = [name for name, changes in zip(names, varies[1:], strict=True) if changes]
    if not varies[0]:
        return Drivers({}, count, None, left_out, "equal")
    if not names:
        return Drivers({}, count, None, left_out, "few")
    table = table[:, varies]
    table = (table - table.mean(axis=0)) / table.std(axis=0, ddof=1)
    target, parts = table[:, 0], table[:, 1:]
    found, _residuals, rank, _values = np.linalg.lstsq(parts, target, rcond=1e-9)
    if rank < len(names):
        return Drivers({}, count, None, left_out, "singular")
    rest = target - parts @ found
    r_squared = 1 - float(rest @ rest) / float(target @ target)
    weights = dict(zip(names, map(float, found), strict=True))
    return Drivers(weights, count, max(r_squared, 0.0), left_out, None)

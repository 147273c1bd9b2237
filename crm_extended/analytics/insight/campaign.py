"""Which score foretold who would respond to a campaign, and rates of groups.

Without Odoo, and the standard library alone.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from ..common.intervals import Z, wilson

# Groups of fewer customers than this are not shown: chance decides there.
LEAST_CUSTOMERS = 5


@dataclass(frozen=True)
class Rate:
    """A share of customers with its 95% interval."""

    share: float
    low: float
    high: float


def rate(responded: int, reached: int) -> Rate | None:
    """The response rate of a group with Wilson's interval; none of too few customers."""
    if reached < LEAST_CUSTOMERS:
        return None
    return Rate(responded / reached, *wilson(responded, reached))


@dataclass(frozen=True)
class Foretelling:
    """How well a score foretold the response.

    :ivar auc: of two customers, one who responded and one who did not, the probability
        that the one who responded had the higher score; equal scores count half
    :ivar low: lower end of its 95% interval
    :ivar high: upper end of it
    """

    auc: float
    low: float
    high: float

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves out one half, which is chance."""
        return self.low > 0.5 or self.high < 0.5

    @property
    def strength(self) -> float:
        """0 for chance, 1 for certain, in either direction."""
        return abs(2 * self.auc - 1)


def foretelling(groups: Sequence[tuple[int, int, int]]) -> Foretelling | None:
    """The area under the ROC curve of a score, by the statistic of Mann and Whitney, with
    the interval of Hanley and McNeil (1982).

    :param groups: score, customers reached, and how many of them responded; several groups
        with one score are one
    :return: nothing where all responded, or none
    :raise ValueError: if more responded than were reached
    """
    counts = defaultdict(lambda: [0, 0])
    for score, reached, positive in groups:
        if not 0 <= positive <= reached:
            raise ValueError("more responded than were reached")
        counts[score][0] += positive
        counts[score][1] += reached - positive
    responded = others = won = 0
    # Pairs, in the order of the score; ties count half.
    for _score, (positive, negative) in sorted(counts.items()):
        won += positive * others + positive * negative / 2
        responded += positive
        others += negative
    if not responded or not others:
        return None
    auc = won / (responded * others)
    # Of the exponential model of the two authors: the probability that two who responded
    # both stand above one who did not, and the reverse.
    both = auc / (2 - auc)
    one = 2 * auc * auc / (1 + auc)
    variance = (
        auc * (1 - auc)
        + (responded - 1) * (both - auc * auc)
        + (others - 1) * (one - auc * auc)
    ) / (responded * others)
    spread = Z * sqrt(max(variance, 0.0))
    return Foretelling(auc, max(auc - spread, 0.0), min(auc + spread, 1.0))


def best_score(scores: dict[str, Foretelling | None]) -> tuple[str | None, bool]:
    """The score that foretold the response best.

    :param scores: by name
    :return: its name, none where chance can explain all of them; and whether its interval
        lies apart from those of all others
    """
    clear = {name: one for name, one in scores.items() if one and one.is_clear}
    if not clear:
        return None, False
    name = max(clear, key=lambda each: clear[each].strength)
    best = clear[name]
    apart = all(
        other.high < best.low or other.low > best.high
        for each, other in scores.items()
        if other and each != name
    )
    return name, apart

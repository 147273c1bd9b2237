"""Traits that are more frequent among the best customers than among all.

Without Odoo, and the standard library alone.
"""

from dataclasses import dataclass

from ..common.intervals import wilson

# Values of fewer customers than this are not shown: chance decides there.
LEAST_CUSTOMERS = 5


@dataclass(frozen=True)
class Lift:
    """How one value of a trait is spread.

    :ivar share_best: share of the best customers who have the value
    :ivar share_all: share of all customers who have it, the best among them
    :ivar lift: the first divided by the second; 1 where both are the same
    :ivar low: lower end of the 95% interval of the lift
    :ivar high: upper end of it
    """

    share_best: float
    share_all: float
    lift: float
    low: float
    high: float

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves out 1, so that chance is an unlikely reason."""
        return self.low > 1 or self.high < 1


def lift(best_with: int, with_it: int, best: int, total: int) -> Lift | None:
    """The lift of a value, with an interval.

    The share of the best who have it, divided by the share of all who have it, equals the
    share of the best among those who have it, divided by the share of the best among all.
    The interval is Wilson's of that first share, divided by the same: so it depends on how
    many customers have the value.

    :param best_with: the best customers who have the value
    :param with_it: all customers who have it
    :param best: all of the best
    :param total: all customers
    :return: nothing where too few have it, or where there are none who are best
    :raise ValueError: if the numbers cannot be
    """
    if not 0 <= best_with <= min(with_it, best) or max(with_it, best) > total:
        raise ValueError("a part is larger than the whole")
    if with_it < LEAST_CUSTOMERS or not best:
        return None
    share_best, share_all = best_with / best, with_it / total
    low, high = wilson(best_with, with_it)
    of_all = best / total
    return Lift(
        share_best, share_all, share_best / share_all, low / of_all, high / of_all
    )

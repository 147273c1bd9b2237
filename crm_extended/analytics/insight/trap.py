"""The satisfaction trap: customers who are satisfied, and do not buy again."""

from .lifecycle import UNUSUAL

#: Ratings from 1 to 5, answers from 0 to 10, and perceived over expected, from which on a
#: customer is satisfied.
LEAST_RATING, LEAST_NPS, LEAST_RATIO = 4, 9, 0.9

#: Below this probability a customer is not expected to buy again.
LEAST_ACTIVE = 0.3


def is_satisfied(rating: float | None, nps: int | None, ratio: float | None) -> bool:
    """Whether one of the answers says so; None where there is none.

    :param rating: 1 to 5
    :param nps: 0 to 10
    :param ratio: perceived over expected
    """
    return (
        (rating is not None and rating >= LEAST_RATING)
        or (nps is not None and nps >= LEAST_NPS)
        or (ratio is not None and ratio >= LEAST_RATIO - 1e-9)
    )


def is_away(
    days_since: int, median_interval: float | None, p_active: float | None
) -> bool:
    """Whether a customer does not buy again: the last purchase is longer ago than twice
    their own median interval, or they are probably gone.

    :param median_interval: days; None for one purchase day
    :param p_active: 0 to 1; None without a model
    """
    is_late = bool(median_interval) and days_since > UNUSUAL * median_interval
    return is_late or (p_active is not None and p_active < LEAST_ACTIVE)

"""Cut points as ranges that people can read: "up to 5 days", "up to 19", "over 90"."""

import math
from collections.abc import Sequence
from typing import NamedTuple

# Cut points are floats: 0.1 + 0.2 is meant to be 0.3.
TOLERANCE = 1e-6


class Range(NamedTuple):
    """The values that get one score."""

    score: int
    # Values are above this one; ``None`` for the lowest values.
    above: float | None
    # Up to and including this one; ``None`` for the highest values.
    up_to: float | None


def floor_to(value: float, unit: float) -> float:
    """The largest multiple of the unit up to the value.

    :param unit: the step between values, as 1 for days and 0.01 for dollars
    """
    steps = value / unit
    nearest = round(steps)
    close = abs(steps - nearest) <= TOLERANCE
    return round((nearest if close else math.floor(steps)) * unit, 10)


def ranges(
    cuts: Sequence[float],
    *,
    unit: float = 1.0,
    lowest: float | None = None,
    falling: bool = False,
) -> list[Range]:
    """Say which values get which score, the lowest values first.

    A score is 1 plus the number of cut points strictly below a value, so a value on a
    cut point belongs to the range that ends there. Cut points between two possible
    values mean the lower one: up to 5.4 days is up to 5 days. Scores that no value can
    get are left out: those between equal cut points, where many customers are equal,
    and those that end below the lowest possible value.

    :param cuts: one less than there are scores, in any order; none without customers
    :param unit: the step between possible values
    :param lowest: the lowest possible value, if there is one
    :param falling: whether low values get high scores, as days since the last purchase
    :raise ValueError: if a cut point is infinite or no number
    """
    if not all(map(math.isfinite, cuts)):
        raise ValueError("Cut points must be finite numbers")
    if not cuts:
        return []
    ends = [floor_to(cut, unit) for cut in sorted(cuts)]
    found = []
    above = None
    for place, end in enumerate([*ends, None]):
        score = len(ends) + 1 - place if falling else place + 1
        impossible = end is not None and (
            (above is not None and end <= above)
            or (lowest is not None and end < lowest)
        )
        if impossible:
            continue
        found.append(Range(score, above, end))
        above = end
    return found

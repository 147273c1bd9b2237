"""Fixed cut points between scores: whether they will do, and which to suggest."""

import math
from collections.abc import Iterable, Sequence


def is_rising(values: Sequence[float]) -> bool:
    """Whether each value is a finite number above the one before it."""
    return all(map(math.isfinite, values)) and all(
        low < high for low, high in zip(values, values[1:], strict=False)
    )


def round_to(value: float, figures: int) -> float:
    """Round to so many significant figures: 1234.5 to two of them is 1200.

    :raise ValueError: if the value is infinite or no number
    """
    if not math.isfinite(value):
        raise ValueError(f"{value} cannot be rounded")
    if value == 0:
        return 0.0
    return float(f"{value:.{figures - 1}e}")


def suggest(cuts: Iterable[float], whole: bool = True) -> list[float]:
    """Make round, rising thresholds of cut points that neither need be.

    :param cuts: cut points, equal ones among them where many customers are equal
    :param whole: whether only whole numbers make sense, as for days and purchases;
        otherwise two significant figures
    :return: as many thresholds, each above the one before
    """
    thresholds = []
    for cut in sorted(cuts):
        value = float(round(cut)) if whole else round_to(cut, 2)
        if thresholds and value <= thresholds[-1]:
            # What is rounded to one number is moved apart again: by one, or by what
            # is one in the second figure.
            above = thresholds[-1]
            step = 1.0 if whole or not above else round_to(abs(above) / 10, 1)
            value = round(above + step, 10)
        thresholds.append(value)
    return thresholds

"""The highest point of a smooth function of a few parameters, within bounds."""

from collections.abc import Callable

import numpy as np

MOST_STEPS = 80
# The longest step, in a logarithm.
LONGEST = 2.0
# Where the next step promises less than this, in a log-likelihood, it is the last.
LEAST_GAIN = 1e-9
# Between two points at which gradients are compared.
SPAN = 1e-5


def maximize(
    function: Callable[[np.ndarray], tuple[float, np.ndarray]],
    start: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
) -> tuple[np.ndarray, float, np.ndarray]:
    """Climb by Newton's method, with steps that are shortened until they lead upwards, and
    second derivatives that are differences of gradients. Where the function curves
    upwards, the step goes along the gradient as far as the curve bends.

    :param function: gives the value and the gradient of a point; the value may be minus
        infinity or not a number, where it cannot be computed
    :return: the point, its value, and whether each parameter is at a bound that the
        function would climb beyond
    """
    point = np.clip(start, low, high)
    value, slope = function(point)
    radius = 1.0
    for _turn in range(MOST_STEPS):
        pressed = _is_pressed(point, slope, low, high)
        free = np.flatnonzero(~pressed)
        if not free.size:
            break
        step, promised = _step(function, point, slope, free, radius)
        target = np.clip(point + step, low, high)
        moved = target - point
        found, found_slope = function(target)
        # What rounding alone may take away, at a top that is as flat as that.
        noise = 1e-13 * abs(value)
        if np.isfinite(found) and found >= value - noise:
            is_last = promised < LEAST_GAIN + noise
            gained = found - value
            point, value, slope = target, found, found_slope
            if is_last:
                break
            if gained > 0.5 * promised:
                radius = min(2 * max(radius, np.abs(moved).max()), LONGEST)
        else:
            radius = np.abs(moved).max() / 4
            if radius < 1e-12:
                break
    return point, value, _is_pressed(point, slope, low, high)


def _is_pressed(point, slope, low, high) -> np.ndarray:
    return ((point <= low) & (slope < 0)) | ((point >= high) & (slope > 0))


def _step(function, point, slope, free, radius) -> tuple[np.ndarray, float]:
    """The next step, and the gain that it promises."""
    bend = np.empty((free.size, free.size))
    for row, index in enumerate(free):
        ahead = point.copy()
        ahead[index] += SPAN
        bend[row] = (function(ahead)[1] - slope)[free] / SPAN
    bend = (bend + bend.T) / 2
    curve, axes = np.linalg.eigh(bend)
    along = axes.T @ slope[free]
    # Towards the top along each axis; nowhere further than the radius.
    width = np.maximum(np.abs(curve), 1e-12 * max(np.abs(curve).max(), 1e-300))
    length = np.clip(along / width, -radius, radius)
    step = np.zeros_like(point)
    step[free] = axes @ length
    longest = np.abs(step).max()
    if longest > radius:
        step *= radius / longest
        length *= radius / longest
    promised = float(along @ length - (np.abs(curve) * length**2).sum() / 2)
    return step, promised

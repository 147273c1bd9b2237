"""The Gamma-Gamma model of amounts: log-likelihood of a customer with x purchases of m,

lnΓ(px + q) − lnΓ(px) − lnΓ(q) + q ln v + (px − 1) ln m + px ln x − (px + q) ln(v + mx)
"""

from math import lgamma

import numpy as np

from .histories import floats, grouped
from .newton import maximize

NAMES = ("p", "q", "v")
# v in units of the mean amount.
LOW, HIGH = 1e-5, 1e5
STARTS = ((6.0, 4.0, 1.0), (1.0, 2.0, 1.0), (2.0, 10.0, 5.0))
SAME = 1e-3


def fit_spend(x, m) -> dict:
    x, m = floats(x=x, m=m)
    is_used = (x > 0) & (m > 0)
    x, m = x[is_used], m[is_used]
    if not x.size:
        raise ValueError("No customer has repeat purchases with a positive amount.")
    scale = float(m.mean())
    likelihood = SpendLikelihood(x, m / scale)
    low, high = np.full(3, np.log(LOW)), np.full(3, np.log(HIGH))
    found = [
        maximize(likelihood, np.log(np.array(start)), low, high) for start in STARTS
    ]
    values = [value for _point, value, _pressed in found]
    point, value, pressed = found[int(np.argmax(values))]
    parameters = dict(zip(NAMES, map(float, np.exp(point)), strict=True))
    parameters["v"] *= scale
    return {
        **parameters,
        "log_likelihood": float(value - x.size * np.log(scale)),
        "agree": max(values) - min(values) <= SAME + 1e-9 * abs(value),
        "at_bound": [
            name for name, is_pressed in zip(NAMES, pressed, strict=True) if is_pressed
        ],
    }


def expected_spend(parameters, x, m):
    x, m = np.broadcast_arrays(np.asarray(x, dtype=float), np.asarray(m, dtype=float))
    p, q, v = (parameters[name] for name in NAMES)
    below = p * x + q - 1
    if (below <= 0).any():
        raise ValueError("The amounts have no mean: p · x + q is not above 1.")
    return (p * (v + x * m) / below)[()]


class SpendLikelihood:
    """The log-likelihood of all customers, and its gradient, by logarithms of parameters."""

    def __init__(self, x, m):
        # In the order of x, so that sums by it are sums of neighbors.
        (x, m), weight = grouped(x, m)
        self.spent = x * m
        self.numbers, self.first = np.unique(x, return_index=True)
        self.of_number = np.add.reduceat(weight, self.first)
        self.weight = None if (weight == 1).all() else weight
        self.total = weight.sum()
        self.log_m = weight @ np.log(m)
        self.log_spent = (weight * x) @ np.log(self.spent)

    def __call__(self, logs) -> tuple[float, np.ndarray]:
        p, q, v = np.exp(logs)
        shape = p * self.numbers
        above = v + self.spent
        by_number = self._by_number(np.log(above))
        gammas = [lgamma(each + q) - lgamma(each) for each in shape]
        value = self.of_number @ np.array(gammas)
        value += self.total * (q * np.log(v) - lgamma(q)) - self.log_m
        value += p * self.log_spent - (shape + q) @ by_number
        psi, both = digamma(shape), digamma(shape + q)
        slope_p = (self.of_number * self.numbers) @ (both - psi)
        slope_p += self.log_spent - self.numbers @ by_number
        slope_q = self.of_number @ both
        slope_q += (
            self.total * (np.log(v) - digamma(np.array([q]))[0]) - by_number.sum()
        )
        share = self._by_number(np.divide(1.0, above, out=above))
        slope_v = self.total * q / v - (shape + q) @ share
        return float(value), np.array([slope_p * p, slope_q * q, slope_v * v])

    def _by_number(self, values) -> np.ndarray:
        if self.weight is not None:
            values = values * self.weight
        return np.add.reduceat(values, self.first)


def digamma(values: np.ndarray) -> np.ndarray:
    """The derivative of lnΓ, of positive numbers: Abramowitz and Stegun 6.3.18, from 10 on,
    to where 6.3.5 leads."""
    values = values.astype(float)
    found = np.zeros_like(values)
    while (small := values < 10).any():
        found[small] -= 1 / values[small]
        values = np.where(small, values + 1, values)
    inverse = 1 / (values * values)
    series = inverse * (
        1 / 12
        - inverse
        * (1 / 120 - inverse * (1 / 252 - inverse * (1 / 240 - inverse * (5 / 660))))
    )
    return found + np.log(values) - 0.5 / values - series

"""Fitting a model of how often customers buy.

The log-likelihood of a customer, with ``k`` chances to leave (``x`` in BG/NBD, ``x + 1`` in
MBG/NBD), in a form in which nothing cancels out when parameters are very large:

    Σ_{j<x} ln(r + j) + r ln α − (r + x) ln(α + T) − Σ_{j<k} log1p(a / (b + j)) + ln D
    D = 1 + a / (b + k − 1) · ((α + T) / (α + tx))^(r + x)   (1 where k = 0)

All but the last term are sums over the purchases or the ages that there are, so each is
computed once for all customers who share them.
"""

import numpy as np

from .histories import check_kind, checked, grouped
from .newton import maximize

NAMES = ("r", "alpha", "a", "b")
# In units of the mean age, for alpha: the models say nothing beyond.
LOW, HIGH = 1e-5, 1e5
# r, alpha as a multiple of r / rate, a, b.
STARTS = ((1.0, 1.0, 0.5, 2.0), (0.3, 0.7, 0.1, 3.0), (3.0, 1.5, 1.0, 1.0))
# Starts agree that lead so close to one another, in a log-likelihood.
SAME = 1e-3
# Of more customers, starts are followed with about so many of them; all of them say where
# that ends.
SAMPLE = 15_000
# Logarithms of parameters that differ by less are one place in a sample.
NEAR = 0.02


def fit(kind, x, tx, T) -> dict:
    check_kind(kind)
    x, tx, T = checked(x, tx, T)
    scale = float(T.mean()) or 1.0
    likelihood = Likelihood(kind, x, tx / scale, T / scale)
    # Something to start from where no customer came back.
    rate = max(float(x.sum()), 0.5) / max(float(T.sum()) / scale, 1e-9)
    low, high = np.full(4, np.log(LOW)), np.full(4, np.log(HIGH))
    starts = [np.log([r, times * r / rate, a, b]) for r, times, a, b in STARTS]
    if x.size > 2 * SAMPLE:
        few = slice(None, None, x.size // SAMPLE)
        sample = Likelihood(kind, x[few], tx[few] / scale, T[few] / scale)
        starts = _follow(sample, starts, low, high)
    found = [maximize(likelihood, start, low, high) for start in starts]
    values = [value for _point, value, _pressed in found]
    point, value, pressed = found[int(np.argmax(values))]
    parameters = dict(zip(NAMES, map(float, np.exp(point)), strict=True))
    parameters["alpha"] *= scale
    return {
        **parameters,
        # The density of the purchases, in the unit that was given.
        "log_likelihood": float(value - x.sum() * np.log(scale)),
        "agree": max(values) - min(values) <= SAME + 1e-9 * abs(value),
        "at_bound": [
            name for name, is_pressed in zip(NAMES, pressed, strict=True) if is_pressed
        ],
    }


def _follow(likelihood, starts, low, high) -> list[np.ndarray]:
    """Where the starts lead with a sample, each place once. A start that leads to a bound
    stays where it was: with all customers there may be an optimum."""
    places = []
    for start in starts:
        point, _value, pressed = maximize(likelihood, start, low, high)
        if pressed.any():
            point = start
        if not any(np.abs(point - place).max() < NEAR for place in places):
            places.append(point)
    return places


class Likelihood:
    """The log-likelihood of all customers, and its gradient, by logarithms of parameters."""

    def __init__(self, kind, x, tx, T):
        self.more = 1 if kind == "mbg" else 0
        self.count = float(x.size)
        self.most = int(x.max())
        # How many customers made more than j repeat purchases, j = 0, 1, …
        self.beyond = self._beyond(x, self.most)
        self.chances = self._beyond(x + self.more, self.most + self.more)
        self.ages, code = np.unique(T, return_inverse=True)
        self.of_age = np.bincount(code).astype(float)
        self.bought_of_age = np.bincount(code, weights=x)
        # Those who had a chance to leave.
        can_leave = x + self.more > 0
        (x, tx, T), self.weight = grouped(x[can_leave], tx[can_leave], T[can_leave])
        self.x, self.tx = x, tx
        self.age = np.searchsorted(self.ages, T)
        self.ends, self.end = np.unique(tx, return_inverse=True)
        self.chance = (x + self.more).astype(np.int64) - 1

    @staticmethod
    def _beyond(x, most) -> np.ndarray:
        exactly = np.bincount(x.astype(np.int64), minlength=most + 1)
        return exactly[::-1].cumsum()[::-1][1:].astype(float)

    def __call__(self, logs) -> tuple[float, np.ndarray]:
        r, alpha, a, b = np.exp(logs)
        ones, chances = r + np.arange(self.most), b + np.arange(self.chances.size)
        later = alpha + self.ages
        with np.errstate(all="ignore"):
            exposed = r * self.of_age + self.bought_of_age
            value = self.beyond @ np.log(ones)
            value -= self.chances @ np.log1p(a / chances)
            value -= r * (self.of_age @ np.log1p(self.ages / alpha))
            value -= self.bought_of_age @ np.log(later)
            slope_r = self.beyond @ (1 / ones) - self.of_age @ np.log1p(
                self.ages / alpha
            )
            slope_alpha = self.count * r / alpha - exposed @ (1 / later)
            slope_a = -(self.chances @ (1 / (a + chances)))
            slope_b = self.chances @ (a / (chances * (a + chances)))
            if self.weight.size:
                ended = alpha + self.ends
                gap = np.log(later)[self.age] - np.log(ended)[self.end]
                power = r + self.x
                odds = power * gap
                odds += np.log(a / chances)[self.chance]
                logs_d = np.logaddexp(0.0, odds)
                value += self.weight @ logs_d
                odds -= logs_d
                left = np.exp(odds, out=odds)
                left *= self.weight
                slope_r += left @ gap
                power *= left
                slope_alpha += power @ ((1 / later)[self.age] - (1 / ended)[self.end])
                slope_a += left.sum() / a
                slope_b -= left @ (1 / chances)[self.chance]
        slope = np.array([slope_r * r, slope_alpha * alpha, slope_a * a, slope_b * b])
        return float(value), slope

"""What a fitted model of how often customers buy says of them.

Of a customer who is active, the rate of purchases is gamma distributed (r + x, α + T), and
the probability ``p`` to leave after each of them beta distributed (a, b + x), in MBG/NBD
(a, b + x + 1). So the expected purchases within t are, divided by the probability to be
active,

    E·D = E_p[(1 − (1 + p u)^−(r + x)) / p],   u = t / (α + T)

which the papers write by ₂F₁, with a − 1 and a + b − 1 in denominators. The mean is taken
by the trapezoid rule over the logarithm of p / (1 − p): what is summed up is positive and
smooth for all parameters, so nothing cancels out, and the sum is exact to about 14 digits.
Both ends, where only powers are left, are geometric series.
"""

import numpy as np

from .histories import check_kind

MONTH = 30.4375
# What a double does not tell from nothing, as a logarithm.
NOTHING = 42.0
# Steps of the trapezoid rule are no wider; numbers of one block of the computation.
WIDEST = 0.25
BLOCK = 1 << 20


def p_active(kind, parameters, x, tx, T):
    check_kind(kind)
    x, tx, T = np.broadcast_arrays(*(np.asarray(v, dtype=float) for v in (x, tx, T)))
    return np.exp(-_log_d(kind, parameters, x, tx, T))[()]


def expected(kind, parameters, x, tx, T, t):
    check_kind(kind)
    values = (np.asarray(value, dtype=float) for value in (x, tx, T, t))
    x, tx, T, t = np.broadcast_arrays(*values)
    active = np.exp(-_log_d(kind, parameters, x, tx, T))
    return (active * _if_active(kind, parameters, x, T, t))[()]


def discounted_value(kind, parameters, x, tx, T, spend, margin, rate, months):
    check_kind(kind)
    values = (np.asarray(value, dtype=float) for value in (x, tx, T, spend, margin))
    x, tx, T, spend, margin = np.broadcast_arrays(*values)
    # Customers who share x and T share all that is expensive.
    (xs, ages), code = _distinct(x, T)
    month = np.arange(1, months + 1)
    until = _if_active(kind, parameters, xs[:, None], ages[:, None], MONTH * month)
    total = np.diff(until, axis=1, prepend=0.0) @ (1 + rate) ** (-month / 12)
    active = np.exp(-_log_d(kind, parameters, x, tx, T))
    return (active * total[code].reshape(x.shape) * spend * margin)[()]


def expected_by_day(kind, parameters, first, days):
    check_kind(kind)
    first = np.asarray(first, dtype=np.int64).ravel()
    days = np.asarray(days, dtype=np.int64).ravel()
    begun, count = np.unique(first, return_counts=True)
    ages = days[:, None] - begun[None, :]
    lengths, code = np.unique(np.maximum(ages, 0), return_inverse=True)
    # From the first purchase on, when nothing else is known: T = 0. Whoever may leave with
    # it is as active then as the model says.
    each = expected(kind, parameters, 0.0, 0.0, 0.0, lengths.astype(float))
    return each[code.reshape(ages.shape)] @ count


def _log_d(kind, parameters, x, tx, T):
    """ln D; the probability to be active is 1 / D."""
    r, alpha, a, b = (parameters[name] for name in ("r", "alpha", "a", "b"))
    chances = x if kind == "bg" else x + 1
    has_chance = chances > 0
    gap = np.log1p((T - tx) / (alpha + tx))
    with np.errstate(divide="ignore"):
        odds = np.log(a / np.where(has_chance, b + (chances - 1), 1.0)) + (r + x) * gap
    return np.where(has_chance, np.logaddexp(0.0, odds), 0.0)


def _distinct(*columns) -> tuple[list[np.ndarray], np.ndarray]:
    """Rows that are the same once, and which one each is."""
    key = np.zeros(columns[0].size, dtype=np.int64)
    for column in columns:
        values, code = np.unique(column.ravel(), return_inverse=True)
        key = np.unique(key * values.size + code.ravel(), return_inverse=True)[1]
    first = np.unique(key, return_index=True)[1]
    return [column.ravel()[first] for column in columns], key


def _if_active(kind, parameters, x, T, t):
    """E · D: what is expected, divided by the probability to be active."""
    x, T, t = np.broadcast_arrays(x, T, t)
    (xs, ages, times), code = _distinct(x, T, t)
    r, alpha, a, b = (parameters[name] for name in ("r", "alpha", "a", "b"))
    spans = times / (alpha + ages)
    found = np.empty_like(spans)
    for number in np.unique(xs):
        rows = np.flatnonzero(xs == number)
        rest = b + number + (kind == "mbg")
        found[rows] = _mean(a, rest, r + number, spans[rows])
    return found[code].reshape(x.shape)


def _mean(a, b, power, spans):
    """E_p[(1 − (1 + p u)^−power) / p] for each ``u`` of the spans, with p ~ Beta(a, b)."""
    step = min(WIDEST, 0.7 * ((a + b) / (a * b)) ** 0.5)
    # From where on only a power of p is left, or of 1 − p.
    end = NOTHING + np.log(max(1.0, a + b, spans.max() * (power + 1)))
    odds = np.arange(-end, end + step, step)
    log_p, log_rest = -np.logaddexp(0.0, -odds), -np.logaddexp(0.0, odds)
    logs = a * log_p + b * log_rest
    kept = np.flatnonzero(logs > logs.max() - 1.5 * NOTHING)
    logs, log_p = logs[kept], log_p[kept]
    weights = np.exp(logs - logs.max())
    # The sums over all that is beyond.
    weights[0] += weights[0] / np.expm1(min(a * step, NOTHING))
    weights[-1] += weights[-1] / np.expm1(min(b * step, NOTHING))
    weights /= weights.sum()
    p = np.exp(log_p)
    found = np.empty_like(spans)
    size = max(BLOCK // p.size, 1)
    for start in range(0, spans.size, size):
        block = spans[start : start + size, None] * p
        np.log1p(block, out=block)
        block *= -power
        np.expm1(block, out=block)
        found[start : start + size] = block @ (-weights / p)
    return found

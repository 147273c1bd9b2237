"""When a forecast is made, by which model, and what it says of one customer.

The models themselves are in :mod:`.lifetime`; what is here needs no numpy, so that what
was once fitted can be shown without it. The SQL of ``models/insight/forecast_query.py`` and
``forecast_of_today.py`` has the same formulas; tests compare both.
"""

from datetime import date, timedelta
from math import exp, log, log1p

# Below these there is no forecast.
LEAST_CUSTOMERS = 500
LEAST_REPEATERS = 100
LEAST_DAYS = 180
# Without a purchase for longer than this there is none either.
RECENT_DAYS = 90
# The last days, which are predicted from those before.
HOLDOUT_DAYS = 90
# Shares by which what was predicted may be off: beyond it there is no forecast; from here
# on a warning.
MOST_OFF = 1.0
WARN_OFF = 0.25
# A part of b below which a says that no customer leaves.
NO_ONE_LEAVES = 1e-3
# Correlation of frequency and amount from which on there is a warning: the value assumes
# that there is none.
WARN_CORRELATION = 0.3
# Below this probability to be active no next purchase is expected.
GONE = 0.1
# Least probabilities of the bands, falling.
BANDS = (("likely", 0.7), ("perhaps", 0.4), ("doubtful", GONE), ("gone", 0.0))
# Purchase days from which on a customer has an interval of their own.
OWN_DAYS = 3
# Without a model, a customer is expected for so many days after the expected day.
EXPECTED_DAYS = 365
# No day is further away than this after the last purchase.
FURTHEST = 36500


def lacking(customers: int, repeaters: int, days: int, since_last: int) -> str | None:
    """What is missing for a forecast.

    :param repeaters: customers with two purchase days or more
    :param days: from the first purchase of all until today
    :param since_last: days since the last purchase of all
    :return: ``customers``, ``repeaters``, ``days``, ``recent``, or ``None``
    """
    if customers < LEAST_CUSTOMERS:
        return "customers"
    if repeaters < LEAST_REPEATERS:
        return "repeaters"
    if days < LEAST_DAYS:
        return "days"
    return "recent" if since_last > RECENT_DAYS else None


def choose(fits: dict[str, dict]) -> tuple[str, str | None]:
    """The likelier of the models that could be fitted.

    :param fits: by kind what :func:`.lifetime.fit` gives
    :return: the kind, and why it is not to be used: ``starts``, ``bound``, or ``None``
    """

    def likelihood(kind):
        return fits[kind]["log_likelihood"]

    good = [kind for kind in fits if not problem(fits[kind])]
    best = max(good or fits, key=likelihood)
    return best, problem(fits[best])


def problem(fitted: dict) -> str | None:
    """Why what was fitted is no optimum: ``starts`` that disagree, a parameter at a
    ``bound``, or ``None``."""
    if fitted["at_bound"]:
        return "bound"
    return None if fitted["agree"] else "starts"


def untested(fitted: dict) -> bool:
    """Whether a fit to the days before the hold-out says too little to predict with: its
    starts disagree, or a parameter is at a bound. That no customer leaves (a → 0, b → ∞)
    is an answer there: in the shorter time, no one may have left."""
    no_one_leaves = (
        set(fitted["at_bound"]) <= {"a", "b"}
        and fitted["a"] < NO_ONE_LEAVES * fitted["b"]
    )
    return not fitted["agree"] or bool(fitted["at_bound"] and not no_one_leaves)


def off(expected: float, actual: float) -> float:
    """By which share a prediction is above (positive) or below what happened; infinite
    where something was predicted and nothing happened.

    >>> round(off(16874, 19684), 2)
    -0.14
    """
    if not actual:
        return float("inf") if expected > 0 else 0.0
    return expected / actual - 1


def p_active(kind: str, parameters: dict, days: int, tx: float, age: float) -> float:
    """The probability that a customer is still active, as :func:`.lifetime.p_active`.

    :param days: purchase days
    :param tx: days from the first to the last of them
    :param age: days from the first of them until today
    """
    more = 1 if kind == "mbg" else 0
    x = days - 1
    if x + more <= 0:
        return 1.0
    r, alpha, a, b = (parameters[name] for name in ("r", "alpha", "a", "b"))
    age = max(age, tx)
    odds = log(a / (b + x + more - 1)) + (r + x) * log1p((age - tx) / (alpha + tx))
    return 1 / (1 + exp(min(odds, 700.0)))


def band(probability: float) -> str:
    """Which of :data:`BANDS` a probability to be active belongs to."""
    return next(key for key, least in BANDS if probability >= least)


def model_interval(parameters: dict, days: int, age: float) -> float:
    """Days between the purchases of an active customer, by the model: one over their
    expected rate, (α + T) ÷ (r + x)."""
    return (parameters["alpha"] + age) / (parameters["r"] + days - 1)


def expected_day(last: date, interval: float | None) -> date | None:
    """The day of the next purchase: the last one and the interval, in whole days."""
    if interval is None:
        return None
    return last + timedelta(days=min(max(int(interval + 0.5), 1), FURTHEST))


def next_date(expected: date | None, probability: float | None, today: date):
    """The day at which the next purchase is expected, as long as it is expected.

    :param expected: as of :func:`expected_day`
    :param probability: to be active; ``None`` without a model
    """
    if not expected:
        return None
    if probability is None:
        is_gone = (today - expected).days > EXPECTED_DAYS
    else:
        is_gone = probability < GONE
    return None if is_gone else expected

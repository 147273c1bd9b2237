"""Fitting the models of a company's customers, testing them, and what they forecast.

Times are days. Without numpy this module cannot be imported.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from . import lifetime
from .forecast import HOLDOUT_DAYS, choose, model_interval, problem, untested

# Customers whose forecast is computed at once: bounds the memory that it takes.
BLOCK = 20_000
# Days of the expected purchases.
HORIZONS = (30, 90, 365)


@dataclass
class Histories:
    """Arrays with a number for each customer."""

    # Ids, in their order.
    customer: object
    # Purchase days; days from the first to the last of them, and to today.
    days: object
    tx: object
    age: object
    # The same of what was known before the hold-out; no days for those who came later.
    known_days: object
    known_tx: object
    known_age: object
    may_profile: object
    # The amount of the repeat purchases, and of all.
    repeat_amount: object
    amount: object

    @classmethod
    def from_bytes(cls, columns) -> "Histories":
        """Out of big-endian bytes: whole numbers of 32 bits, and last two columns of
        double floats."""
        *whole, repeat_amount, amount = (bytes(column or b"") for column in columns)
        return cls(
            *(np.frombuffer(column, ">i4").astype(np.int64) for column in whole),
            *(
                np.frombuffer(column, ">f8").astype(float)
                for column in (repeat_amount, amount)
            ),
        )

    @property
    def repeat_mean(self):
        """The mean amount of repeat purchases, not below zero; 0 without any."""
        x = self.days - 1
        return np.where(x > 0, np.maximum(self.repeat_amount, 0) / np.maximum(x, 1), 0)

    @property
    def mean(self):
        return np.maximum(self.amount, 0) / self.days


def correlation(x, m) -> float:
    """Pearson's correlation of two measures; 0 where one of them does not vary.

    :param x: numbers, as is ``m``
    """
    x, m = np.asarray(x, dtype=float), np.asarray(m, dtype=float)
    if (
        x.size < 2
        or np.ptp(x) <= 1e-9 * abs(x).max()
        or np.ptp(m) <= 1e-9 * abs(m).max()
    ):
        return 0.0
    return float(np.corrcoef(x, m)[0, 1])


def fit(histories: Histories) -> dict:
    """Fit both models and choose the likelier one.

    :return: ``kind``, ``reason`` (why it is not to be used, or ``None``), ``parameters``
        by kind (with ``log_likelihood``), ``spend`` (``None`` where amounts cannot be
        modeled), ``correlation``
    """
    x = histories.days - 1
    fits = {
        kind: lifetime.fit(kind, x, histories.tx, histories.age)
        for kind in lifetime.KINDS
    }
    kind, reason = choose(fits)
    repeats = histories.repeat_mean
    is_used = (x > 0) & (repeats > 0)
    return {
        "kind": kind,
        "reason": reason,
        "parameters": fits,
        "spend": _fit_spend(x[is_used], repeats[is_used]),
        "correlation": correlation(x[is_used], repeats[is_used]),
    }


def _fit_spend(x, m) -> dict | None:
    if not x.size:
        return None
    spend = lifetime.fit_spend(x, m)
    # Without a mean for customers of whom no repeat purchase is known, there is none.
    return None if problem(spend) or spend["q"] <= 1 else spend


def fit_holdout(kind: str, histories: Histories) -> dict:
    """Predict the last days from those before.

    :return: ``parameters``, ``expected`` repeat purchases, ``first``: which day each of
        the customers known then came, counted back from today, and ``untested``: whether
        what was known then says too little to predict with
    """
    was_there = histories.known_days > 0
    x = histories.known_days[was_there] - 1
    tx, age = histories.known_tx[was_there], histories.known_age[was_there]
    parameters = lifetime.fit(kind, x, tx, age)
    expected = 0.0
    for start in range(0, x.size, BLOCK):
        part = slice(start, start + BLOCK)
        expected += float(
            lifetime.expected(
                kind, parameters, x[part], tx[part], age[part], HOLDOUT_DAYS
            ).sum()
        )
    return {
        "parameters": parameters,
        "expected": expected,
        "untested": untested(parameters),
        "first": -histories.age[was_there],
    }


def expected_by_week(kind: str, holdout: dict, weeks: int) -> list[float]:
    """Repeat purchases that are expected in each of the last weeks, of the customers
    known before the hold-out: the last of them ends today."""
    ends = np.arange(-7 * weeks, 1, 7)
    total = lifetime.expected_by_day(
        kind, holdout["parameters"], holdout["first"], ends
    )
    return [float(number) for number in np.diff(total)]


def forecasts(
    kind: str, parameters: dict, spend: dict | None, histories: Histories, rate, months
) -> Iterator[dict]:
    """What is forecast of each customer, block by block.

    :param rate: of the discount, a year
    :return: lists: ``partner_id``, expected purchases (``expected_30`` …), ``amount`` of a
        purchase, ``value`` (discounted revenue), and ``interval`` until the next one
    """
    # Customers who share x and T share what is expensive.
    order = np.lexsort((histories.age, histories.days))
    for start in range(0, order.size, BLOCK):
        rows = order[start : start + BLOCK]
        rows = rows[histories.may_profile[rows] > 0]
        x = (histories.days[rows] - 1).astype(float)
        tx, age = histories.tx[rows], histories.age[rows]
        if spend:
            amount = lifetime.expected_spend(spend, x, histories.repeat_mean[rows])
        else:
            amount = histories.mean[rows]
        found = {
            f"expected_{days}": lifetime.expected(kind, parameters, x, tx, age, days)
            for days in HORIZONS
        }
        found["amount"] = amount
        found["value"] = lifetime.discounted_value(
            kind, parameters, x, tx, age, amount, 1.0, rate=rate, months=months
        )
        found["interval"] = model_interval(parameters, histories.days[rows], age)
        yield {
            "partner_id": histories.customer[rows].tolist(),
            **{name: np.asarray(values).tolist() for name, values in found.items()},
        }

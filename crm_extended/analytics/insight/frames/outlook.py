"""All in one: from transactions to the forecast of each customer, with its test.

Models, choice, hold-out and limits are those of the addon's forecasts: see
:mod:`..forecasting` and :mod:`..forecast`.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from .. import forecasting, lifetime
from ..forecast import (
    FURTHEST,
    GONE,
    HOLDOUT_DAYS,
    LEAST_CUSTOMERS,
    LEAST_DAYS,
    LEAST_REPEATERS,
    MOST_OFF,
    OWN_DAYS,
    RECENT_DAYS,
    lacking,
    off,
)
from .summaries import bought_days, history
from .transactions import CUSTOMER, DATE, checked, last_day, until

WHY = {
    "customers": f"there are fewer than {LEAST_CUSTOMERS} customers",
    "repeaters": f"fewer than {LEAST_REPEATERS} customers have a repeat purchase",
    "days": f"the first purchase is less than {LEAST_DAYS} days ago",
    "recent": f"the last purchase is more than {RECENT_DAYS} days ago",
    "starts": "different starts of the fit lead to different results",
    "bound": "a parameter has no optimum",
    "untested": f"what was known {HOLDOUT_DAYS} days ago says too little for a test",
    "holdout": f"the test is off by more than {MOST_OFF:.0%}",
}


@dataclass(frozen=True)
class Forecast:
    """What :func:`forecast` found. Times are days, money is in the currency given."""

    #: The likelier model: ``bg`` or ``mbg``.
    kind: str
    #: Why the addon would show no forecast: a key of ``WHY``; ``None`` where it would.
    reason: str | None
    #: By kind ``r``, ``alpha``, ``a``, ``b`` and ``log_likelihood``.
    parameters: dict
    #: ``p``, ``q``, ``v`` and ``log_likelihood`` of Gamma-Gamma; ``None`` where amounts
    #: have no such model: each customer's own mean amount is used.
    spend: dict | None
    #: Correlation of frequency and amount: the value assumes that there is none.
    correlation: float
    #: Repeat purchases in the hold-out, of the customers known before: predicted, and
    #: made. ``nan`` where nothing was known before it.
    holdout_expected: float
    holdout_actual: int
    #: The last day that was looked at.
    as_of: pd.Timestamp
    #: A row for each customer: ``frequency``, ``recency``, ``T``, ``monetary_value``,
    #: ``p_active``, ``expected_30``, ``expected_90`` and ``expected_365`` (purchases),
    #: ``expected_amount`` (of a purchase), ``lifetime_value``, ``next_date``.
    customers: pd.DataFrame

    @property
    def holdout_off(self) -> float:
        """By which share the test is above (positive) or below what happened."""
        return off(self.holdout_expected, self.holdout_actual)


def forecast(
    transactions,
    customer_id_col="customer_id",
    datetime_col="date",
    monetary_value_col="amount",
    purchase_id_col=None,
    posted_date_col=None,
    datetime_format=None,
    as_of=None,
    margin=1.0,
    rate=0.1,
    months=36,
    check=True,
) -> Forecast:
    """Fit BG/NBD and MBG/NBD to purchase days, test the likelier one on the last 90 days,
    and forecast each customer, as the addon does every night.

    The usual sample (run from the project's folder). Customers who only ever got something
    for nothing are none, so there are 2,349 of 2,357:

    >>> sold = pd.read_csv("tests/data/cdnow_sample_transactions.csv.gz")
    >>> found = forecast(sold, as_of="1997-09-30")
    >>> found.kind, len(found.customers)
    ('mbg', 2349)
    >>> {name: round(found.parameters["bg"][name], 4) for name in ("r", "alpha", "a", "b")}
    {'r': 0.2439, 'alpha': 30.957, 'a': 0.7925, 'b': 2.4229}
    >>> round(found.holdout_off, 2)
    -0.03

    :param pd.DataFrame transactions: columns as in
        :func:`.summaries.summary_data_from_transaction_data`, purchases counted as in
        :func:`.summaries.purchase_days`
    :param as_of: the day that is looked from; without it, that of the last transaction
    :param margin: the part of revenue that is earned, in the lifetime value
    :param rate: of the discount, a year
    :param months: of the lifetime value
    :param check: raise where the addon would show no forecast; without it, ``reason`` of
        the answer says why
    :raise ValueError: if the transactions cannot be used, as there; if there is no
        forecast
    """
    if months % 1 or months < 1:
        raise ValueError(f"months is a whole number, not {months!r}.")
    rows = checked(
        transactions,
        datetime_format,
        customer_id_col=customer_id_col,
        datetime_col=datetime_col,
        monetary_value_col=monetary_value_col,
        purchase_id_col=purchase_id_col,
        posted_date_col=posted_date_col,
    )
    end = last_day(rows, as_of, "as_of").normalize()
    days = bought_days(until(rows, end))
    table = history(days, end)
    reason = lacking(
        len(table),
        int((table["days"] > 1).sum()),
        (end - table["first"].min()).days,
        (end - table["last"].max()).days,
    )
    _raise_if(check, reason)
    histories = _histories(table, days, end)
    fitted = forecasting.fit(histories)
    kind = fitted["kind"]
    reason = reason or fitted["reason"]
    _raise_if(check, reason)
    expected, actual, is_untested = _holdout(kind, histories)
    if not reason and is_untested:
        reason = "untested"
    if not reason and off(expected, actual) > MOST_OFF:
        reason = "holdout"
    _raise_if(check, reason)
    customers = _customers(table, days, histories, fitted, end, margin, rate, months)
    customers.index.name = customer_id_col
    return Forecast(
        kind=kind,
        reason=reason,
        parameters={
            name: {
                key: found[key] for key in ("r", "alpha", "a", "b", "log_likelihood")
            }
            for name, found in fitted["parameters"].items()
        },
        spend=fitted["spend"]
        and {key: fitted["spend"][key] for key in ("p", "q", "v", "log_likelihood")},
        correlation=fitted["correlation"],
        holdout_expected=expected,
        holdout_actual=actual,
        as_of=end,
        customers=customers,
    )


def _raise_if(check, reason) -> None:
    if check and reason:
        raise ValueError(
            f"There is no forecast: {WHY[reason]}. With check=False there is one all the "
            "same."
        )


def _histories(table, days, end) -> forecasting.Histories:
    """The arrays that the addon reads from the database."""
    known_until = end - pd.Timedelta(days=HOLDOUT_DAYS)
    known = days[days["bought"] & (days[DATE] <= known_until)]
    dates = known.groupby(CUSTOMER, observed=True)[DATE]
    known_days = dates.size().reindex(table.index).fillna(0)
    known_tx = (dates.max().reindex(table.index) - table["first"]).dt.days.fillna(0)
    known_age = (known_until - table["first"]).dt.days.clip(lower=-1)
    return forecasting.Histories(
        customer=np.arange(len(table)),
        days=table["days"].to_numpy(np.int64),
        tx=table["tx"].to_numpy(np.int64),
        age=table["age"].to_numpy(np.int64),
        known_days=known_days.to_numpy(np.int64),
        known_tx=known_tx.to_numpy(np.int64),
        known_age=known_age.to_numpy(np.int64),
        may_profile=np.ones(len(table), dtype=np.int64),
        repeat_amount=table["repeat_amount"].to_numpy(float),
        amount=table["amount"].to_numpy(float),
    )


def _holdout(kind, histories) -> tuple[float, int, bool]:
    was_there = histories.known_days > 0
    if not was_there.any():
        return float("nan"), 0, True
    made = (histories.days - histories.known_days)[was_there]
    holdout = forecasting.fit_holdout(kind, histories)
    return holdout["expected"], int(made.sum()), holdout["untested"]


def _customers(table, days, histories, fitted, end, margin, rate, months):
    kind = fitted["kind"]
    parameters, spend = fitted["parameters"][kind], fitted["spend"]
    found = pd.concat(
        pd.DataFrame(block).set_index("partner_id")
        for block in forecasting.forecasts(
            kind, parameters, spend, histories, rate, months
        )
    ).sort_index()
    found.index = table.index
    x = histories.days - 1
    active = lifetime.p_active(kind, parameters, x, histories.tx, histories.age)
    customers = pd.DataFrame(
        {
            "frequency": x,
            "recency": histories.tx,
            "T": histories.age,
            "monetary_value": histories.repeat_mean,
            "p_active": active,
        },
        index=table.index,
    )
    for name in ("expected_30", "expected_90", "expected_365"):
        customers[name] = found[name]
    customers["expected_amount"] = found["amount"]
    customers["lifetime_value"] = found["value"] * margin
    customers["next_date"] = _next_dates(table, days, found["interval"], active)
    return customers


def _next_dates(table, days, modeled, active) -> pd.Series:
    """The last purchase and the customer's interval, where one is expected."""
    bought = days[days["bought"]]
    gaps = bought.groupby(CUSTOMER, observed=True)[DATE].diff().dt.days
    own = gaps.groupby(bought[CUSTOMER], observed=True).median().reindex(table.index)
    interval = own.where(table["days"] >= OWN_DAYS, modeled)
    whole = np.floor(interval + 0.5).clip(1, FURTHEST)
    return (table["last"] + pd.to_timedelta(whole, unit="D")).where(active >= GONE)

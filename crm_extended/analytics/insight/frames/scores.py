"""RFM scores of customers, as the addon's score update computes them.

The statement in ``models/rfm/scoring_query.py`` has the same definitions; tests compare
both.
"""

from math import isfinite, nextafter

import numpy as np
import pandas as pd

from ...rfm.grid import DEFAULT_BINS, MAX_BINS, MIN_BINS, code
from ...rfm.thresholds import is_rising
from .summaries import purchase_totals
from .transactions import (
    AMOUNT,
    CUSTOMER,
    DATE,
    PURCHASE,
    checked,
    last_day,
    until,
)

MEASURES = ("total", "average")
DIMENSIONS = ("recency", "frequency", "monetary")


def rfm_scores(
    transactions,
    customer_id_col="customer_id",
    datetime_col="date",
    monetary_value_col="amount",
    purchase_id_col=None,
    posted_date_col=None,
    datetime_format=None,
    as_of=None,
    window_months=12,
    bins=DEFAULT_BINS,
    measure="total",
    thresholds=None,
    decimals=2,
) -> pd.DataFrame:
    """Recency, frequency and monetary value of each customer, and their scores.

    A score is 1 and the number of cut points strictly below the value; of days since the
    last purchase, ``bins`` less that number. So 1 is lowest and ``bins`` is best in all
    three, and equal customers have equal scores. Cut points are the quantiles 1/bins …
    (bins − 1)/bins of the customers with a purchase in the lookback period, by linear
    interpolation (type 7 of Hyndman and Fan, 1996), or thresholds of yours. Customers who
    bought before that period alone are *lost* and have the lowest scores.

    >>> sold = pd.DataFrame({
    ...     "customer_id": ["ann", "bob", "cat", "dan", "eve", "ann", "old"],
    ...     "date": ["2024-06-01", "2024-05-01", "2024-04-01", "2024-03-01",
    ...              "2024-02-01", "2024-06-30", "2022-01-01"],
    ...     "amount": [50.0, 40.0, 30.0, 20.0, 10.0, 60.0, 99.0],
    ... })
    >>> found = rfm_scores(sold, as_of="2024-06-30")
    >>> found[["recency", "frequency", "monetary", "code", "lost"]].rename_axis(None)
         recency  frequency  monetary code   lost
    ann        0          2     110.0  555  False
    bob       60          1      40.0  414  False
    cat       90          1      30.0  313  False
    dan      121          1      20.0  212  False
    eve      150          1      10.0  111  False
    old      911          0       0.0  111   True

    :param pd.DataFrame transactions: one row for each; columns as in
        :func:`.summaries.summary_data_from_transaction_data`, purchases counted as in
        :func:`.summaries.purchase_days`, but not days
    :param as_of: the day that is looked from; without it, that of the last transaction
    :param window_months: lookback period, purchases after the same day so many months ago;
        0 for no limit
    :param bins: number of scores, 3 to 10
    :param measure: monetary is the ``total`` of the period, or the ``average`` purchase
    :param thresholds: three rising sequences of ``bins`` − 1 cut points: days, purchases,
        money; without them, quantiles
    :param decimals: of the currency
    :return: by customer, sorted: ``first_date``, ``last_date``, ``recency`` (days),
        ``frequency`` (purchases in the period), ``monetary`` (in the currency), the scores
        ``recency_score``, ``frequency_score``, ``monetary_score``, ``code``, ``lost``
    :raise ValueError: if the transactions cannot be used, as there, or there is no such
        number of scores, measure or lookback period, or thresholds do not rise
    """
    _check(bins, measure, window_months, thresholds)
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
    table = _standings(until(rows, end), end, window_months, decimals)
    bought = (table["frequency"] > 0).to_numpy()
    money = table["revenue"].to_numpy()
    if measure == "average":
        money = money / np.maximum(table["frequency"].to_numpy(), 1)
    values = (
        table["recency"].to_numpy(float),
        table["frequency"].to_numpy(float),
        money,
    )
    for place, (name, value) in enumerate(zip(DIMENSIONS, values, strict=True)):
        cuts = thresholds[place] if thresholds else quantiles(value[bought], bins)
        # As many cut points as are strictly below the value.
        below = np.searchsorted(np.asarray(cuts, dtype=float), value, side="left")
        scores = bins - below if name == "recency" else 1 + below
        table[f"{name}_score"] = np.where(bought, scores, 1)
    table["monetary"] = np.where(bought, _half_up(money, decimals), 0.0)
    table["lost"] = ~bought
    scores = zip(*(table[f"{name}_score"].tolist() for name in DIMENSIONS), strict=True)
    table["code"] = [code(*each) for each in scores]
    table.index.name = customer_id_col
    return table[
        [
            "first_date",
            "last_date",
            *DIMENSIONS,
            *(f"{name}_score" for name in DIMENSIONS),
            "code",
            "lost",
        ]
    ]


def _check(bins, measure, window_months, thresholds) -> None:
    if bins not in range(MIN_BINS, MAX_BINS + 1):
        raise ValueError(f"bins is {MIN_BINS} to {MAX_BINS}, not {bins!r}.")
    if measure not in MEASURES:
        raise ValueError(f"measure is one of {', '.join(MEASURES)}, not {measure!r}.")
    if not isfinite(window_months) or window_months < 0 or window_months % 1:
        raise ValueError(
            f"window_months is a whole number of months, or 0, not {window_months!r}."
        )
    if thresholds and not (
        len(thresholds) == 3
        and all(len(cuts) == bins - 1 and is_rising(cuts) for cuts in thresholds)
    ):
        raise ValueError(
            f"thresholds are three sequences (days, purchases, money) of {bins - 1} "
            "numbers, each above the one before."
        )


def _standings(rows, end, window_months, decimals) -> pd.DataFrame:
    """Dates and figures of the customers with a purchase that was not taken back."""
    day = rows[DATE].dt.normalize()
    start = end - pd.DateOffset(months=int(window_months))
    in_window = day > start if window_months else pd.Series(True, index=rows.index)
    stands = (rows[AMOUNT] > 0) & (purchase_totals(rows) > 0)
    if not stands.any():
        raise ValueError(
            "There are no purchases: no amount is above zero, or all were taken back."
        )
    purchases = rows.assign(**{DATE: day})[stands]
    by_customer = purchases.groupby(CUSTOMER, observed=True)[DATE]
    table = pd.DataFrame(
        {"first_date": by_customer.min(), "last_date": by_customer.max()}
    )
    table["recency"] = (end - table["last_date"]).dt.days
    recent = purchases[in_window[stands]].groupby(CUSTOMER, observed=True)
    frequency = recent[PURCHASE].nunique() if PURCHASE in rows else recent.size()
    table["frequency"] = frequency.reindex(table.index).fillna(0).astype(int)
    revenue = rows[in_window].groupby(CUSTOMER, observed=True)[AMOUNT].sum()
    # Sums of binary fractions differ in their last digits: equal customers stay equal.
    table["revenue"] = revenue.reindex(table.index).fillna(0.0).round(decimals)
    return table


def quantiles(values: np.ndarray, bins: int) -> np.ndarray:
    """The cut points of values, as ``percentile_cont`` of PostgreSQL has them.

    >>> quantiles(np.array([4.0, 1.0, 2.0, 3.0, 5.0]), 5).round(6).tolist()
    [1.8, 2.6, 3.4, 4.2]
    """
    ranked = np.sort(values)
    if not ranked.size:
        return np.zeros(bins - 1)
    # The next float up: 0.7 * 90 falls short of 63, and a cut point slightly below a
    # customer's own value would raise their score.
    shares = np.array([nextafter(share / bins, 1) for share in range(1, bins)])
    places = shares * (ranked.size - 1)
    low = np.floor(places).astype(int)
    high = np.minimum(low + 1, ranked.size - 1)
    return ranked[low] + (places - low) * (ranked[high] - ranked[low])


def _half_up(values: np.ndarray, decimals: int) -> np.ndarray:
    """Rounded as money is: a half goes away from zero."""
    units = np.abs(values) * 10.0**decimals
    return np.sign(values) * np.floor(units + 0.5 + 1e-9) / 10.0**decimals

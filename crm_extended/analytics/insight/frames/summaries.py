"""From transactions to the four numbers of a customer that the models know."""

import numpy as np
import pandas as pd

from .transactions import (
    AMOUNT,
    CUSTOMER,
    DATE,
    PURCHASE,
    as_day,
    checked,
    last_day,
    until,
)

# Units of time, in hours.
UNITS = {"D": 24, "W": 24 * 7, "h": 1}


def check_freq(freq) -> None:
    """
    :raise ValueError: if there is no such unit of time
    """
    if freq not in UNITS:
        raise ValueError(f"freq is one of {', '.join(UNITS)}, not {freq!r}.")


def summary_data_from_transaction_data(
    transactions,
    customer_id_col="customer_id",
    datetime_col="date",
    monetary_value_col=None,
    datetime_format=None,
    observation_period_end=None,
    freq="D",
    freq_multiplier=1,
    include_first_transaction=False,
    net_refunds=False,
    purchase_id_col=None,
    posted_date_col=None,
) -> pd.DataFrame:
    """Frequency, recency, T and monetary value of each customer.

    As the function of ``lifetimes`` 0.11.3: periods with a transaction count, not
    transactions; the first one of a customer is no repeat purchase; an amount is the sum
    of a period. The same figures, but for what is refused here (see ``raise``) and for
    text that is no ISO 8601 date, which needs ``datetime_format``.

    There, any row is a purchase, a refund and a gift as well. With ``net_refunds`` they
    are counted as the addon does: see :func:`purchase_days`. That needs ``freq="D"``.

    >>> sold = pd.DataFrame({
    ...     "customer_id": ["ann", "ann", "ann", "bob"],
    ...     "date": ["2024-01-01", "2024-01-31", "2024-01-31", "2024-02-10"],
    ...     "amount": [10.0, 20.0, 30.0, 5.0],
    ... })
    >>> summary_data_from_transaction_data(
    ...     sold, monetary_value_col="amount", observation_period_end="2024-03-01"
    ... ).rename_axis(None)
         frequency  recency     T  monetary_value
    ann        1.0     30.0  60.0            50.0
    bob        0.0      0.0  20.0             0.0

    :param pd.DataFrame transactions: one row for each, in any order, with any index
    :param monetary_value_col: amounts; without them there is no ``monetary_value``
    :param datetime_format: of dates that are text
    :param observation_period_end: the last day, later rows are left out; without it, that
        of the last transaction
    :param freq: unit of the times, and what counts as one purchase: ``D`` day, ``W`` week
        (Monday to Sunday), ``h`` hour
    :param freq_multiplier: times are divided by it
    :param include_first_transaction: count the first purchase and its amount as well (not
        for the models)
    :param net_refunds: count purchase days, and refunds with what they reverse
    :param purchase_id_col: with it, documents that are one purchase have the same value
    :param posted_date_col: with it, the day from which on a document exists
    :return: a row for each customer, sorted; floats: ``frequency`` (a number), ``recency``
        and ``T`` (in ``freq``), ``monetary_value`` (mean amount; 0 without repeats)
    :raise ValueError: if there are no transactions; columns are missing; customers, dates
        or amounts are missing or not what they should be; dates have a time zone; the last
        one is in the future and no end is given
    """
    check_freq(freq)
    if not (np.isfinite(freq_multiplier) and freq_multiplier > 0):
        raise ValueError(f"freq_multiplier is above 0, not {freq_multiplier!r}.")
    if net_refunds and (freq != "D" or monetary_value_col is None):
        raise ValueError("net_refunds needs freq='D' and a monetary_value_col.")
    rows = checked(
        transactions,
        datetime_format,
        customer_id_col=customer_id_col,
        datetime_col=datetime_col,
        monetary_value_col=monetary_value_col,
        purchase_id_col=purchase_id_col,
        posted_date_col=posted_date_col,
    )
    end = last_day(rows, observation_period_end, "observation_period_end")
    end = end.to_period(freq).to_timestamp()
    if net_refunds:
        found = history(bought_days(until(rows, end)), end)
        x = found["days"] - 1
        summary = pd.DataFrame({"frequency": x, "recency": found["tx"], "T": found.age})
        if include_first_transaction:
            summary["frequency"] = found["days"]
        amount = found["amount" if include_first_transaction else "repeat_amount"]
        mean = amount.clip(lower=0) / summary["frequency"].clip(lower=1)
        summary["monetary_value"] = mean.where(summary["frequency"] > 0, 0.0)
    else:
        summary = _periods(rows, end, freq, include_first_transaction)
    for name in ("recency", "T"):
        summary[name] = summary[name] / freq_multiplier
    summary.index.name = customer_id_col
    return summary.astype(float)


def _periods(rows, end, freq, include_first) -> pd.DataFrame:
    """The summary with a purchase in each period that has a row."""
    period = rows[DATE].dt.to_period(freq).dt.to_timestamp()
    kept = rows.assign(**{DATE: period})[period <= end]
    if kept.empty:
        raise ValueError(
            f"There are no transactions until {end.date()}; the first is of "
            f"{rows[DATE].min().date()}."
        )
    has_amount = AMOUNT in kept
    groups = kept.groupby([CUSTOMER, DATE], observed=True)
    amounts = groups[AMOUNT].sum() if has_amount else groups.size()
    periods = amounts.rename(AMOUNT).reset_index()
    by_customer = periods.groupby(CUSTOMER, observed=True)
    first, last = by_customer[DATE].min(), by_customer[DATE].max()
    unit = pd.Timedelta(hours=UNITS[freq])
    skipped = 0 if include_first else 1
    summary = pd.DataFrame(
        {
            "frequency": by_customer.size() - skipped,
            "recency": (last - first) / unit,
            "T": (end - first) / unit,
        }
    )
    if has_amount:
        counted = periods
        if not include_first:
            counted = periods[periods[CUSTOMER].duplicated()]
        means = counted.groupby(CUSTOMER, observed=True)[AMOUNT].mean()
        summary["monetary_value"] = means.reindex(summary.index).fillna(0.0)
    return summary


def calibration_and_holdout_data(
    transactions,
    customer_id_col="customer_id",
    datetime_col="date",
    calibration_period_end=None,
    observation_period_end=None,
    freq="D",
    freq_multiplier=1,
    datetime_format=None,
    monetary_value_col=None,
    include_first_transaction=False,
) -> pd.DataFrame:
    """The summary as of a day, and what the same customers did after it.

    As the function of ``lifetimes``; the day ``calibration_period_end`` belongs to the
    calibration to its last second.

    >>> sold = pd.DataFrame({
    ...     "customer_id": ["ann", "ann", "bob", "ann"],
    ...     "date": ["2024-01-01", "2024-01-31", "2024-01-10", "2024-03-01"],
    ... })
    >>> calibration_and_holdout_data(sold, calibration_period_end="2024-01-31").T
    customer_id         ann   bob
    frequency_cal       1.0   0.0
    recency_cal        30.0   0.0
    T_cal              30.0  21.0
    frequency_holdout   1.0   0.0
    duration_holdout   30.0  30.0

    Arguments are those of :func:`summary_data_from_transaction_data`.

    :param calibration_period_end: the last day that the models are fitted to
    :return: a row for each customer of the calibration: ``frequency_cal``,
        ``recency_cal``, ``T_cal``, ``frequency_holdout`` (periods with a transaction),
        ``duration_holdout``; with amounts ``monetary_value_cal`` and
        ``monetary_value_holdout`` (the mean of the transactions)
    :raise ValueError: as there, and if there is nothing after the calibration
    """
    check_freq(freq)
    columns = {
        "customer_id_col": customer_id_col,
        "datetime_col": datetime_col,
        "monetary_value_col": monetary_value_col,
    }
    rows = checked(transactions, datetime_format, **columns)
    if calibration_period_end is None:
        raise ValueError("Say with calibration_period_end=… where the hold-out begins.")
    known = as_day(calibration_period_end, "calibration_period_end")
    end = last_day(rows, observation_period_end, "observation_period_end")
    summary = summary_data_from_transaction_data(
        until(rows, known),
        CUSTOMER,
        DATE,
        AMOUNT if monetary_value_col is not None else None,
        observation_period_end=known,
        freq=freq,
        freq_multiplier=freq_multiplier,
        include_first_transaction=include_first_transaction,
    ).add_suffix("_cal")
    after = known.normalize() + pd.Timedelta(days=1)
    day_after = end.normalize() + pd.Timedelta(days=1)
    later = rows[(rows[DATE] >= after) & (rows[DATE] < day_after)]
    if later.empty:
        raise ValueError(
            f"There are no transactions after {known.date()} until {end.date()}: choose "
            "an earlier calibration_period_end."
        )
    periods = later.assign(**{DATE: later[DATE].dt.to_period(freq)})
    by_customer = periods.groupby(CUSTOMER, observed=True)
    summary["frequency_holdout"] = by_customer[DATE].nunique().reindex(summary.index)
    if monetary_value_col is not None:
        means = by_customer[AMOUNT].mean()
        summary["monetary_value_holdout"] = means.reindex(summary.index)
    duration = (end.to_period(freq) - known.to_period(freq)).n
    summary["duration_holdout"] = duration / freq_multiplier
    summary.index.name = customer_id_col
    return summary.fillna(0.0).astype(float)


def purchase_days(
    transactions,
    customer_id_col="customer_id",
    datetime_col="date",
    monetary_value_col="amount",
    purchase_id_col=None,
    posted_date_col=None,
    datetime_format=None,
    observation_period_end=None,
) -> pd.DataFrame:
    """The days of each customer, as the addon counts purchases.

    * Documents with one ``purchase_id_col`` are one purchase: an invoice and its credit
      notes, a deposit and the final invoice. It counts where they are above zero together;
      one that was taken back in full is none. Without that column each row above zero is
      a purchase.
    * An amount of zero, and a refund, is no purchase; it lowers the amount of its day.
    * Several purchases on one day are one.

    >>> sold = pd.DataFrame({
    ...     "customer_id": ["ann", "ann", "ann", "ann"],
    ...     "date": ["2024-01-01", "2024-01-01", "2024-02-01", "2024-02-01"],
    ...     "amount": [10.0, -10.0, 30.0, -5.0],
    ...     "purchase_key": ["A", "A", "B", "B"],
    ... })
    >>> purchase_days(sold, purchase_id_col="purchase_key")
      customer_id       date  amount  bought
    0         ann 2024-01-01     0.0   False
    1         ann 2024-02-01    25.0    True

    Arguments are those of :func:`summary_data_from_transaction_data`.

    :return: a row for each customer and day with a transaction, in this order: ``amount``,
        and whether something was ``bought`` that was not taken back
    :raise ValueError: as there
    """
    rows = checked(
        transactions,
        datetime_format,
        customer_id_col=customer_id_col,
        datetime_col=datetime_col,
        monetary_value_col=monetary_value_col,
        purchase_id_col=purchase_id_col,
        posted_date_col=posted_date_col,
    )
    end = last_day(rows, observation_period_end, "observation_period_end")
    days = bought_days(until(rows, end))
    return days.rename(columns={CUSTOMER: customer_id_col})


def purchase_totals(rows: pd.DataFrame) -> pd.Series:
    """For each row what all documents of its purchase add up to."""
    if PURCHASE not in rows:
        return rows[AMOUNT]
    totals = rows.groupby([CUSTOMER, PURCHASE], observed=True)[AMOUNT].transform("sum")
    # What sums of binary fractions leave over is nothing.
    return totals.where(totals.abs() > 1e-9, 0.0)


def bought_days(rows: pd.DataFrame) -> pd.DataFrame:
    """:func:`purchase_days` of checked rows."""
    bought = (rows[AMOUNT] > 0) & (purchase_totals(rows) > 0)
    days = rows.assign(**{DATE: rows[DATE].dt.normalize(), "bought": bought})
    groups = days.groupby([CUSTOMER, DATE], observed=True)
    return groups.agg(amount=(AMOUNT, "sum"), bought=("bought", "any")).reset_index()


def history(days: pd.DataFrame, end: pd.Timestamp) -> pd.DataFrame:
    """What the models know of each customer who bought.

    :param days: as of :func:`bought_days`
    :param end: the day that is looked from
    :return: by customer ``days`` (with a purchase), ``first``, ``last``, ``tx`` and ``age``
        (days from the first to the last of them, and to the end), ``amount`` of all, and
        ``repeat_amount``, without that of the first day
    :raise ValueError: if there is none
    """
    bought = days[days["bought"]]
    if bought.empty:
        raise ValueError(
            "There are no purchases: no amount is above zero, or all were taken back."
        )
    by_customer = bought.groupby(CUSTOMER, observed=True)
    first, last = by_customer[DATE].min(), by_customer[DATE].max()
    found = pd.DataFrame({"days": by_customer.size(), "first": first, "last": last})
    found["tx"] = (last - first).dt.days
    found["age"] = (end.normalize() - first).dt.days
    amounts = days.groupby(CUSTOMER, observed=True)[AMOUNT].sum()
    found["amount"] = amounts.reindex(found.index)
    found["repeat_amount"] = found["amount"] - by_customer[AMOUNT].first()
    return found

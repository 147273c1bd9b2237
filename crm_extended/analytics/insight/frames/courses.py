"""Customers over time: cohorts, and who is gained, kept, lost and won back.

The definitions are in :mod:`..cohorts` and :mod:`..flows`, row by row; here they are
computed by columns, for millions of rows. Tests compare both.
"""

import pandas as pd

from ..cohorts import MONTHS
from ..flows import Flow, month_ends
from .summaries import purchase_totals
from .transactions import (
    AMOUNT,
    CUSTOMER,
    DATE,
    POSTED,
    PURCHASE,
    checked,
    last_day,
    until,
)

# pandas' names of the periods.
PERIODS = {"month": "M", "quarter": "Q"}


def cohorts(
    transactions,
    customer_id_col="customer_id",
    datetime_col="date",
    monetary_value_col="amount",
    purchase_id_col=None,
    posted_date_col=None,
    datetime_format=None,
    as_of=None,
    step="month",
) -> pd.DataFrame:
    """Customers by the period of their first purchase, and what they did at each age.

    >>> sold = pd.DataFrame({
    ...     "customer_id": ["ann", "ann", "bob", "cat"],
    ...     "date": ["2024-01-05", "2024-02-05", "2024-01-20", "2024-02-10"],
    ...     "amount": [10.0, 20.0, 30.0, 40.0],
    ... })
    >>> cohorts(sold).reset_index()
        cohort  age  customers  orders  revenue
    0  2024-01    0          2       2     40.0
    1  2024-01    1          1       1     20.0
    2  2024-02    0          1       1     40.0

    As a triangle: ``cohorts(sold)["customers"].unstack("age")``.

    :param pd.DataFrame transactions: columns as in
        :func:`.summaries.summary_data_from_transaction_data`, purchases counted as in
        :func:`.summaries.purchase_days`, but not days
    :param as_of: the last day, later rows are left out
    :param step: ``month`` or ``quarter``
    :return: by cohort (a period) and age (0 is the period of the first purchase):
        ``customers`` who bought, ``orders`` (purchases) and ``revenue``, net of refunds
    :raise ValueError: as there, and if there is no such step
    """
    if step not in MONTHS:
        raise ValueError(f"step is one of {', '.join(MONTHS)}, not {step!r}.")
    rows = _documents(
        transactions,
        datetime_format,
        as_of,
        customer_id_col=customer_id_col,
        datetime_col=datetime_col,
        monetary_value_col=monetary_value_col,
        purchase_id_col=purchase_id_col,
        posted_date_col=posted_date_col,
    )[0]
    # Numbers of periods: their differences are ages.
    rows["period"] = _numbers(rows[DATE], step)
    purchases = rows[rows["stands"]]
    if PURCHASE in rows:
        # On the day of the first of its documents.
        purchases = purchases.sort_values("period").drop_duplicates(
            [CUSTOMER, PURCHASE]
        )
    first = purchases.groupby(CUSTOMER, observed=True)["period"].min()
    found = {}
    for name, part in (("orders", purchases), ("revenue", rows)):
        part = part.assign(cohort=part[CUSTOMER].map(first)).dropna(subset=["cohort"])
        part = part.astype({"cohort": "int64"})
        part = part[part["period"] >= part["cohort"]]
        found[name] = part.assign(age=part["period"] - part["cohort"])
    orders = found["orders"].groupby(["cohort", "age"])
    table = pd.DataFrame(
        {
            "customers": orders[CUSTOMER].nunique(),
            "orders": orders.size(),
            "revenue": found["revenue"].groupby(["cohort", "age"])[AMOUNT].sum(),
        }
    )
    table = table.fillna(0.0).astype({"customers": int, "orders": int}).sort_index()
    begun = pd.PeriodIndex.from_ordinals(
        table.index.get_level_values("cohort"), freq=PERIODS[step]
    )
    ages = table.index.get_level_values("age")
    table.index = pd.MultiIndex.from_arrays([begun, ages], names=["cohort", "age"])
    return table


def _numbers(days: pd.Series, step: str) -> pd.Series:
    return (days.dt.year - 1970) * (12 // MONTHS[step]) + (days.dt.month - 1) // MONTHS[
        step
    ]


def _documents(transactions, datetime_format, as_of, **names):
    """Checked rows until a day, each with whether it is of a purchase that stands, and
    the day."""
    rows = checked(transactions, datetime_format, **names)
    end = last_day(rows, as_of, "as_of").normalize()
    rows = until(rows, end)
    rows[DATE] = rows[DATE].dt.normalize()
    rows["stands"] = (rows[AMOUNT] > 0) & (purchase_totals(rows) > 0)
    if not rows["stands"].any():
        raise ValueError(
            "There are no purchases: no amount is above zero, or all were taken back."
        )
    return rows, end


def flows(
    transactions,
    customer_id_col="customer_id",
    datetime_col="date",
    monetary_value_col="amount",
    purchase_id_col=None,
    posted_date_col=None,
    datetime_format=None,
    as_of=None,
    window_months=12,
) -> pd.DataFrame:
    """Customers gained, kept, lost and won back in each month since the first purchase.

    A customer is *lost* on a day when they bought nothing in the lookback period that ends
    there.

    >>> sold = pd.DataFrame({
    ...     "customer_id": ["ann", "ann", "bob"],
    ...     "date": ["2024-01-05", "2024-04-05", "2024-02-20"],
    ...     "amount": [10.0, 20.0, 30.0],
    ... })
    >>> found = flows(sold, as_of="2024-04-30", window_months=1).rename_axis(None)
    >>> found[["gained", "kept", "lost", "won_back", "before", "after"]]
             gained  kept  lost  won_back  before  after
    2024-01       1     0     0         0       0      1
    2024-02       1     0     1         0       1      1
    2024-03       0     0     1         0       1      0
    2024-04       0     0     0         1       0      1

    :param pd.DataFrame transactions: columns as in
        :func:`.summaries.summary_data_from_transaction_data`, purchases counted as in
        :func:`.summaries.purchase_days`, but not days
    :param as_of: the last day, later rows are left out; the month of it ends there
    :param window_months: months of the lookback period; 0 for no limit
    :return: by month (a period), numbers of customers: ``gained``, ``kept``, ``lost``,
        ``won_back``, ``gained_and_lost`` (in the same month; they are in ``gained``),
        ``before`` and ``after`` (not lost before the month, and at its end), ``taken_back``
    :raise ValueError: as there
    """
    if not (0 <= window_months < 12000) or window_months % 1:
        raise ValueError(
            f"window_months is a whole number of months, or 0, not {window_months!r}."
        )
    rows, end = _documents(
        transactions,
        datetime_format,
        as_of,
        customer_id_col=customer_id_col,
        datetime_col=datetime_col,
        monetary_value_col=monetary_value_col,
        purchase_id_col=purchase_id_col,
        posted_date_col=posted_date_col,
    )
    begun = rows.loc[rows[AMOUNT] > 0, DATE].min().date()
    found, old = [], None
    for month, last in month_ends(begun, end.date()):
        new = _states(rows, pd.Timestamp(last), window_months)
        if old is None:
            old = new.iloc[:0]
        found.append(_flow(month, old, new))
        old = new
    table = pd.DataFrame(found)
    table["month"] = pd.PeriodIndex(pd.to_datetime(table["month"]), freq="M")
    return table.set_index("month")


def _states(rows: pd.DataFrame, day: pd.Timestamp, months: int) -> pd.DataFrame:
    """First purchase of the customers of a day, and whether they are lost."""
    known = rows[DATE] <= day
    if POSTED in rows:
        known &= rows[POSTED] < day + pd.Timedelta(days=1)
    there = rows[known]
    if PURCHASE in rows:
        # Documents that come later change what a purchase is.
        there = there[(there[AMOUNT] > 0) & (purchase_totals(there) > 0)]
    else:
        there = there[there["stands"]]
    dates = there.groupby(CUSTOMER, observed=True)[DATE]
    found = pd.DataFrame({"first": dates.min(), "last": dates.max()})
    if not months:
        return found.assign(is_lost=False)
    start = day - pd.DateOffset(months=int(months))
    return found.assign(is_lost=found["last"] <= start)


def _flow(month, old: pd.DataFrame, new: pd.DataFrame) -> Flow:
    is_new = new["first"] >= pd.Timestamp(month)
    is_lost = new["is_lost"]
    # Someone who was no customer before, because a purchase was taken back and is one
    # again, is taken to have been what they are.
    known = old["is_lost"].reindex(new.index)
    was_lost = known.where(known.notna(), is_lost).astype(bool)
    kept = int((~is_new & ~was_lost & ~is_lost).sum())
    lost = int((~is_new & ~was_lost & is_lost).sum())
    return Flow(
        month=month,
        gained=int(is_new.sum()),
        kept=kept,
        lost=lost,
        won_back=int((~is_new & was_lost & ~is_lost).sum()),
        gained_and_lost=int((is_new & is_lost).sum()),
        before=kept + lost,
        after=int((~is_lost).sum()),
        taken_back=int((~old["is_lost"]).sum()) - kept - lost,
    )

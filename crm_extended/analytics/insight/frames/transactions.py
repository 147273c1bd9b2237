"""Frames of transactions: read, and checked before anything is computed of them."""

from decimal import Decimal
from numbers import Real
from pathlib import Path

import numpy as np
import pandas as pd

# Names of the columns, once they are checked.
CUSTOMER, DATE, AMOUNT, PURCHASE, POSTED = "customer", "date", "amount", "key", "posted"
# By the argument that names it, what each column becomes.
COLUMNS = {
    "customer_id_col": CUSTOMER,
    "datetime_col": DATE,
    "monetary_value_col": AMOUNT,
    "purchase_id_col": PURCHASE,
    "posted_date_col": POSTED,
}


def read_transactions(path, company_id=None) -> pd.DataFrame:
    """Read a file that *Export for Analysis* wrote.

    :param path: of a ``.csv`` file (also compressed: ``.csv.gz``) or a ``.parquet`` file
        (for which pandas needs pyarrow)
    :param company_id: keep the purchases of this company alone
    :return: one row for each transaction, with the columns of the file; dates are
        ``datetime64``
    :raise ValueError: if the file is of neither kind, is no such export, or holds several
        companies and none is chosen: each has a currency of its own
    """
    name = Path(path).name.lower()
    if ".csv" in name:
        rows = pd.read_csv(path)
    elif name.endswith(".parquet"):
        rows = pd.read_parquet(path)
    else:
        raise ValueError(f"{name} is neither a .csv nor a .parquet file.")
    for column in ("customer_id", "date", "amount", "company_id"):
        if column not in rows:
            raise ValueError(
                f"{name} has no column {column!r}, so it is no export of purchases. Read "
                "other files with pandas, and name their columns in the functions."
            )
    companies = sorted(rows["company_id"].unique().tolist())
    if company_id is not None:
        rows = rows[rows["company_id"] == company_id].reset_index(drop=True)
        if rows.empty:
            raise ValueError(
                f"{name} has nothing of company {company_id}, but of {companies}."
            )
    elif len(companies) > 1:
        raise ValueError(
            f"{name} holds several companies, {companies}. Their amounts are in their own "
            "currencies: choose one with company_id=…"
        )
    for column in ("date", "posted_date"):
        if column in rows:
            rows[column] = pd.to_datetime(rows[column])
    return rows


def checked(transactions, datetime_format=None, **names) -> pd.DataFrame:
    """The transactions with columns of our own names, in their order, checked.

    :param transactions: a frame, with any index
    :param datetime_format: of dates that are text; ISO 8601 if it is left out
    :param names: names of columns by the arguments in :data:`COLUMNS`; ``None`` for none
    :return: customer as given, date and posted ``datetime64`` without time zone, amount
        float, key as given; numbered rows
    :raise TypeError: if it is no frame
    :raise ValueError: if a column is missing, or holds what it cannot
    """
    if not isinstance(transactions, pd.DataFrame):
        raise TypeError(
            f"Transactions are a pandas DataFrame, not {type(transactions).__name__}."
        )
    found = {}
    for argument, name in names.items():
        if name is not None:
            found[COLUMNS[argument]] = _column(transactions, argument, name)
    if not len(transactions):
        raise ValueError("There are no transactions: the frame is empty.")
    rows = pd.DataFrame({CUSTOMER: _customers(found[CUSTOMER])})
    for column in (DATE, POSTED):
        if column in found:
            rows[column] = as_dates(found[column], datetime_format)
    if AMOUNT in found:
        rows[AMOUNT] = _amounts(found[AMOUNT])
    if PURCHASE in found:
        # A document without a key is a purchase by itself.
        keys = found[PURCHASE]
        rows[PURCHASE] = keys.astype(object).where(keys.notna(), range(len(keys)))
    return rows


def _column(transactions, argument, name) -> pd.Series:
    if name not in transactions.columns:
        there = ", ".join(map(str, transactions.columns)) or "none"
        raise ValueError(
            f"There is no column {name!r}; the columns are: {there}. Name yours with "
            f"{argument}=…"
        )
    column = transactions[name]
    if isinstance(column, pd.DataFrame):
        raise ValueError(f"There are several columns named {name!r}: rename them.")
    return column.reset_index(drop=True)


def _first(column: pd.Series, wrong: pd.Series) -> str:
    """How many are wrong, and which is the first."""
    place = int(np.flatnonzero(wrong)[0])
    return (
        f"{int(wrong.sum())} of {len(column)} transactions (the first is number {place}, "
        f"counted from 0: {column.iloc[place]!r})"
    )


def _customers(column) -> pd.Series:
    if (wrong := column.isna()).any():
        raise ValueError(
            f"In the column {column.name!r}, {_first(column, wrong)} name no customer. "
            f"Leave them out: transactions.dropna(subset=[{column.name!r}])"
        )
    return column


def _amounts(column) -> pd.Series:
    if not pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
        wrong = ~column.map(
            lambda value: isinstance(value, (Real, Decimal)) or value is None
        ).astype(bool)
        if pd.api.types.is_bool_dtype(column):
            wrong[:] = True
        if wrong.any():
            raise ValueError(
                f"In the column {column.name!r}, {_first(column, wrong)} have an amount "
                "that is not a number. Convert it: pd.to_numeric(…), after taking out "
                "thousands separators and currency signs."
            )
    amounts = column.astype(float)
    if (wrong := ~pd.Series(np.isfinite(amounts.to_numpy()))).any():
        raise ValueError(
            f"In the column {column.name!r}, {_first(column, wrong)} have no finite "
            f"amount. Leave them out: transactions.dropna(subset=[{column.name!r}])"
        )
    return amounts


def as_dates(column: pd.Series, datetime_format=None) -> pd.Series:
    """Dates of a column.

    :raise ValueError: if some cannot be read, are missing, or have a time zone
    """
    name = column.name
    if isinstance(column.dtype, pd.PeriodDtype):
        return column.dt.to_timestamp()
    if not datetime_format and pd.api.types.is_numeric_dtype(column):
        raise ValueError(
            f"The column {name!r} holds numbers, not dates. Convert it with "
            "pd.to_datetime(…, unit=…), or give datetime_format, as '%Y%m%d'."
        )
    dates = column
    if not pd.api.types.is_datetime64_any_dtype(column):
        text = column.astype(str) if datetime_format else column
        try:
            dates = pd.to_datetime(
                text, format=datetime_format or "ISO8601", errors="coerce"
            )
        except ValueError:
            # Offsets of more than one kind.
            raise _zoned(name) from None
    if getattr(dates.dtype, "tz", None) is not None:
        raise _zoned(name)
    if (wrong := dates.isna()).any():
        raise ValueError(
            f"In the column {name!r}, {_first(column, wrong)} have no date that can be "
            "read. Give dates as 2011-12-09, or say with datetime_format, as '%d/%m/%Y', "
            "how they are written."
        )
    return dates


def _zoned(name) -> ValueError:
    return ValueError(
        f"The column {name!r} has a time zone. The day of a purchase is that of a place: "
        f"transactions[{name!r}].dt.tz_convert('Europe/London').dt.tz_localize(None)"
    )


def as_day(value, argument: str) -> pd.Timestamp:
    """A date that was given as an argument: text (ISO 8601), a date or a timestamp.

    :raise ValueError: if it is none, or has a time zone
    """
    if isinstance(value, pd.Period):
        return value.to_timestamp()
    try:
        day = pd.Timestamp(value)
    except (TypeError, ValueError):
        day = pd.NaT
    if day is pd.NaT or isinstance(value, (bool, Real)):
        raise ValueError(f"{argument} is a date, as '2011-12-09', not {value!r}.")
    if day.tz is not None:
        raise ValueError(f"{argument} has a time zone: give the day alone.")
    return day


def last_day(rows: pd.DataFrame, given, argument: str) -> pd.Timestamp:
    """The last day that is looked at: the one given, or that of the last transaction.

    :param rows: as of :func:`checked`
    :raise ValueError: if none is given and the last one is in the future, from where all
        customers would seem to have left
    """
    if given is not None:
        return as_day(given, argument)
    last = rows[DATE].max()
    if last > pd.Timestamp.now():
        raise ValueError(
            f"The last transaction is dated {last.date()}, in the future. Correct it, or "
            f"say with {argument}=… until when there are transactions."
        )
    return last


def until(rows: pd.DataFrame, end: pd.Timestamp) -> pd.DataFrame:
    """The transactions that exist on a day: later ones do not, nor those posted later.

    :raise ValueError: if there are none
    """
    # Whatever time of that day.
    after = end.normalize() + pd.Timedelta(days=1)
    there = rows[DATE] < after
    if POSTED in rows:
        there &= rows[POSTED] < after
    if not there.any():
        raise ValueError(
            f"There are no transactions until {end.date()}; the first is of "
            f"{rows[DATE].min().date()}."
        )
    return rows[there].reset_index(drop=True)

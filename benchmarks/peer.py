"""The peer: the same standings by the book, in pandas.

Written from the definitions, not from the addon's SQL: so it also says whether the
scores that were timed are right.
"""

from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pandas as pd

# Segments on scores from 1 to 5: recency, then frequency.
SEGMENTS = {
    "Champions": ({5}, {4, 5}),
    "Loyal Customers": ({3, 4}, {4, 5}),
    "Potential Loyalists": ({4, 5}, {2, 3}),
    "New Customers": ({5}, {1}),
    "Promising": ({4}, {1}),
    "Need Attention": ({3}, {3}),
    "About to Sleep": ({3}, {1, 2}),
    "Can't Lose Them": ({1, 2}, {5}),
    "At Risk": ({1, 2}, {3, 4}),
    "Hibernating": ({1, 2}, {1, 2}),
}
BINS = 5


def standings(invoices, as_of, months=12):
    """Score the customers of a company.

    :param pd.DataFrame invoices: ``customer``, ``date`` (datetime64), ``amount`` (float),
        ``key`` of the purchase, as :func:`tied` gives it
    :param as_of: the day
    :param int months: months looked back
    :return: one row a customer who ever bought, by customer
    :rtype: pd.DataFrame
    """
    as_of = pd.Timestamp(as_of)
    start = as_of - pd.DateOffset(months=months)
    # Whole cents: sums of these are exact.
    invoices = invoices.assign(cents=(invoices.amount * 100).round().astype("int64"))
    invoices = invoices[invoices.date <= as_of]
    total = invoices.groupby(["customer", "key"]).cents.transform("sum")
    # What was taken back in full was no purchase.
    purchases = invoices[(invoices.cents > 0) & (total > 0)]
    dates = purchases.groupby("customer").date
    table = pd.DataFrame({"first_date": dates.min(), "last_date": dates.max()})
    recent = purchases[purchases.date > start].groupby("customer").key.nunique()
    spent = invoices[invoices.date > start].groupby("customer").cents.sum()
    table["frequency"] = recent.reindex(table.index, fill_value=0)
    cents = spent.reindex(table.index, fill_value=0)
    table["monetary"] = [
        float((Decimal(int(value)) / 100).quantize(Decimal("0.01"), ROUND_HALF_UP))
        for value in cents
    ]
    bought = table.frequency > 0
    days = (as_of - table.last_date).dt.days
    table["r"] = (BINS + 1 - _scores(days, bought)).where(bought, 1)
    table["f"] = _scores(table.frequency, bought).where(bought, 1)
    table["m"] = _scores(cents, bought).where(bought, 1)
    table["segment"] = [
        _segment(r, f) if b else "Lost"
        for r, f, b in zip(table.r, table.f, bought, strict=True)
    ]
    return table.sort_index()


def tied(documents, matched, orders):
    """Put credit notes on the day of what they take back, and say what belongs together.

    :param pd.DataFrame documents: ``id``, ``customer``, ``date``, ``amount``,
        ``reversed`` (id or nothing)
    :param dict matched: the invoice a credit note is reconciled with, by id
    :param dict orders: the order whose deposit an invoice is or deducts, by id
    :return: the documents with their purchase's ``date`` and ``key``
    """
    first = documents.reversed.fillna(documents.id.map(matched)).fillna(documents.id)
    dates = documents.set_index("id").date
    order = first.map(orders)
    key = ("invoice " + first.astype("int64").astype(str)).where(
        order.isna(), "order " + order.fillna(0).astype("int64").astype(str)
    )
    return documents.assign(date=first.map(dates), key=key)


def _scores(values, buyers):
    """1 plus the number of cut points strictly below a value; whoever bought nothing in
    the window has no part in the cut points."""
    cuts = np.quantile(values[buyers].astype(float), np.arange(1, BINS) / BINS)
    return pd.Series(1 + np.searchsorted(cuts, values, side="left"), values.index)


_CELLS = {(r, f): name for name, (rs, fs) in SEGMENTS.items() for r in rs for f in fs}


def _segment(r, f):
    return _CELLS[r, f]

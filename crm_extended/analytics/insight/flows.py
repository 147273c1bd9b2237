"""Customers gained, kept, lost and won back, month by month, by their definition.

On a day, documents dated or posted later do not exist. A purchase is the documents with
one key that are above zero together; a customer is someone with a purchase. They are
*Lost* when none of the documents above zero of their purchases falls into the lookback
period. Of a month, with its last day, or today while it is not over:

* gained: the first purchase ever is in it; whatever happened before was taken back;
* kept, lost, won back: by *Lost* on the day before the month and on its last day. Someone
  who was no customer before, because a purchase was taken back and is one again, is taken
  to have been what they are.
* Not Lost before = kept + lost. Not Lost after = kept + gained + won back - gained and
  lost again, and this is the number of customers who are not *Lost* on the last day.
* taken back: not Lost after the month before, less not Lost before this one. Customers
  all of whose purchases were taken back count here, less those whose purchases came back.

Of several months, gained, lost, won back and taken back are the sums. Not Lost before is
that of the first month, not Lost after that of the last one. Retained were not Lost before
the first month, nor at the end of any. Then the period closes as a month does, if gained
and lost again are all who came in it and left it again.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

from dateutil.relativedelta import relativedelta


class Document(NamedTuple):
    """A purchase or refund, or a part of one: documents with one key are one purchase."""

    customer: int
    key: object
    day: date
    posted: date
    amount: float


class Flow(NamedTuple):
    """What customers did in a month, or in several from that month on."""

    month: date
    gained: int
    kept: int
    lost: int
    won_back: int
    gained_and_lost: int
    before: int
    after: int
    taken_back: int


class State(NamedTuple):
    """What a customer is on a day."""

    first: date
    is_lost: bool


def window_start(day: date, months: int) -> date:
    """The day before the lookback period that ends on a day.

    :param months: of the lookback period; 0 for no limit
    """
    return day - relativedelta(months=months) if months else date.min


def states(documents: Iterable[Document], day: date, months: int) -> dict[int, State]:
    """The customers of a day.

    :param months: of the lookback period; 0 for no limit
    """
    purchases = defaultdict(list)
    for document in documents:
        if document.day <= day and document.posted <= day:
            purchases[document.customer, document.key].append(document)
    days = defaultdict(list)
    for (customer, _key), parts in purchases.items():
        if sum(part.amount for part in parts) > 0:
            days[customer] += [part.day for part in parts if part.amount > 0]
    start = window_start(day, months)
    return {
        customer: State(min(found), max(found) <= start)
        for customer, found in days.items()
    }


def month_ends(first: date, today: date) -> list[tuple[date, date]]:
    """First and last day of each month from that of a day on; the last one ends today."""
    month, found = first.replace(day=1), []
    while month <= today:
        after = month + relativedelta(months=1)
        found.append((month, min(after - timedelta(days=1), today)))
        month = after
    return found


def flows(documents: Iterable[Document], today: date, months: int) -> list[Flow]:
    """The flow of each month since the first purchase.

    :param months: of the lookback period; 0 for no limit
    """
    documents = list(documents)
    days = [d.day for d in documents if d.amount > 0 and d.day <= today]
    found, old = [], {}
    for month, last in month_ends(min(days), today) if days else []:
        new = states(documents, last, months)
        found.append(_flow(month, old, new))
        old = new
    return found


def flow_of_period(
    documents: Iterable[Document], first: date, last: date, today: date, months: int
) -> Flow:
    """The flow of several months as one.

    :param first: a day of the first month
    :param last: a day of the last month
    :param months: of the lookback period; 0 for no limit
    """
    documents = list(documents)
    first = first.replace(day=1)
    old = states(documents, first - timedelta(days=1), months)
    again, found = 0, []
    # Who is there, and whether since before the first month.
    stays = {customer: True for customer, state in old.items() if not state.is_lost}
    for month, end in month_ends(first, today):
        if month > last:
            break
        new = states(documents, end, months)
        found.append(_flow(month, old, new))
        again += found[-1].gained_and_lost
        for customer in list(stays):
            state = new.get(customer)
            # A customer whose first purchase is in this month is new.
            if not state or state.is_lost or state.first >= month:
                again += not stays.pop(customer)
        for customer, state in new.items():
            if not state.is_lost and customer not in stays:
                is_back = state.first < month and customer not in old
                stays[customer] = is_back and month == first
                # Whose purchase counts again neither was gained nor won back.
                again -= is_back and month != first
        old = new
    return Flow(
        month=first,
        gained=sum(flow.gained for flow in found),
        kept=sum(stays.values()),
        lost=sum(flow.lost for flow in found),
        won_back=sum(flow.won_back for flow in found),
        gained_and_lost=again,
        before=found[0].before,
        after=found[-1].after,
        taken_back=sum(flow.taken_back for flow in found),
    )


def _flow(month: date, old: dict[int, State], new: dict[int, State]) -> Flow:
    counts = defaultdict(int)
    for customer, state in new.items():
        if state.first >= month:
            counts["gained"] += 1
            counts["gained_and_lost"] += state.is_lost
            continue
        was_lost = old.get(customer, state).is_lost
        if was_lost != state.is_lost:
            counts["won_back" if was_lost else "lost"] += 1
        elif not state.is_lost:
            counts["kept"] += 1
    before = counts["kept"] + counts["lost"]
    return Flow(
        month,
        counts["gained"],
        counts["kept"],
        counts["lost"],
        counts["won_back"],
        counts["gained_and_lost"],
        before,
        sum(not state.is_lost for state in new.values()),
        sum(not state.is_lost for state in old.values()) - before,
    )

"""Cohorts: customers by the period of their first purchase, and what became of them.

Conventions, the same wherever cohorts are shown:

* A purchase is the documents with one key that are above zero together. It happened on
  the day of its first document above zero, and counts once, in the period of that day.
* A customer's cohort is the period (month or quarter) of their first purchase ever.
* The age of a period is the number of periods since the cohort's: 0 is the period of the
  first purchase, in which all customers of the cohort have bought.
* Revenue is that of all documents of a cohort's customers, each on its own day, so
  refunds lower it, and a period may have revenue without a purchase. What is dated before
  the cohort, such as the refund of a purchase that is not known, is left out.
* What is dated after today does not exist yet.
* The current period is not over: averages leave it out. The average of an age is that of
  the cohorts that are old enough, weighted by their size: what so many customers did,
  divided by so many customers.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

# Months of a period.
MONTHS = {"month": 1, "quarter": 3}


class Document(NamedTuple):
    """A purchase or refund, or a part of one: documents with one key are one purchase."""

    customer: int
    key: object
    day: date
    amount: float


class Cell(NamedTuple):
    """What the customers of a cohort did in one period."""

    customers: int
    orders: int
    revenue: float


def period_of(day: date, step: str) -> date:
    """The first day of the period that a day is in.

    :param step: ``month`` or ``quarter``
    """
    months = MONTHS[step]
    return date(day.year, 1 + (day.month - 1) // months * months, 1)


def age_of(cohort: date, period: date, step: str) -> int:
    """The number of periods from the first day of one to the first day of another."""
    months = 12 * (period.year - cohort.year) + period.month - cohort.month
    return months // MONTHS[step]


def later(cohort: date, age: int, step: str) -> date:
    """The first day of the period that comes so many periods later."""
    years, month = divmod(cohort.month - 1 + age * MONTHS[step], 12)
    return date(cohort.year + years, 1 + month, 1)


def cells(
    documents: Iterable[Document], today: date, step: str
) -> dict[tuple[date, int], Cell]:
    """The table of cohorts by its definition.

    :param documents: in any order
    :return: by cohort and age; revenue of customers without a purchase is in none
    """
    purchases = defaultdict(list)
    for document in documents:
        if document.day <= today:
            purchases[document.customer, document.key].append(document)
    orders, revenues = defaultdict(list), defaultdict(list)
    for (customer, _key), parts in purchases.items():
        days = [part.day for part in parts if part.amount > 0]
        if days and sum(part.amount for part in parts) > 0:
            orders[customer].append(period_of(min(days), step))
        revenues[customer] += [(period_of(p.day, step), p.amount) for p in parts]
    found = defaultdict(lambda: [set(), 0, 0.0])
    for customer, periods in orders.items():
        cohort = min(periods)
        for period in periods:
            cell = found[cohort, age_of(cohort, period, step)]
            cell[0].add(customer)
            cell[1] += 1
        for period, amount in revenues[customer]:
            if period >= cohort:
                found[cohort, age_of(cohort, period, step)][2] += amount
    return {
        place: Cell(len(customers), count, revenue)
        for place, (customers, count, revenue) in found.items()
    }


def averages(
    table: Mapping[tuple[date, int], float],
    sizes: Mapping[date, int],
    today: date,
    step: str,
) -> list[float]:
    """The average row: by age, what the customers of all cohorts that are old enough did,
    divided by their number.

    :param table: a figure by cohort and age; what is missing is zero
    :param sizes: number of customers by cohort
    :return: from age 0 on, up to the last age that any cohort has completed
    """
    current = period_of(today, step)
    ages = {cohort: age_of(cohort, current, step) for cohort in sizes}
    return [
        sum(table.get((cohort, age), 0) for cohort in old)
        / sum(sizes[cohort] for cohort in old)
        for age in range(max(ages.values(), default=0))
        if (old := [cohort for cohort in sizes if ages[cohort] > age])
    ]

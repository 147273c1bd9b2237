"""The arithmetic of cohorts and flows: known examples, and what holds for any shop."""

import random
from datetime import date, timedelta

from odoo.tests import BaseCase

from ...analytics.insight import cohorts, flows


def shop(seed: int, today: date, customers=12):
    """Documents of some customers over three years, with credit notes."""
    dice = random.Random(seed)
    key = 0
    for customer in range(customers):
        for _purchase in range(dice.choice((1, 1, 2, 5, 20))):
            key += 1
            day = today - timedelta(days=dice.randrange(-30, 3 * 365))
            amount = dice.choice((0, 10, 100))
            yield flows.Document(customer, key, day, day, amount)
            if dice.random() < 0.3:
                back = amount if dice.random() < 0.7 else amount / 2
                posted = day + timedelta(days=dice.randrange(400))
                yield flows.Document(customer, key, day, posted, -back)


class TestCohortArithmetic(BaseCase):
    today = date(2026, 6, 17)

    def bought(self, *rows):
        return [cohorts.Document(*row) for row in rows]

    def test_an_example(self):
        documents = self.bought(
            (1, "a", date(2026, 3, 5), 100),
            (1, "b", date(2026, 5, 1), 50),
            (1, "c", date(2026, 5, 31), 50),
            (2, "d", date(2026, 3, 31), 10),
            (2, "d", date(2026, 5, 2), 10),
            (3, "e", date(2026, 6, 17), 7),
            (3, "f", date(2026, 6, 18), 7),
        )
        march, june = date(2026, 3, 1), date(2026, 6, 1)
        table = cohorts.cells(documents, self.today, "month")
        self.assertEqual(
            table,
            {
                (march, 0): (2, 2, 110),
                # The second document of purchase d is its money, and no purchase.
                (march, 2): (1, 2, 110),
                (june, 0): (1, 1, 7),
            },
        )
        quarters = cohorts.cells(documents, self.today, "quarter")
        self.assertEqual(
            quarters,
            {
                (date(2026, 1, 1), 0): (2, 2, 110),
                (date(2026, 1, 1), 1): (1, 2, 110),
                (date(2026, 4, 1), 0): (1, 1, 7),
            },
        )

    def test_what_was_taken_back_in_full_is_no_purchase(self):
        documents = self.bought(
            (1, "a", date(2026, 3, 5), 100),
            (1, "a", date(2026, 3, 5), -100),
            (1, "b", date(2026, 5, 1), 50),
            (2, "c", date(2026, 3, 5), -20),
        )
        self.assertEqual(
            cohorts.cells(documents, self.today, "month"),
            {(date(2026, 5, 1), 0): (1, 1, 50)},
        )

    def test_averages_leave_out_the_running_period_and_weigh_by_size(self):
        may, april = date(2026, 5, 1), date(2026, 4, 1)
        sizes = {april: 10, may: 30, date(2026, 6, 1): 99}
        table = {(april, 0): 10, (may, 0): 30, (april, 1): 10, (may, 1): 30}
        self.assertEqual(cohorts.averages(table, sizes, self.today, "month"), [1, 1])
        table[april, 1] = 0
        # May is at age 1 only in June, which is not over.
        self.assertEqual(cohorts.averages(table, sizes, self.today, "month"), [1, 0])
        self.assertEqual(cohorts.averages({}, {}, self.today, "month"), [])

    def test_periods(self):
        self.assertEqual(
            cohorts.period_of(date(2026, 12, 31), "quarter"), date(2026, 10, 1)
        )
        self.assertEqual(cohorts.later(date(2026, 11, 1), 3, "month"), date(2027, 2, 1))
        self.assertEqual(
            cohorts.later(date(2026, 10, 1), 1, "quarter"), date(2027, 1, 1)
        )
        for age in range(40):
            for step in cohorts.MONTHS:
                period = cohorts.later(date(2026, 10, 1), age, step)
                self.assertEqual(cohorts.age_of(date(2026, 10, 1), period, step), age)

    def test_flows_close(self):
        for seed in range(30):
            documents = list(shop(seed, self.today))
            months = random.Random(seed).choice((0, 1, 3, 12))
            before = 0
            for flow in flows.flows(documents, self.today, months):
                self.assertEqual(flow.before, flow.kept + flow.lost)
                self.assertEqual(flow.after, flow.kept + flow.gained + flow.won_back)
                self.assertEqual(before, flow.before + flow.taken_back)
                # A month is shorter than any lookback period.
                self.assertEqual(flow.gained_and_lost, 0)
                before = flow.after

    def test_customers_are_gained_once_where_nothing_is_taken_back(self):
        documents = [row for row in shop(7, self.today) if row.amount > 0]
        gained = sum(row.gained for row in flows.flows(documents, self.today, 3))
        known = {row.customer for row in documents if row.day <= self.today}
        self.assertEqual(gained, len(known))
        self.assertEqual(flows.flows([], self.today, 12), [])

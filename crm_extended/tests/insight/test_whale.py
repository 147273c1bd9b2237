"""The arithmetic of margins: known examples, and what holds for any customers."""

import random

from odoo.tests import BaseCase

from ...analytics.insight.whale import curve, is_known, loss_reason, peak


class TestWhale(BaseCase):
    def shops(self):
        """Profits of many generated shops, and of the odd ones."""
        dice = random.Random(20)
        yield []
        yield [0.0]
        yield [-1.0, -2.0]
        yield [7.0]
        for _number in range(200):
            count = dice.choice((1, 2, 3, 50, 99, 100, 101, 1000))
            yield [
                round(dice.lognormvariate(3, 1.5) - dice.choice((0, 0, 60)), 2)
                for _customer in range(count)
            ]

    def test_an_example(self):
        """Two customers earn 150 of 100, and two lose 50."""
        self.assertEqual(
            curve([90, -40, 60, -10], points=4),
            [(0, 0), (1, 0.9), (2, 1.5), (3, 1.4), (4, 1)],
        )
        self.assertEqual(peak([90, -40, 60, -10]), (2, 1.5))

    def test_the_curve_begins_at_nothing_and_ends_at_the_whole(self):
        for profits in self.shops():
            points = curve(profits)
            if sum(profits) <= 0:
                self.assertEqual((points, peak(profits)), ([], None))
                continue
            self.assertEqual(points[0], (0, 0))
            self.assertEqual(points[-1], (len(profits), 1))
            self.assertLessEqual(len(points), 102)
            customers = [point.customers for point in points]
            self.assertEqual(customers, sorted(set(customers)))

    def test_the_peak_is_the_highest_point_and_never_below_the_whole(self):
        for profits in self.shops():
            points = curve(profits)
            if not points:
                continue
            highest = peak(profits)
            self.assertGreaterEqual(highest.share, 1 - 1e-9)
            self.assertAlmostEqual(highest.share, max(point.share for point in points))
            self.assertIn(highest.customers, [point.customers for point in points])
            if min(profits) >= 0:
                self.assertAlmostEqual(highest.share, 1)

    def test_the_order_of_customers_changes_nothing(self):
        dice = random.Random(21)
        for profits in self.shops():
            mixed = dice.sample(profits, len(profits))
            self.assertEqual(len(curve(mixed)), len(curve(profits)))
            for one, other in zip(curve(mixed), curve(profits), strict=True):
                self.assertEqual(one.customers, other.customers)
                self.assertAlmostEqual(one.share, other.share)

    def test_shares_do_not_depend_on_the_currency(self):
        for profits in self.shops():
            for one, other in zip(
                curve(profits), curve([profit * 7 for profit in profits]), strict=True
            ):
                self.assertAlmostEqual(one.share, other.share)

    def test_reasons_come_in_the_order_of_what_leads_below_zero(self):
        for sales, returns, service, reason in (
            (10, 0, 0, None),
            (10, -5, 5, None),
            (-1, 0, 0, "price"),
            (-1, -50, 90, "price"),
            (10, -11, 0, "returns"),
            (10, -11, 90, "returns"),
            (10, -5, 6, "service"),
            (0, 0, 1, "service"),
            # What was sold below cost and came back costs nothing.
            (-5, 5, 0, None),
        ):
            self.assertEqual(loss_reason(sales, returns, service), reason)

    def test_there_is_a_reason_for_each_loss_and_for_nothing_else(self):
        dice = random.Random(22)
        for _number in range(1000):
            sales, returns = dice.randint(-9, 9), dice.randint(-9, 9)
            service = dice.randint(0, 9)
            self.assertEqual(
                loss_reason(sales, returns, service) is not None,
                sales + returns - service < 0,
            )

    def test_more_than_a_fifth_without_cost_is_unknown(self):
        for revenue, uncosted, known in (
            (100, 20, True),
            (100, 20.01, False),
            (100, 0, True),
            (0, 0, True),
            (0, 1, False),
            (-100, -20, True),
            (-100, -30, False),
            (100, -30, False),
            (100, 100, False),
        ):
            self.assertEqual(is_known(revenue, uncosted), known, (revenue, uncosted))

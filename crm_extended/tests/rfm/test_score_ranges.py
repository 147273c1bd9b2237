from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tests.common import BaseCase

from ...analytics.rfm.ranges import floor_to, ranges
from ..common import CustomerValueCommon


@tagged("post_install", "-at_install")
class TestRangeArithmetic(BaseCase):
    def scores(self, cuts, **options):
        return [(row.score, row.up_to) for row in ranges(cuts, **options)]

    def test_low_values_first(self):
        self.assertEqual(
            ranges([1, 3]),
            [(1, None, 1.0), (2, 1.0, 3.0), (3, 3.0, None)],
        )

    def test_few_days_are_a_high_score(self):
        self.assertEqual(
            self.scores([5, 19, 40, 90], falling=True, lowest=0),
            [(5, 5), (4, 19), (3, 40), (2, 90), (1, None)],
        )

    def test_any_number_of_levels(self):
        for bins in range(2, 12):
            rows = ranges(list(range(1, bins)))
            self.assertEqual([row.score for row in rows], list(range(1, bins + 1)))
            rows = ranges(list(range(1, bins)), falling=True)
            self.assertEqual([row.score for row in rows], list(range(bins, 0, -1)))

    def test_scores_between_equal_cut_points_do_not_exist(self):
        self.assertEqual(self.scores([1, 1, 1, 2]), [(1, 1), (4, 2), (5, None)])
        self.assertEqual(self.scores([7, 7], falling=True), [(3, 7), (1, None)])

    def test_between_possible_values(self):
        self.assertEqual(self.scores([5.4, 5.8, 9.2]), [(1, 5), (3, 9), (4, None)])
        self.assertEqual(self.scores([50.005], unit=0.01), [(1, 50.0), (2, None)])
        self.assertEqual(self.scores([1049.5], unit=10), [(1, 1040), (2, None)])

    def test_what_is_below_the_lowest_value(self):
        self.assertEqual(self.scores([0, 2], lowest=1), [(2, 2), (3, None)])
        self.assertEqual(self.scores([0, 2], lowest=0), [(1, 0), (2, 2), (3, None)])

    def test_negative_amounts(self):
        self.assertEqual(self.scores([-20.5, 3]), [(1, -21), (2, 3), (3, None)])

    def test_floats_are_meant_as_they_look(self):
        self.assertEqual(floor_to(0.1 + 0.2, 0.1), 0.3)
        self.assertEqual(floor_to(70.1, 0.01), 70.1)
        self.assertEqual(floor_to(63.00000000000001, 1), 63)
        self.assertEqual(floor_to(62.99999999999999, 1), 63)
        self.assertEqual(floor_to(1e15, 0.01), 1e15)

    def test_every_value_is_in_the_range_of_its_score(self):
        for cuts in ([5.4, 5.8, 9.2], [1, 1, 1, 2], [2, 4, 6, 8]):
            for value in range(12):
                score = 1 + sum(cut < value for cut in cuts)
                [row] = [
                    row
                    for row in ranges(cuts)
                    if (row.above is None or row.above < value)
                    and (row.up_to is None or value <= row.up_to)
                ]
                self.assertEqual(row.score, score, (cuts, value))

    def test_nothing_and_nonsense(self):
        self.assertEqual(ranges([]), [])
        for cut in (float("nan"), float("inf")):
            with self.assertRaises(ValueError):
                ranges([1, cut])


@tagged("post_install", "-at_install")
class TestScoreRanges(CustomerValueCommon):
    def texts(self, customer, dimension="recency"):
        return [row["text"] for row in self.score(customer)[f"{dimension}_ranges"]]

    def own(self, customer, dimension="recency"):
        rows = self.score(customer)[f"{dimension}_ranges"]
        return [row["score"] for row in rows if row["own"]]

    def test_the_customers_own_range_is_marked(self):
        customers = self.customers(5)
        for number, customer in enumerate(customers):
            for _purchase in range(number + 1):
                self.buy(customer, 100.0, days_ago=10 * (number + 1))
        self.refresh()
        for number, customer in enumerate(customers):
            score = self.score(customer)
            self.assertEqual(self.own(customer), [score.recency_score])
            self.assertEqual(self.own(customer, "frequency"), [score.frequency_score])
            self.assertEqual(self.own(customer, "monetary"), [score.monetary_score])
            self.assertEqual(score.recency_score, 5 - number)
        self.assertEqual(self.texts(customers[0])[0], "5: up to 18 days")
        self.assertEqual(
            self.texts(customers[0], "frequency")[0], "1: up to 1 purchase"
        )
        self.assertIn(
            self.company_a.currency_id.symbol, self.texts(customers[0], "monetary")[0]
        )

    def test_equal_customers(self):
        customers = self.customers(3)
        for customer in customers:
            self.buy(customer, 100.0, days_ago=1)
        self.refresh()
        self.assertEqual(self.texts(customers[0]), ["5: up to 1 day", "1: over 1"])
        self.assertEqual(
            self.texts(customers[0], "frequency"), ["1: up to 1 purchase", "5: over 1"]
        )

    def test_other_numbers_of_levels(self):
        for bins in (3, 10):
            self.company_a.rfm_bins = bins
            customers = self.customers(bins)
            for number, customer in enumerate(customers):
                self.buy(customer, 10.0 * (number + 1), days_ago=5 * (number + 1))
            self.refresh()
            self.assertEqual(len(self.texts(customers[0])), bins)
            self.env["crm.purchase.history"].search([]).unlink()

    def test_lost_customers_have_no_range_of_their_own(self):
        lost, other = self.customers(2)
        self.buy(lost, 100.0, days_ago=700)
        self.buy(other, 100.0)
        self.refresh()
        self.assertEqual(self.own(lost), [])
        self.assertTrue(self.texts(lost))

    def test_before_the_first_update(self):
        self.env["crm.rfm.refresh"].search([]).unlink()
        customer = self.customer()
        self.buy(customer)
        self.refresh()
        self.env["crm.rfm.refresh"].search([]).unlink()
        self.env.invalidate_all()
        self.assertFalse(self.score(customer).recency_ranges)

    def test_contacts_show_the_ranges_of_their_company(self):
        customer = self.customer("Two companies")
        self.buy(customer, 100.0, days_ago=3)
        self.buy(customer, 100.0, days_ago=20, company=self.company_b)
        self.refresh(self.company_a + self.company_b)
        contact = customer.with_user(self.salesman)
        first = contact.with_context(allowed_company_ids=self.company_a.ids)
        self.assertEqual(
            first.get_rfm_explanation()[0]["ranges"][0]["text"], "5: up to 3 days"
        )
        self.salesman.company_ids += self.company_b
        other = contact.with_context(allowed_company_ids=self.company_b.ids)
        self.assertEqual(
            other.get_rfm_explanation()[0]["ranges"][0]["text"], "5: up to 20 days"
        )
        with self.assertRaises(AccessError):
            customer.with_user(self.employee).get_rfm_explanation()
        never = self.customer("Never").with_user(self.salesman)
        self.assertEqual(never.get_rfm_explanation()[0]["ranges"], [])

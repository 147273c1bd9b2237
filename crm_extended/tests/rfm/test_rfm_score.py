"""The standing of a customer, by the definitions: what counts, and how it is scored."""

import random
from datetime import date, timedelta

from odoo.tests import Form

from ..common import CustomerValueCommon


def quantile(values, share):
    """Quantile by linear interpolation between the closest ranks (type 7)."""
    values = sorted(values)
    position = (len(values) - 1) * share
    below = int(position)
    above = min(below + 1, len(values) - 1)
    return values[below] + (values[above] - values[below]) * (position - below)


def points_below(value, values, bins):
    return sum(quantile(values, share / bins) < value for share in range(1, bins))


class TestRfmScore(CustomerValueCommon):
    def assertScores(self, partner, recency, frequency, monetary, company=None):
        score = self.score(partner, company)
        self.assertTrue(score, f"{partner.name} has no score")
        self.assertEqual(
            (score.recency_score, score.frequency_score, score.monetary_score),
            (recency, frequency, monetary),
        )

    def test_nothing_bought_gives_no_score(self):
        customer = self.customer()
        refresh = self.refresh()
        self.assertEqual(refresh.customer_count, 0)
        self.assertFalse(self.scores())
        self.assertFalse(customer.rfm_score_id)

    def test_one_customer(self):
        customer = self.customer()
        self.buy(customer, 80.0, days_ago=3)
        self.buy(customer, 20.0, days_ago=10)
        self.refresh()
        score = self.score(customer)
        self.assertEqual(score.first_date, self.today - timedelta(days=10))
        self.assertEqual(score.last_date, self.today - timedelta(days=3))
        self.assertEqual(score.recency, 3)
        self.assertEqual(score.frequency, 2)
        self.assertEqual(score.monetary, 100.0)
        # No cut point lies strictly below the only value there is.
        self.assertScores(customer, 5, 1, 1)
        self.assertEqual(score.code, "511")

    def test_two_customers(self):
        worse, better = self.customers(2)
        self.buy(worse, 10.0, days_ago=100)
        self.buy(better, 50.0, days_ago=5)
        self.buy(better, 50.0, days_ago=6)
        self.refresh()
        self.assertScores(better, 5, 5, 5)
        self.assertScores(worse, 1, 1, 1)

    def test_equal_customers_get_equal_scores(self):
        for customer in self.customers(7):
            self.buy(customer, 30.0, days_ago=8)
        self.refresh()
        self.assertEqual(set(self.scores().mapped("code")), {"511"})

    def test_sixty_percent_with_one_purchase(self):
        """Three of four cut points are 1: no score 2 to 4 is given, and nothing fails."""
        once, often = self.customers(12), self.customers(8)
        for customer in once:
            self.buy(customer, 10.0, days_ago=20)
        for number, customer in enumerate(often):
            for purchase in range(number + 2):
                self.buy(customer, 10.0, days_ago=purchase)
        self.refresh()
        counts = [1] * 12 + list(range(2, 10))
        for customer in once:
            self.assertEqual(self.score(customer).frequency_score, 1)
        for number, customer in enumerate(often):
            self.assertEqual(
                self.score(customer).frequency_score,
                1 + points_below(number + 2, counts, 5),
            )

    def test_refunds_lower_the_amount_and_nothing_else(self):
        customer = self.customer()
        self.buy(customer, 100.0, days_ago=30)
        self.buy(customer, -40.0, days_ago=1)
        self.refresh()
        score = self.score(customer)
        self.assertEqual((score.frequency, score.recency), (1, 30))
        self.assertEqual(score.monetary, 60.0)

    def test_refunds_larger_than_purchases(self):
        generous, returner = self.customers(2)
        self.buy(generous, 10.0, days_ago=5)
        self.buy(returner, 10.0, days_ago=5)
        self.buy(returner, -300.0, days_ago=4)
        self.refresh()
        self.assertEqual(self.score(returner).monetary, -290.0)
        self.assertScores(returner, 5, 1, 1)
        self.assertScores(generous, 5, 1, 5)

    def test_only_refunds_is_no_customer(self):
        customer = self.customer()
        self.buy(customer, -10.0)
        self.refresh()
        self.assertFalse(self.score(customer))

    def test_an_amount_of_zero_is_no_purchase(self):
        customer, nobody = self.customers(2)
        self.buy(customer, 10.0, days_ago=9)
        self.buy(customer, 0.0, days_ago=1)
        self.buy(nobody, 0.0)
        self.refresh()
        score = self.score(customer)
        self.assertEqual((score.frequency, score.recency), (1, 9))
        self.assertFalse(self.score(nobody))

    def test_purchases_in_the_future_wait_for_their_day(self):
        customer, later = self.customers(2)
        self.buy(customer, 10.0, days_ago=2)
        self.buy(customer, 10.0, days_ago=-1)
        self.buy(later, 10.0, days_ago=-30)
        self.refresh()
        self.assertEqual(self.score(customer).frequency, 1)
        self.assertFalse(self.score(later))

    def test_a_company_buys_through_its_contacts(self):
        company = self.customer("Company", is_company=True)
        contacts = self.customers(3, parent_id=company.id)
        for number, contact in enumerate(contacts):
            self.buy(contact, 10.0 * (number + 1), days_ago=number)
        self.refresh()
        self.assertEqual(self.scores().partner_id, company)
        self.assertEqual(self.score(company).frequency, 3)
        self.assertEqual(self.score(company).monetary, 60.0)
        self.assertEqual(contacts[0].rfm_code, company.rfm_code)

    def test_the_window_is_open_at_its_start_and_closed_at_its_end(self):
        as_of = date(2024, 2, 29)
        inside, edge = self.customers(2)
        self.buy(inside, date=date(2023, 3, 1))
        self.buy(edge, date=date(2023, 2, 28))
        self.buy(inside, date=as_of)
        self.refresh(as_of=as_of)
        self.assertEqual(self.score(inside).frequency, 2)
        # 12 months before 29 February 2024 is 28 February 2023: just outside.
        self.assertEqual(self.score(edge).frequency, 0)

    def test_whoever_falls_out_of_the_window_is_lost(self):
        loyal, gone = self.customers(2)
        self.buy(loyal, 10.0, days_ago=5)
        self.buy(gone, 900.0, days_ago=400)
        self.refresh(as_of=self.today - timedelta(days=300))
        self.assertNotEqual(
            self.score(gone).segment_id,
            self.env.ref("crm_extended.crm_rfm_segment_lost"),
        )
        before = self.score(gone).segment_id
        self.refresh()
        score = self.score(gone)
        self.assertEqual(
            score.segment_id, self.env.ref("crm_extended.crm_rfm_segment_lost")
        )
        self.assertEqual(score.previous_segment_id, before)
        self.assertEqual(score.segment_date, self.today)
        self.assertScores(gone, 1, 1, 1)
        self.assertEqual((score.frequency, score.monetary), (0, 0.0))
        self.assertEqual(score.recency, 400)
        # The lost one has no part in the cut points.
        self.assertScores(loyal, 5, 1, 1)

    def test_no_window_counts_everything(self):
        self.company_a.rfm_window_months = 0
        customer = self.customer()
        self.buy(customer, 10.0, days_ago=4000)
        self.refresh()
        self.assertEqual(self.score(customer).frequency, 1)

    def test_monetary_as_the_average_purchase(self):
        self.company_a.rfm_monetary_measure = "average"
        frequent, big = self.customers(2)
        for day in range(10):
            self.buy(frequent, 10.0, days_ago=day)
        self.buy(big, 95.0, days_ago=3)
        self.refresh()
        self.assertEqual(self.score(frequent).monetary, 10.0)
        self.assertEqual(self.score(frequent).revenue, 100.0)
        self.assertEqual(self.score(big).monetary, 95.0)
        self.assertEqual(self.score(big).monetary_score, 5)
        self.assertEqual(self.score(frequent).monetary_score, 1)

    def test_average_counts_refunds_in_the_amount_only(self):
        self.company_a.rfm_monetary_measure = "average"
        customer = self.customer()
        self.buy(customer, 100.0)
        self.buy(customer, 50.0)
        self.buy(customer, -30.0)
        self.refresh()
        self.assertEqual(self.score(customer).monetary, 60.0)

    def test_two_companies_share_a_customer(self):
        customer = self.customer()
        other = self.customer()
        self.buy(customer, 10.0, days_ago=1)
        self.buy(customer, 500.0, days_ago=50, company=self.company_b)
        self.buy(other, 900.0, days_ago=2, company=self.company_b)
        self.refresh()
        self.refresh(self.company_b)
        self.assertEqual(self.score(customer).monetary, 10.0)
        self.assertEqual(self.score(customer, self.company_b).monetary, 500.0)
        in_a = customer.with_company(self.company_a)
        in_b = customer.with_company(self.company_b)
        self.assertEqual((in_a.rfm_code, in_b.rfm_code), ("511", "111"))
        self.assertEqual(in_b.rfm_currency_id, self.usd)

    def test_other_numbers_of_scores(self):
        customers = self.customers(20)
        for number, customer in enumerate(customers):
            self.buy(customer, 10.0 * (number + 1), days_ago=number)
        for bins in (3, 10):
            self.company_a.rfm_bins = bins
            self.refresh()
            best, worst = self.score(customers[-1]), self.score(customers[0])
            self.assertEqual(best.monetary_score, bins)
            self.assertEqual(worst.recency_score, bins)
            self.assertEqual(best.recency_score, 1)
            self.assertTrue(all(score.segment_id for score in self.scores()))
        self.assertEqual(self.score(customers[-1]).code, "1-1-10")

    def test_scores_of_many_customers_follow_the_definition(self):
        chance = random.Random(19)
        for bins, measure in ((5, "total"), (7, "average"), (10, "total")):
            self.env["crm.purchase.history"].search(
                [("company_id", "=", self.company_a.id)]
            ).unlink()
            self.company_a.rfm_bins = bins
            self.company_a.rfm_monetary_measure = measure
            expected, bought = {}, []
            for customer in self.customers(chance.randint(30, 60)):
                purchases = [
                    (chance.randint(0, 300), chance.choice([5.0, 10.0, 10.0, 62.5]))
                    for _number in range(chance.choice([1, 1, 1, 2, 3, 8]))
                ]
                bought += [
                    {
                        "partner_id": customer.id,
                        "company_id": self.company_a.id,
                        "date": self.today - timedelta(days=days),
                        "amount": amount,
                    }
                    for days, amount in purchases
                ]
                total = sum(amount for _days, amount in purchases)
                expected[customer] = (
                    min(days for days, _amount in purchases),
                    len(purchases),
                    total if measure == "total" else total / len(purchases),
                )
            self.env["crm.purchase.history"].create(bought)
            self.refresh()
            days, times, money = zip(*expected.values(), strict=True)
            for customer, (recency, frequency, monetary) in expected.items():
                score = self.score(customer)
                self.assertEqual((score.recency, score.frequency), (recency, frequency))
                self.assertAlmostEqual(score.monetary, monetary, delta=0.0051)
                self.assertScores(
                    customer,
                    bins - points_below(recency, days, bins),
                    1 + points_below(frequency, times, bins),
                    1 + points_below(monetary, money, bins),
                )

    def test_days_since_the_last_purchase_are_searched_sorted_and_averaged(self):
        near, far = self.customers(2)
        self.buy(near, days_ago=10)
        self.buy(far, days_ago=100)
        self.refresh()
        Score = self.env["crm.rfm.score"]
        own = [("company_id", "=", self.company_a.id)]
        self.assertEqual(Score.search(own + [("recency", ">", 10)]).partner_id, far)
        self.assertEqual(Score.search(own + [("recency", "<=", 10)]).partner_id, near)
        self.assertEqual(Score.search(own + [("recency", "=", 100)]).partner_id, far)
        self.assertEqual(Score.search(own + [("recency", "!=", 100)]).partner_id, near)
        self.assertEqual(
            Score.search(own, order="recency desc").partner_id.ids, [far.id, near.id]
        )
        [[average]] = Score._read_group(own, [], ["recency:avg"])
        self.assertEqual(average, 55)
        self.assertEqual(
            self.scores().filtered_domain([("recency", ">=", 100)]).partner_id, far
        )

    def test_a_customer_on_a_cut_point_stays_below_it(self):
        """0.7 * 90 is a little less than 63 for a computer: it must not show."""
        self.company_a.rfm_bins = 10
        customers = self.customers(91)
        for number, customer in enumerate(customers, 1):
            self.buy(customer, number)
        self.refresh()
        self.assertEqual(self.score(customers[63]).monetary_score, 7)
        self.assertEqual(self.score(customers[64]).monetary_score, 8)

    def test_days_are_never_negative(self):
        customer = self.customer()
        self.buy(customer)
        self.refresh(as_of=self.today)
        score = self.score(customer)
        self.env.cr.execute(
            "UPDATE crm_rfm_score SET last_date = last_date + 1 WHERE id = %s",
            [score.id],
        )
        self.env.invalidate_all()
        self.assertEqual(score.recency, 0)
        self.assertIn(score, score.search([("recency", "=", 0)]))

    def test_a_past_day_counts_days_up_to_it(self):
        customer = self.customer()
        self.buy(customer, days_ago=100)
        self.buy(customer, days_ago=20)
        as_of = self.today - timedelta(days=50)
        self.refresh(as_of=as_of)
        score = self.score(customer)
        self.assertEqual((score.as_of, score.frequency), (as_of, 1))
        self.assertEqual(score.recency, 50)
        self.assertEqual(customer.rfm_recency, 50)
        Score = self.env["crm.rfm.score"]
        self.assertIn(score, Score.search([("recency", "=", 50)]))
        self.refresh()
        self.assertFalse(score.as_of)
        self.assertEqual(score.recency, 20)

    def test_two_ready_questions(self):
        """High frequency with low amount, and the other way round."""
        little, much, both = self.customers(3)
        others = self.customers(4)
        for day in range(9):
            self.buy(little, 1.0, days_ago=day)
            self.buy(both, 500.0, days_ago=day)
        self.buy(much, 900.0, days_ago=9)
        for number, customer in enumerate(others):
            for day in range(number + 2):
                self.buy(customer, 20.0, days_ago=day)
        for bins in (5, 10):
            self.company_a.rfm_bins = bins
            self.refresh()
            Score = self.env["crm.rfm.score"]
            own = [("company_id", "=", self.company_a.id)]
            found = Score.search(own + [("often_but_little", "=", True)])
            self.assertEqual(found.partner_id, little)
            found = Score.search(own + [("much_but_seldom", "=", True)])
            self.assertEqual(found.partner_id, much)
            rest = Score.search(own + [("often_but_little", "=", False)])
            self.assertEqual(rest.partner_id, much + both + others)
            self.assertTrue(self.score(little).often_but_little)
            self.assertFalse(self.score(both).much_but_seldom)

    def test_a_score_is_explained(self):
        """By the transactions behind it, and the cut points it was measured against."""
        customer, other = self.customers(2)
        self.buy(customer, 10.0, days_ago=5)
        self.buy(customer, 30.0, days_ago=6)
        self.buy(customer, 70.0, days_ago=700)
        self.buy(other, 90.0, days_ago=15)
        self.refresh()
        score = self.score(customer)
        action = score.action_view_transactions()
        transactions = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(len(transactions), score.frequency)
        self.assertEqual(sum(transactions.mapped("amount")), score.revenue)
        self.assertEqual(
            [row["text"] for row in score.recency_ranges],
            [
                "5: up to 7 days",
                "4: up to 9",
                "3: up to 11",
                "2: up to 13",
                "1: over 13",
            ],
        )
        self.assertEqual(
            [row["score"] for row in score.recency_ranges if row["own"]], [5]
        )
        amounts = [row["text"] for row in score.monetary_ranges]
        self.assertIn("50.00", amounts[0])
        self.assertIn("80.00", amounts[-1])

    def test_scores_cannot_be_opened_for_editing(self):
        customer = self.customer()
        self.buy(customer)
        self.refresh()
        score = self.score(customer).with_user(self.manager)
        form = Form(score, "crm_extended.crm_rfm_score_view_form")
        with self.assertRaises(AssertionError):
            form.frequency = 7

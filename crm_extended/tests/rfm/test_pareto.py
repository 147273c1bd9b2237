"""Tenths of the customers: the arithmetic, and the read model that must agree with it."""

from collections import Counter

from odoo.exceptions import AccessError
from odoo.tests import BaseCase

from ...analytics.rfm.pareto import (
    customers_for,
    share_of_best,
    tenth_of,
    tenths,
)
from ..common import CustomerValueCommon


class TestParetoArithmetic(BaseCase):
    def test_ten_customers_have_a_tenth_each(self):
        rows = tenths([float(amount) for amount in range(100, 0, -10)])
        self.assertEqual([row.customers for row in rows], [1] * 10)
        self.assertEqual([row.revenue for row in rows], list(range(100, 0, -10)))
        self.assertAlmostEqual(rows[0].share, 100 / 550)
        self.assertAlmostEqual(rows[1].cumulated, 190 / 550)
        self.assertEqual(rows[9].cumulated, 1.0)
        self.assertEqual(rows[3].mean, 70.0)

    def test_sizes_differ_by_one_at_most(self):
        for count in range(1, 64):
            sizes = [row.customers for row in tenths([1.0] * count)]
            self.assertEqual(sum(sizes), count)
            self.assertLessEqual(max(sizes) - min(sizes), 1)
            ranks = Counter(tenth_of(rank, count) for rank in range(1, count + 1))
            self.assertEqual([ranks[number] for number in range(1, 11)], sizes)

    def test_the_best_customer_is_in_the_first_tenth(self):
        for count in range(1, 64):
            self.assertEqual(tenth_of(1, count), 1)
        self.assertEqual(tenth_of(25, 25), 10)
        for rank in (0, 11):
            with self.assertRaises(ValueError):
                tenth_of(rank, 10)

    def test_80_20(self):
        """Two of ten bring 80 of 100, and that is what it takes."""
        amounts = [50.0, 30.0] + [2.5] * 8
        self.assertEqual(customers_for(amounts, 80), 2)
        self.assertEqual(share_of_best(amounts, 20), 0.8)
        self.assertEqual(customers_for(amounts, 100), 10)

    def test_a_part_reached_exactly_counts_in_spite_of_rounding(self):
        self.assertEqual(customers_for([0.1] * 10, 80), 8)
        self.assertEqual(customers_for([0.7] * 1000, 80), 800)

    def test_a_share_of_customers_is_rounded_up(self):
        self.assertEqual(share_of_best([4.0, 3.0, 2.0, 1.0], 20), 0.4)

    def test_nobody_and_nothing(self):
        self.assertEqual(len(tenths([])), 10)
        self.assertIsNone(tenths([])[0].share)
        self.assertIsNone(tenths([])[0].mean)
        for amounts in ([], [0.0, 0.0], [5.0, -7.0]):
            self.assertIsNone(customers_for(amounts))
            self.assertIsNone(share_of_best(amounts))
            self.assertIsNone(tenths(amounts)[0].cumulated)

    def test_refunds_let_the_cumulated_share_pass_the_whole(self):
        rows = tenths([80.0, 40.0, -20.0])
        self.assertAlmostEqual(max(row.cumulated for row in rows), 1.2)
        self.assertAlmostEqual(rows[-1].cumulated, 1.0)
        self.assertEqual(customers_for([80.0, 40.0, -20.0], 80), 1)


class TestPareto(CustomerValueCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # 25 customers, the last two equal; one who bought long ago has no part.
        cls.buyers = cls.customers(25)
        amounts = [1000.0 / (number + 1) for number in range(24)]
        cls.amounts = [round(amount, 2) for amount in amounts]
        cls.amounts.append(cls.amounts[-1])
        for buyer, amount in zip(cls.buyers, cls.amounts, strict=True):
            cls.buy(buyer, amount, days_ago=10)
        cls.former = cls.customer("Former")
        cls.buy(cls.former, 9999.0, days_ago=800)
        cls.buy(cls.buyers[24], 77.0, company=cls.company_b)
        cls.refresh()
        cls.refresh(cls.company_b)

    def rows(self, user=None):
        return self.as_user(user or self.salesman, "crm.rfm.pareto").search([])

    def test_the_read_model_agrees_with_the_arithmetic(self):
        rows = self.rows()
        self.assertEqual(rows.partner_id.ids, self.buyers.ids)
        self.assertEqual(rows.mapped("rank"), list(range(1, 26)))
        self.assertEqual(
            rows.mapped("decile"), [tenth_of(rank, 25) for rank in range(1, 26)]
        )
        total = sum(self.amounts)
        self.assertAlmostEqual(rows[0].share, self.amounts[0] / total)
        self.assertAlmostEqual(rows[24].cumulated_share, 1.0)
        expected = tenths(self.amounts)
        groups = rows._read_group(
            [], ["decile"], ["__count", "revenue:sum", "mean_revenue:avg", "share:sum"]
        )
        self.assertEqual(len(groups), 10)
        for row, (decile, count, revenue, mean, share) in zip(
            expected, groups, strict=True
        ):
            self.assertEqual((decile, count), (row.number, row.customers))
            self.assertAlmostEqual(revenue, row.revenue)
            self.assertAlmostEqual(mean, row.mean)
            self.assertAlmostEqual(share, row.share)

    def test_the_summary_is_that_of_the_current_company(self):
        summary = self.as_user(self.salesman, "crm.rfm.pareto").get_summary()
        self.assertEqual(summary["customers"], 25)
        self.assertEqual(summary["currency_id"], self.eur.id)
        self.assertEqual(summary["company"], "Value A")
        self.assertEqual(summary["customers_for_80"], customers_for(self.amounts))
        self.assertEqual(summary["share_of_best_20"], share_of_best(self.amounts))
        self.assertEqual(
            summary["tenths"], [row._asdict() for row in tenths(self.amounts)]
        )
        other = self.as_user(self.salesman_b, "crm.rfm.pareto").get_summary()
        self.assertEqual(other["revenue"], 77.0)
        self.assertEqual(other["tenths"][0]["share"], 1.0)

    def test_equal_customers_are_ranked_by_who_was_entered_first(self):
        *_others, second_last, last = self.rows()
        self.assertEqual(second_last.revenue, last.revenue)
        self.assertLess(second_last.partner_id.id, last.partner_id.id)

    def test_places_are_reckoned_in_each_company(self):
        self.env.user.company_ids += self.company_b
        both = self.env["crm.rfm.pareto"].with_context(
            allowed_company_ids=(self.company_a + self.company_b).ids
        )
        rows = both.search([("partner_id", "=", self.buyers[24].id)])
        places = {row.company_id: (row.rank, row.decile) for row in rows}
        self.assertEqual(places, {self.company_a: (25, 10), self.company_b: (1, 1)})

    def test_customers_who_cannot_be_seen_count_nowhere(self):
        """A total with a hidden customer in it would tell what he spends."""
        best = self.buyers[0]
        self.env["ir.rule"].create(
            {
                "name": "All but one",
                "model_id": self.env.ref("base.model_res_partner").id,
                "domain_force": f"[('id', '!=', {best.id})]",
                "groups": [(4, self.env.ref("sales_team.group_sale_salesman").id)],
            }
        )
        self.env.registry.clear_cache()
        rows = self.rows()
        self.assertEqual(rows.partner_id.ids, self.buyers[1:].ids)
        self.assertEqual(rows[0].rank, 1)
        rest = self.amounts[1:]
        self.assertAlmostEqual(rows[0].share, rest[0] / sum(rest))
        self.assertAlmostEqual(rows[-1].cumulated_share, 1.0)
        summary = rows.get_summary()
        self.assertEqual(summary["customers"], 24)
        self.assertAlmostEqual(summary["revenue"], sum(rest))
        [[everything]] = rows._read_group([], [], ["revenue:sum"])
        self.assertAlmostEqual(everything, sum(rest))
        hidden = rows.browse(self.score(best).id)
        with self.assertRaises(AccessError):
            hidden.check_access("read")

    def test_the_summary_is_for_sales(self):
        for user in (self.employee, self.portal):
            with self.assertRaises(AccessError):
                self.env["crm.rfm.pareto"].with_user(user).get_summary()

    def test_expected_revenue_is_that_of_a_year(self):
        best = self.rows()[0]
        self.assertEqual(best.expected_revenue, 1000.0)
        self.company_a.rfm_window_months = 6
        self.env.invalidate_all()
        self.assertEqual(self.rows()[0].expected_revenue, 2000.0)

    def test_expected_revenue_without_a_window_is_by_years_since_the_first(self):
        self.company_a.rfm_window_months = 0
        self.buy(self.buyers[0], 1000.0, days_ago=1461)
        self.refresh()
        self.env.invalidate_all()
        rows = {row.partner_id: row.expected_revenue for row in self.rows()}
        # Four years of 365.25 days; less than a year counts as one.
        self.assertEqual(rows[self.buyers[0]], 500.0)
        self.assertEqual(rows[self.buyers[1]], 500.0)

    def test_refunds_beyond_purchases_are_no_negative_expectation(self):
        debtor = self.customer("Debtor")
        self.buy(debtor, 10.0)
        self.buy(debtor, -60.0)
        self.refresh()
        row = self.rows()[-1]
        self.assertEqual(row.partner_id, debtor)
        self.assertEqual((row.revenue, row.expected_revenue), (-50.0, 0.0))
        self.assertLess(row.share, 0)
        self.assertAlmostEqual(row.cumulated_share, 1.0)

    def test_an_empty_company(self):
        company = self.env["res.company"].create({"name": "Value Empty"})
        user = self.new_user("empty", "sales_team.group_sale_salesman", company)
        Pareto = self.as_user(user, "crm.rfm.pareto")
        self.assertFalse(Pareto.search([]))
        summary = Pareto.get_summary()
        self.assertEqual(summary["customers"], 0)
        self.assertIsNone(summary["customers_for_80"])

    def test_only_refunds_leave_nothing_to_share(self):
        self.env["crm.purchase.history"].search([]).unlink()
        for buyer in self.buyers[:2]:
            self.buy(buyer, 1.0)
            self.buy(buyer, -5.0)
        self.refresh()
        rows = self.rows()
        self.assertEqual(rows.mapped("share"), [0.0, 0.0])
        self.assertEqual(rows.mapped("rank"), [1, 2])
        self.assertIsNone(rows.get_summary()["share_of_best_20"])

    def test_a_list_is_read_with_few_queries(self):
        rows = self.rows()
        self.env.invalidate_all()
        with self.assertQueryCount(__system__=12):
            rows.read(["partner_id", "rank", "decile", "share", "user_id"])

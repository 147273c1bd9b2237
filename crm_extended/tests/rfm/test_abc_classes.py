"""Classes A, B and C: the arithmetic, and the report that must agree with it."""

from lxml import etree

from odoo.exceptions import ValidationError
from odoo.tests import BaseCase, Form, tagged

from ...analytics.rfm.classes import are_limits, class_sizes, classes
from ..common import CustomerValueCommon


@tagged("post_install", "-at_install")
class TestClassArithmetic(BaseCase):
    def test_80_95_100(self):
        self.assertEqual(class_sizes([50, 30, 10, 5, 3, 2]), [2, 2, 2])

    def test_who_crosses_a_limit_belongs_to_the_class_before(self):
        self.assertEqual(class_sizes([50, 31, 13, 4, 2]), [2, 2, 1])
        self.assertEqual(class_sizes([99, 1]), [1, 0, 1])
        self.assertEqual(class_sizes([7]), [1, 0, 0])

    def test_equal_customers_are_cut_by_rank(self):
        self.assertEqual(class_sizes([1.0] * 10), [8, 2, 0])
        self.assertEqual(class_sizes([0.1] * 100), [80, 15, 5])
        self.assertEqual(class_sizes([0.7] * 1000), [800, 150, 50])

    def test_no_revenue_and_refunds_are_c(self):
        self.assertEqual(class_sizes([80, 20, 0, 0]), [1, 1, 2])
        self.assertEqual(class_sizes([80, 40, -20]), [1, 1, 1])
        self.assertEqual(class_sizes([100, -50]), [1, 0, 1])

    def test_no_total_no_classes(self):
        for amounts in ([], [0, 0], [5, -7]):
            self.assertIsNone(class_sizes(amounts))
            self.assertEqual(classes(amounts), [])

    def test_other_limits(self):
        self.assertEqual(class_sizes([50, 30, 10, 5, 3, 2], (50, 80)), [1, 1, 4])

    def test_sums(self):
        first, second, third = classes([50, 30, 10, 5, 3, 2])
        self.assertEqual(first[:2], ("A", 2))
        self.assertEqual((first.revenue, first.share), (80, 0.8))
        self.assertEqual((second.revenue, second.customer_share), (15, 1 / 3))
        self.assertEqual((third.name, third.revenue), ("C", 5))

    def test_limits(self):
        self.assertTrue(are_limits(80, 95))
        for limits in ((0, 95), (-5, 50), (80, 80), (95, 80), (80, 100), (80, 101)):
            self.assertFalse(are_limits(*limits), limits)


@tagged("post_install", "-at_install")
class TestAbcClasses(CustomerValueCommon):
    def sell(self, *amounts):
        buyers = self.customers(len(amounts))
        for buyer, amount in zip(buyers, amounts, strict=True):
            self.buy(buyer, max(amount, 1.0), days_ago=10)
            if amount < 1:
                self.buy(buyer, amount - 1.0, days_ago=9)
        self.refresh()
        return buyers

    def letters(self, user=None):
        self.env.invalidate_all()
        rows = self.as_user(user or self.manager, "crm.rfm.pareto").search([])
        return "".join(row.abc_class or "-" for row in rows)

    def test_the_report_agrees_with_the_arithmetic(self):
        for amounts in (
            [50.0, 30.0, 10.0, 5.0, 3.0, 2.0],
            [1.0] * 10,
            [80.0, 40.0, 0.0, -20.0],
            [1000 / (number + 1) for number in range(40)],
        ):
            self.env["crm.purchase.history"].search([]).unlink()
            self.sell(*amounts)
            rows = self.as_user(self.manager, "crm.rfm.pareto").search([])
            sizes = class_sizes(rows.mapped("revenue"))
            self.assertEqual(
                [self.letters().count(letter) for letter in "abc"], sizes, amounts
            )
            summary = rows.get_summary()
            self.assertEqual([row["customers"] for row in summary["classes"]], sizes)

    def test_limits_of_the_company(self):
        self.sell(50.0, 30.0, 10.0, 5.0, 3.0, 2.0)
        self.assertEqual(self.letters(), "aabbcc")
        self.company_a.write({"rfm_a_percent": 50, "rfm_b_percent": 98})
        self.assertEqual(self.letters(), "abbbbc")
        self.assertEqual(
            self.as_user(self.manager, "crm.rfm.pareto").get_summary()["class_limits"],
            [50, 98],
        )

    def test_limits_that_make_no_sense(self):
        for values in (
            {"rfm_a_percent": 0},
            {"rfm_a_percent": 95},
            {"rfm_b_percent": 100},
            {"rfm_a_percent": 90, "rfm_b_percent": 85},
        ):
            with self.assertRaises(ValidationError):
                self.company_a.write(values)

    def test_each_company_by_its_own_limits(self):
        buyers = self.sell(60.0, 40.0)
        self.company_b.write({"rfm_a_percent": 10, "rfm_b_percent": 20})
        for buyer, amount in zip(buyers, (10.0, 90.0), strict=True):
            self.buy(buyer, amount, company=self.company_b)
        self.refresh(self.company_b)
        self.manager.company_ids += self.company_b
        rows = (
            self.env["crm.rfm.pareto"]
            .with_user(self.manager)
            .with_context(allowed_company_ids=(self.company_a + self.company_b).ids)
        )
        found = {
            (row.company_id, row.partner_id): row.abc_class for row in rows.search([])
        }
        first, second = buyers
        self.assertEqual(
            found,
            {
                (self.company_a, first): "a",
                (self.company_a, second): "a",
                (self.company_b, second): "a",
                (self.company_b, first): "c",
            },
        )

    def test_a_company_of_before_has_the_usual_limits(self):
        self.sell(50.0, 30.0, 10.0, 5.0, 3.0, 2.0)
        self.env.cr.execute(
            "UPDATE res_company SET rfm_a_percent = NULL, rfm_b_percent = NULL "
            "WHERE id = %s",
            [self.company_a.id],
        )
        self.env.invalidate_all()
        self.assertEqual(self.letters(), "aabbcc")

    def test_filters_and_groups(self):
        buyers = self.sell(50.0, 30.0, 10.0, 5.0, 3.0, 2.0)
        Pareto = self.as_user(self.manager, "crm.rfm.pareto")
        found = Pareto.search([("abc_class", "=", "a")])
        self.assertEqual(found.partner_id, buyers[:2])
        self.assertEqual(
            Pareto._read_group([], ["abc_class"], ["__count"]),
            [("a", 2), ("b", 2), ("c", 2)],
        )

    def test_only_refunds(self):
        self.sell(-4.0, -5.0)
        self.assertEqual(self.letters(), "--")
        self.assertFalse(
            self.as_user(self.manager, "crm.rfm.pareto").get_summary()["classes"]
        )

    def test_the_settings_keep_the_limits(self):
        settings = self.env["res.config.settings"].create({})
        with Form(settings.with_user(self.env.user)) as form:
            form.rfm_a_percent = 70
        self.assertEqual(self.env.company.rfm_a_percent, 70)

    def test_the_run_rate_is_shown_where_it_differs_from_the_revenue(self):
        def column():
            view = self.as_user(self.manager, "crm.rfm.pareto").get_view(
                self.env.ref("crm_extended.crm_rfm_pareto_view_list").id, "list"
            )
            [node] = etree.fromstring(view["arch"]).iterfind(
                ".//field[@name='expected_revenue']"
            )
            return node

        self.assertEqual(self.company_a.rfm_window_months, 12)
        self.assertTrue(column().get("column_invisible"))
        self.company_a.rfm_window_months = 6
        self.assertFalse(column().get("column_invisible"))
        self.assertEqual(
            self.env["crm.rfm.pareto"]._fields["expected_revenue"].string,
            "Yearly Run Rate",
        )

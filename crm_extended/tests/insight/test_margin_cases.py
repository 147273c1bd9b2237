"""Margins of odd documents, on the days that count, and the lines behind each figure."""

from datetime import datetime, time, timedelta

from dateutil.relativedelta import relativedelta

from odoo import fields
from odoo.tests import tagged

from .common import LinesCommon


@tagged("post_install", "-at_install")
class TestMarginCases(LinesCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for product, cost in ((cls.green, 4), (cls.black, 8), (cls.mocha, 0)):
            product.with_company(cls.company).standard_price = cost
        cls.env.user.group_ids += cls.env.ref("crm_extended.group_see_margin")
        cls.env.registry.clear_cache()
        cls.company.rfm_window_months = 12

    def margin(self):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.env["crm.customer.margin"].search(
            [
                ("partner_id", "=", self.customer.id),
                ("company_id", "=", self.company.id),
            ]
        )

    def test_a_discount_that_was_given_back_costs_nothing_either(self):
        move = self.invoice_of(self.item(self.green, 100), self.item(None, -30))
        self.credit(move, 2)
        self.assertEqual(
            sorted((line.amount, line.cost_source) for line in self.lines()),
            [(-100, "today"), (-30, "reduction"), (30, "reduction"), (100, "today")],
        )
        margin = self.margin()
        self.assertEqual((margin.cost_state, margin.margin), ("known", 0))

    def test_so_does_the_credit_note_of_an_order(self):
        self.company.rfm_source = "sale"
        order = self.order_of(self.item(self.green, 100), self.item(self.mocha, -30))
        self.credit(self.bill(order, 4), 2)
        self.assertEqual(self.margin().cost_state, "known")

    def test_what_lowers_the_price_costs_nothing_whatever_its_product_costs(self):
        for source in ("invoice", "sale"):
            self.company.rfm_source = source
            if source == "sale":
                order = self.order_of(
                    self.item(self.green, 100), self.item(self.green, -30)
                )
                if "purchase_price" in order.order_line._fields:
                    order.order_line.purchase_price = 4
            else:
                self.invoice_of(self.item(self.green, 100), self.item(self.green, -30))
            [low] = self.lines(("amount", "<", 0))
            self.assertEqual((low.discount, low.cost, low.margin), (30, 0, -30))
            self.assertEqual(low.cost_source, "reduction")
            self.assertEqual(self.margin().margin, 66)

    def test_so_it_does_where_it_is_given_back(self):
        self.credit(self.invoice_of(self.item(self.green, -30), self.item(None, 40)), 2)
        self.assertEqual(
            sorted(
                (line.amount, line.cost)
                for line in self.lines(("product_id", "!=", False))
            ),
            [(-30, 0), (30, 0)],
        )

    def test_goods_taken_back_on_an_invoice_cost_less(self):
        self.invoice_of(self.item(self.green, 100), self.item(self.green, 30, -1))
        self.assertEqual(sorted(self.lines().mapped("cost")), [-4, 4])

    def test_a_deposit_that_is_left_has_no_known_cost(self):
        for source in ("invoice", "sale"):
            self.company.rfm_source = source
            if source == "invoice":
                order = self.order_of(self.item(self.green, 185))
                self.bill(order, 6, percent=20)
                self.credit(self.bill(order, 4), 2)
            margin = self.margin()
            found = (margin.revenue, margin.uncosted_revenue, margin.cost_state)
            self.assertEqual(found, (37, 37, "unknown"), source)
            self.assertFalse(margin.margin)
            self.assertFalse(sum(self.lines().mapped("discount")))

    def test_amounts_have_the_digits_of_their_currency(self):
        self.company.currency_id.rounding = 0.001
        self.invoice_of(self.item(self.green, 10.125))
        margin = self.margin()
        self.assertAlmostEqual(margin.revenue, 10.125, 3)
        self.assertAlmostEqual(margin.margin, 6.125, 3)

    def at(self, day, model, day_field, **values):
        """A record of the customer's service at noon of a day."""
        return (
            self.env[model]
            .sudo()
            .create(
                {
                    "partner_id": self.customer.id,
                    "company_id": self.company.id,
                    day_field: datetime.combine(day, time(12)),
                    **values,
                }
            )
        )

    def test_service_counts_on_the_days_that_purchases_do(self):
        self.company.margin_case_cost = 5
        self.company.margin_interaction_cost = 1
        first = fields.Date.today() - relativedelta(months=12) + timedelta(days=1)
        for days, profit in ((-1, False), (0, -6)):
            day = first + timedelta(days=days)
            self.at(day, "crm.care.case", "opened_date", name="Question")
            self.at(day, "crm.interaction", "date", channel="phone", summary="Call")
            self.assertEqual(self.margin().profit, profit, day)

    def test_a_merged_case_is_the_one_it_became(self):
        self.company.margin_case_cost = 5
        first, again = (
            self.env["crm.care.case"]
            .sudo()
            .create(
                [
                    {
                        "name": "Question",
                        "partner_id": self.customer.id,
                        "company_id": self.company.id,
                    }
                ]
                * 2
            )
        )
        self.assertEqual(self.margin().service_cost, 10)
        again.merged_into_id = first
        self.assertEqual(self.margin().service_cost, 5)

    def test_each_figure_leads_to_the_lines_it_is_summed_up_from(self):
        today = fields.Date.today()
        for months in (1, 12, 24, 0):
            first = today - relativedelta(months=months or 30)
            for days in (0, 1):
                days_ago = (today - first).days - days
                self.invoice_of(self.item(self.green, 10), days_ago=days_ago)
        for months in (1, 12, 24, 0):
            self.company.rfm_window_months = months
            margin = self.margin().with_company(self.company)
            for action in (
                margin.action_open_lines(),
                margin.browse().action_open_products(),
            ):
                self.assertNotIn("last_12_months", str(action["context"]))
                lines = self.env[action["res_model"]].search(action["domain"])
                self.assertEqual(sum(lines.mapped("amount")), margin.revenue)
                self.assertEqual(sum(lines.mapped("margin")), margin.margin)

    def test_lists_of_these_lines_show_costs(self):
        margins = self.env["crm.customer.margin"].with_company(self.company)
        views = margins.action_open_products()["views"]
        view = dict((kind, view) for view, kind in views)["list"]
        arch = self.env["crm.customer.purchase.line"].get_view(view, "list")["arch"]
        for name in ("cost", "margin", "cost_source"):
            self.assertRegex(arch, f'<field name="{name}"(?![^>]*optional)')

    def test_the_page_knows_whether_service_counts(self):
        margins = self.env["crm.customer.margin"].with_company(self.company)
        self.assertFalse(margins.get_summary()["service"])
        self.company.margin_interaction_cost = 1
        self.assertTrue(margins.get_summary()["service"])

"""What lines cost, what customers earn, and why some cost money."""

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from ...analytics.insight.whale import is_known, loss_reason
from .common import LinesCommon


@tagged("post_install", "-at_install")
class TestMargin(LinesCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for product, cost in ((cls.green, 4), (cls.black, 8), (cls.mocha, 0)):
            product.with_company(cls.company).standard_price = cost
        cls.env.user.group_ids += cls.env.ref("crm_extended.group_see_margin")
        cls.env.registry.clear_cache()
        cls.env["res.company"].browse(cls.company.id).rfm_window_months = 12

    def costs(self, partner=None):
        return [
            (line.cost, line.cost_source, line.margin)
            for line in self.lines(partner=partner)
        ]

    def margin(self, partner=None):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.env["crm.customer.margin"].search(
            [
                ("partner_id", "=", (partner or self.customer).id),
                ("company_id", "=", self.company.id),
            ]
        )

    # -- Lines

    def test_cost_of_today(self):
        self.invoice_of(self.item(self.green, 10, 3))
        self.assertEqual(self.costs(), [(12, "today", 18)])
        [line] = self.lines()
        self.assertEqual(line.costed_revenue, 30)
        self.assertAlmostEqual(line.margin_share, 0.6)

    def test_what_was_taken_back_costs_less_than_nothing(self):
        self.credit(self.invoice_of(self.item(self.green, 10, 3)), 2)
        self.assertEqual(self.costs(), [(12, "today", 18), (-12, "today", -18)])

    def test_a_margin_of_less_than_nothing_has_no_share(self):
        """More was taken back than sold, and something is left: 6 of −20 is no share."""
        self.invoice_of(self.item(self.green, 10))
        self.invoice_of(self.item(self.black, 30), move_type="out_refund")
        self.black.with_company(self.company).standard_price = 30
        line = self.env["crm.customer.purchase.line"]
        domain = [("partner_id", "=", self.customer.id)]
        aggregates = ["margin:sum", "costed_revenue:sum", "margin_share:avg"]
        self.env.flush_all()
        [(margin, revenue, share)] = line._read_group(domain, [], aggregates)
        self.assertEqual((margin, revenue, share), (6, -20, False))
        [customer] = self.margin()
        self.assertEqual((customer.margin, customer.margin_share), (6, 0))
        # What was taken back alone has one: both are negative.
        self.black.with_company(self.company).standard_price = 12
        self.env.flush_all()
        [(*_, share)] = line._read_group(
            [*domain, ("is_refund", "=", True)], [], aggregates
        )
        self.assertAlmostEqual(share, 0.6)

    def test_no_cost_is_not_a_cost_of_zero(self):
        self.invoice_of(self.item(self.mocha, 10))
        self.assertEqual(self.costs(), [(0, "none", 0)])
        line = self.env["crm.customer.purchase.line"]
        domain = [("partner_id", "=", self.customer.id)]
        [(margin, share)] = line._read_group(
            domain, [], ["margin:sum", "margin_share:avg"]
        )
        self.assertFalse(margin)
        self.assertFalse(share)
        self.assertFalse(line.search([*domain, ("margin", "=", 10)]))

    def test_a_discount_costs_nothing_and_a_deposit_is_none(self):
        self.invoice_of(self.item(self.green, 100), self.item(None, -30))
        self.assertEqual(
            sorted(self.costs()), [(0, "reduction", -30), (4, "today", 96)]
        )
        self.assertEqual(self.margin().cost_state, "known")
        self.assertEqual(self.margin().margin, 66)

    def test_a_deposit_and_its_deduction_are_nothing_together(self):
        order = self.order_of(self.item(self.green, 100))
        self.bill(order, 4, percent=50)
        self.assertEqual(self.margin().cost_state, "unknown")
        self.bill(order, 2)
        margin = self.margin()
        self.assertEqual(margin.cost_state, "known")
        self.assertEqual((margin.revenue, margin.margin), (100, 96))
        self.assertEqual(margin.uncosted_revenue, 0)

    def test_free_goods_cost_what_they_cost(self):
        self.invoice_of(self.item(self.green, 100), self.item(self.black, 0, 2))
        self.assertEqual(sorted(self.costs()), [(4, "today", 96), (16, "today", -16)])

    def test_units(self):
        self.invoice_of(self.item(self.green, 120, 2, product_uom_id=self.dozen.id))
        self.assertEqual(self.costs(), [(96, "today", 144)])

    def test_each_company_has_its_own_cost(self):
        other = self.setup_other_company()["company"]
        self.green.with_company(other).standard_price = 7
        self.invoice_of(self.item(self.green, 10))
        self.assertEqual(self.costs(), [(4, "today", 6)])
        order = self.env["sale.order"].with_company(other)
        other.rfm_source = "sale"
        order = order.create({"partner_id": self.customer.id, "company_id": other.id})
        order.order_line = [self.order_line(self.green, 10)]
        order.action_confirm()
        self.env.flush_all()
        line = self.env["crm.customer.purchase.line"].search(
            [("company_id", "=", other.id), ("partner_id", "=", self.customer.id)]
        )
        self.assertEqual(line.cost, 7)
        margins = self.env["crm.customer.margin"].with_context(
            allowed_company_ids=(self.company + other).ids
        )
        found = margins.search([("partner_id", "=", self.customer.id)])
        self.assertEqual(
            {row.company_id: row.margin for row in found}, {self.company: 6, other: 3}
        )
        self.assertEqual(len(set(found.ids)), 2)

    def order_line(self, product, price):
        _command, _id, line = self.item(product, price)
        line = dict(line)
        line["product_uom_qty"] = line.pop("quantity")
        return (0, 0, line)

    def test_the_share_of_a_group_is_not_the_average_of_its_lines(self):
        self.invoice_of(
            self.item(self.green, 10),
            self.item(self.black, 90),
            self.item(self.mocha, 5),
        )
        [(share, margin)] = self.env["crm.customer.purchase.line"]._read_group(
            [("partner_id", "=", self.customer.id)],
            [],
            ["margin_share:avg", "margin:sum"],
        )
        self.assertEqual(margin, 88)
        self.assertAlmostEqual(share, 0.88)

    def test_margins_by_product_sum_up_to_those_of_customers(self):
        for days_ago in (3, 9):
            self.credit(
                self.invoice_of(
                    self.item(self.green, 9.99, 7),
                    self.item(self.black, 3.33, 2),
                    days_ago=days_ago,
                ),
                1,
                amount=2.5,
            )
        lines = self.lines()
        margin = self.margin()
        self.assertAlmostEqual(margin.margin, sum(lines.mapped("margin")), 2)
        self.assertAlmostEqual(margin.cost, sum(lines.mapped("cost")), 2)
        self.assertAlmostEqual(margin.revenue, sum(lines.mapped("amount")), 2)
        # What was given back of the prices costs nothing.
        self.assertAlmostEqual(margin.today_revenue, margin.revenue + 2 * 7 * 2.5, 2)

    # -- Customers

    def test_a_customer(self):
        self.invoice_of(self.item(self.green, 10, 3))
        margin = self.margin()
        self.assertEqual((margin.revenue, margin.cost, margin.margin), (30, 12, 18))
        self.assertEqual((margin.profit, margin.service_cost), (18, 0))
        self.assertAlmostEqual(margin.margin_share, 0.6)
        self.assertFalse(margin.loss_reason)
        action = margin.action_open_lines()
        lines = self.env["crm.customer.purchase.line"].search(action["domain"])
        self.assertEqual(sum(lines.mapped("amount")), 30)

    def test_a_fifth_without_cost_is_known_and_more_is_not(self):
        self.invoice_of(self.item(self.green, 80), self.item(self.mocha, 20))
        margin = self.margin()
        self.assertEqual(margin.cost_state, "known")
        # Of what has a cost.
        self.assertEqual((margin.costed_revenue, margin.margin), (80, 76))
        self.invoice_of(self.item(self.mocha, 1))
        margin = self.margin()
        self.assertEqual(margin.cost_state, "unknown")
        self.assertEqual(margin.uncosted_revenue, 21)
        found = self.env["crm.customer.margin"]._read_group(
            [("partner_id", "=", self.customer.id)],
            [],
            ["margin:sum", "profit:sum", "margin_share:avg", "revenue:sum"],
        )
        self.assertEqual(found, [(False, False, 0, 101)])

    def test_only_the_lookback_period(self):
        self.invoice_of(self.item(self.green, 10), days_ago=400)
        self.assertFalse(self.margin())
        self.company.rfm_window_months = 0
        self.assertEqual(self.margin().margin, 6)

    def test_imported_purchases_have_no_cost(self):
        self.env["crm.purchase.history"].create(
            {
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "date": self.ago(30),
                "amount": 50,
            }
        )
        self.assertEqual(self.margin().cost_state, "unknown")

    def test_sold_below_cost(self):
        self.invoice_of(self.item(self.black, 5))
        self.assertEqual(
            (self.margin().profit, self.margin().loss_reason), (-3, "price")
        )

    def test_returns(self):
        """The price is given back, and the goods are not: a credit note of a product
        that costs less."""
        self.invoice_of(self.item(self.green, 10))
        self.invoice_of(self.item(self.green, 30), move_type="out_refund")
        margin = self.margin()
        self.assertEqual(margin.loss_reason, "returns")
        self.assertEqual(margin.profit, 6 - 26)

    def test_cost_of_service(self):
        self.invoice_of(self.item(self.green, 10))
        self.env["crm.care.case"].sudo().create(
            [
                {
                    "name": "Question",
                    "partner_id": self.customer.id,
                    "company_id": self.company.id,
                }
                for _number in range(2)
            ]
        )
        self.env["crm.interaction"].create(
            {
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "channel": "phone",
                "summary": "Call",
            }
        )
        margin = self.margin()
        self.assertEqual((margin.profit, margin.service_cost), (6, 0))
        self.company.margin_case_cost = 5
        self.company.margin_interaction_cost = 1
        margin = self.margin()
        self.assertEqual(margin.service_cost, 11)
        self.assertEqual((margin.margin, margin.profit), (6, -5))
        self.assertEqual(margin.loss_reason, "service")

    def test_service_of_someone_who_bought_nothing(self):
        contact = self.env["res.partner"].create(
            {"name": "Contact", "parent_id": self.customer.id}
        )
        self.company.margin_interaction_cost = 2
        self.env["crm.interaction"].create(
            {
                "partner_id": contact.id,
                "company_id": self.company.id,
                "channel": "phone",
                "summary": "Call",
            }
        )
        margin = self.margin()
        self.assertEqual((margin.revenue, margin.profit), (0, -2))
        self.assertEqual(margin.loss_reason, "service")

    def test_costs_of_service_are_not_negative(self):
        for name in ("margin_case_cost", "margin_interaction_cost"):
            with self.assertRaises(ValidationError):
                self.company[name] = -1

    def test_the_query_agrees_with_the_arithmetic(self):
        dice = self.random
        partners = self.env["res.partner"].create(
            [{"name": f"Any {number}"} for number in range(12)]
        )
        for partner in partners:
            for _number in range(dice.randrange(1, 3)):
                items = [
                    self.item(dice.choice(self.products), dice.choice((1, 5, 9, 40)))
                    for _item in range(dice.randrange(1, 4))
                ]
                kind = dice.choice(("out_invoice", "out_invoice", "out_refund"))
                self.invoice_of(*items, partner_id=partner.id, move_type=kind)
        seen = set()
        for partner in partners:
            margin, lines = self.margin(partner), self.lines(partner=partner)
            known = lines.filtered(lambda line: line.cost_source != "none")
            uncosted = sum((lines - known).mapped("amount"))
            state = is_known(sum(lines.mapped("amount")), uncosted)
            self.assertEqual(margin.cost_state, "known" if state else "unknown")
            sales = sum(
                known.filtered(lambda line: not line.is_refund).mapped("margin")
            )
            back = sum(known.filtered("is_refund").mapped("margin"))
            if state:
                self.assertAlmostEqual(margin.profit, sales + back, 2)
                self.assertEqual(
                    margin.loss_reason or None, loss_reason(sales, back, 0)
                )
            seen.add((state, margin.loss_reason))
        self.assertGreater(len(seen), 2)

    def test_by_segment(self):
        self.invoice_of(self.item(self.green, 10))
        self.env["crm.rfm.score"]._refresh(self.company)
        score = self.env["crm.rfm.score"].search(
            [
                ("company_id", "=", self.company.id),
                ("partner_id", "=", self.customer.id),
            ]
        )
        found = self.env["crm.customer.margin"]._read_group(
            [("company_id", "=", self.company.id)],
            ["rfm_segment_id"],
            ["margin:sum", "margin_share:avg"],
        )
        self.assertIn((score.segment_id, 6, 0.6), found)

    def test_discounts(self):
        self.invoice_of(self.item(self.green, 100, discount=20))
        self.invoice_of(self.item(self.green, 100), days_ago=20)
        # Before the lookback period.
        self.invoice_of(self.item(self.green, 100, discount=50), days_ago=500)
        poor = self.env["res.partner"].create({"name": "Poor"})
        self.invoice_of(self.item(self.mocha, 50, discount=50), partner_id=poor.id)
        margin = self.margin()
        self.assertEqual((margin.discount, margin.list_amount), (20, 200))
        self.assertEqual((margin.revenue, margin.discount_rate), (180, 0.1))
        # Also where the margin is unknown.
        self.assertEqual(self.margin(poor).cost_state, "unknown")
        self.assertEqual(self.margin(poor).discount_rate, 0.5)
        margins = self.env["crm.customer.margin"]
        mine = [
            ("company_id", "=", self.company.id),
            ("partner_id", "in", (self.customer + poor).ids),
        ]
        self.assertEqual(
            margins._read_group(mine, [], ["discount:sum", "discount_rate:avg"]),
            [(45, 0.18)],
        )
        # Who does not ask for them does not read currencies.
        plans = []
        for name in ("profit", "discount"):
            query = margins._search(mine)
            select = query.select(margins._field_to_sql(query.table, name))
            self.env.cr.execute("EXPLAIN " + select.code, select.params)
            plans.append("\n".join(line for [line] in self.env.cr.fetchall()))
        self.assertNotIn("price_currency", plans[0])
        self.assertIn("price_currency", plans[1])

    # -- The page

    def test_the_page(self):
        good, poor, unknown = self.env["res.partner"].create(
            [{"name": name} for name in ("Good", "Poor", "Unknown")]
        )
        self.invoice_of(self.item(self.green, 104), partner_id=good.id)
        self.invoice_of(self.item(self.black, 3), partner_id=poor.id)
        self.invoice_of(self.item(self.mocha, 50), partner_id=unknown.id)
        margins = self.env["crm.customer.margin"].with_company(self.company)
        self.env.flush_all()
        summary = margins.get_summary()
        self.assertEqual((summary["customers"], summary["losing"]), (2, 1))
        self.assertEqual(summary["profit"], 95)
        self.assertEqual(summary["peak"], {"customers": 1, "share": 100 / 95})
        self.assertEqual(summary["curve"][-1], {"customers": 2, "share": 1})
        self.assertEqual((summary["unknown"], summary["unknown_revenue"]), (1, 50))
        self.assertEqual(
            [
                (row["reason"], row["customers"], row["profit"])
                for row in summary["reasons"]
            ],
            [("price", 1, -5), ("returns", 0, 0), ("service", 0, 0)],
        )

    def test_an_empty_page_and_one_customer(self):
        margins = self.env["crm.customer.margin"].with_company(self.company)
        summary = margins.get_summary()
        self.assertEqual((summary["customers"], summary["unknown"]), (0, 0))
        self.assertEqual((summary["curve"], summary["peak"]), ([], None))
        self.invoice_of(self.item(self.green, 10))
        self.env.flush_all()
        self.assertEqual(margins.get_summary()["peak"], {"customers": 1, "share": 1})

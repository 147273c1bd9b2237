"""The cost of the day on the order line, before the cost that the product has today."""

from odoo.tests import tagged

from odoo.addons.crm_extended.tests.insight.common import LinesCommon


@tagged("post_install", "-at_install")
class TestOrderCost(LinesCommon):
    def setUp(self):
        super().setUp()
        self.green.with_company(self.company).standard_price = 4
        self.black.with_company(self.company).standard_price = 4

    def costs(self):
        return [(line.cost, line.cost_source) for line in self.lines()]

    def test_an_order_has_the_cost_of_its_day(self):
        self.company.rfm_source = "sale"
        self.order_of(self.item(self.green, 10, 3))
        self.green.with_company(self.company).standard_price = 9
        self.assertEqual(self.costs(), [(12, "order")])
        self.assertEqual(self.lines().margin, 18)

    def test_so_has_its_invoice_and_its_credit_note(self):
        order = self.order_of(self.item(self.green, 10, 3), self.item(self.black, 10))
        move = self.bill(order, 4)
        self.green.with_company(self.company).standard_price = 9
        order.order_line[1].purchase_price = 5
        self.credit(move, 2)
        self.assertEqual(
            self.costs(),
            [(12, "order"), (5, "order"), (-12, "order"), (-5, "order")],
        )
        self.assertEqual(sum(self.lines().mapped("margin")), 0)

    def test_the_bulk_query_says_the_same(self):
        order = self.order_of(self.item(self.green, 10, 3))
        self.bill(order, 4)
        self.order_of(self.item(self.black, 10))
        for source in ("invoice", "sale"):
            self.company.rfm_source = source
            lines = self.lines()
            [margin] = self.env["crm.customer.margin"].search(
                [("partner_id", "=", self.customer.id)]
            )
            self.assertEqual(margin.margin, sum(lines.mapped("margin")))
            self.assertEqual(margin.cost, sum(lines.mapped("cost")))
            self.assertFalse(margin.today_revenue)

    def test_units_and_currencies(self):
        self.company.rfm_source = "sale"
        order = self.order_of(
            self.item(self.green, 120, 2, product_uom_id=self.dozen.id),
            pricelist_id=self.abroad.id,
        )
        # 12 × 4 in the currency of the order.
        self.assertAlmostEqual(order.order_line.purchase_price, 48 * 0.9137, 2)
        [(cost, source)] = self.costs()
        self.assertEqual(source, "order")
        self.assertAlmostEqual(cost, 96, 1)

    def test_without_an_order_it_is_todays(self):
        self.invoice_of(self.item(self.green, 10))
        self.assertEqual(self.costs(), [(4, "today")])

    def test_a_cost_of_zero_says_nothing(self):
        self.company.rfm_source = "sale"
        order = self.order_of(self.item(self.green, 10))
        order.order_line.purchase_price = 0
        self.assertEqual(self.costs(), [(4, "today")])

    def test_another_product_on_the_invoice(self):
        order = self.order_of(self.item(self.green, 10))
        move = self.bill(order, 4)
        move.button_draft()
        move.invoice_line_ids.product_id = self.mocha
        self.mocha.with_company(self.company).standard_price = 1
        move.action_post()
        self.assertEqual(self.costs(), [(1, "today")])

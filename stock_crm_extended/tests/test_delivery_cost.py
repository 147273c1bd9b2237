"""What deliveries were worth, before the cost that the product has today."""

from odoo.tests import tagged

from odoo.addons.crm_extended.tests.insight.common import LinesCommon


@tagged("post_install", "-at_install")
class TestDeliveryCost(LinesCommon):
    def setUp(self):
        super().setUp()
        if not self.env["crm.customer.purchase.line"]._has_delivery_values():
            self.skipTest("Sales do not know their deliveries.")
        self.company.rfm_source = "sale"
        self.green.is_storable = True
        self.green.with_company(self.company).standard_price = 4

    def sell(self, quantity=3, deliver=None, **values):
        """An order whose own cost is not known, delivered at what it costs on the day."""
        order = self.order_of(self.item(self.green, 10, quantity, **values))
        if "purchase_price" in order.order_line._fields:
            order.order_line.purchase_price = 0
        picking = order.picking_ids
        self.assertTrue(picking)
        picking.move_ids.quantity = deliver or picking.move_ids.product_uom_qty
        picking.move_ids.picked = True
        picking.with_context(skip_backorder=True).button_validate()
        self.assertEqual(picking.state, "done")
        self.green.with_company(self.company).standard_price = 9
        return order

    def costs(self):
        return [(line.cost, line.cost_source) for line in self.lines()]

    def test_the_value_of_the_delivery(self):
        self.sell()
        self.assertEqual(self.costs(), [(12, "delivery")])

    def test_what_is_not_delivered_yet_costs_the_same(self):
        self.sell(quantity=3, deliver=2)
        self.assertEqual(self.costs(), [(12, "delivery")])

    def test_units(self):
        self.sell(quantity=2, product_uom_id=self.dozen.id)
        self.assertEqual(self.costs(), [(96, "delivery")])

    def test_nothing_delivered_is_todays_cost(self):
        order = self.order_of(self.item(self.green, 10, 3))
        if "purchase_price" in order.order_line._fields:
            order.order_line.purchase_price = 0
        self.assertEqual(self.costs(), [(12, "today")])

    def test_the_invoice_has_it_too(self):
        order = self.sell()
        self.company.rfm_source = "invoice"
        self.bill(order, 2)
        self.assertEqual(self.costs(), [(12, "delivery")])
        [margin] = self.env["crm.customer.margin"].search(
            [
                ("partner_id", "=", self.customer.id),
                ("company_id", "=", self.company.id),
            ]
        )
        self.assertEqual((margin.cost, margin.today_revenue), (12, 0))

    def test_what_came_back_had_its_value(self):
        order = self.sell()
        wizard = self.env["stock.return.picking"].create(
            {"picking_id": order.picking_ids.id}
        )
        wizard.product_return_moves.quantity = 3
        back = self.env["stock.picking"].browse(
            wizard.action_create_returns()["res_id"]
        )
        back.move_ids.quantity = 3
        back.move_ids.picked = True
        back.button_validate()
        self.assertEqual(self.costs(), [(12, "delivery")])

    def test_a_kit_costs_what_its_parts_are_worth(self):
        order = self.sell(quantity=3)
        # As parts of a kit are: products that are not the one of the line.
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE stock_move SET product_id = %s, value = 30 WHERE sale_line_id = %s",
            [self.black.id, order.order_line.id],
        )
        self.env.cr.execute(
            "UPDATE sale_order_line SET qty_delivered = 3 WHERE id = %s",
            [order.order_line.id],
        )
        self.env.invalidate_all()
        self.assertEqual(self.costs(), [(30, "delivery")])

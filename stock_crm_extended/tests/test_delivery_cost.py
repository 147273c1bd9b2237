"""What deliveries were worth, before the cost that the product has today."""

from odoo import Command
from odoo.tests import tagged

from odoo.addons.crm_extended.tests.insight.common import LinesCommon


class DeliveryCommon(LinesCommon):
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

    def bring_back(self, order, quantity, to_refund=True):
        """A return of so many of each product of the first delivery."""
        [picking] = order.picking_ids.filtered(
            lambda picking: not picking.return_id and picking.state == "done"
        )[:1]
        wizard = self.env["stock.return.picking"].create({"picking_id": picking.id})
        for line in wizard.product_return_moves:
            line.quantity = quantity * line.move_quantity / self.sold(order)
            line.to_refund = to_refund
        back = self.env["stock.picking"].browse(
            wizard.action_create_returns()["res_id"]
        )
        for move in back.move_ids:
            move.quantity = move.product_uom_qty
        back.move_ids.picked = True
        back.button_validate()
        self.assertEqual(back.state, "done")

    @staticmethod
    def sold(order):
        return order.order_line.product_uom_qty


@tagged("post_install", "-at_install")
class TestDeliveryCost(DeliveryCommon):
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
        self.bring_back(order, 3)
        self.assertEqual(self.costs(), [(12, "delivery")])

    def test_what_came_back_is_not_in_the_cost(self):
        """Delivered at 4 each, all of it taken back, and delivered again at 9."""
        order = self.sell()
        self.bring_back(order, 2)
        again = order.order_line._action_launch_stock_rule()
        self.assertTrue(again)
        picking = order.picking_ids.filtered(lambda each: each.state != "done")
        picking.move_ids.quantity = 2
        picking.move_ids.picked = True
        picking.button_validate()
        # One of the first delivery, two of the second.
        self.assertEqual(self.costs(), [(4 + 2 * 9, "delivery")])

    def parts_of_a_kit(self, order, value, delivered):
        """As parts of a kit are: products that are not the one of the line."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE stock_move SET product_id = %s, value = %s WHERE sale_line_id = %s",
            [self.black.id, value, order.order_line.id],
        )
        self.env.cr.execute(
            "UPDATE sale_order_line SET qty_delivered = %s WHERE id = %s",
            [delivered, order.order_line.id],
        )
        self.env.invalidate_all()

    def test_a_kit_costs_what_its_parts_are_worth(self):
        order = self.sell(quantity=3)
        self.parts_of_a_kit(order, 30, 3)
        self.assertEqual(self.costs(), [(30, "delivery")])

    def test_a_kit_that_came_back_costs_the_same_until_it_is_credited(self):
        order = self.sell(quantity=3)
        self.bring_back(order, 3)
        self.parts_of_a_kit(order, 30, 0)
        self.assertEqual(self.costs(), [(30, "delivery")])


@tagged("post_install", "-at_install")
class TestKitCost(DeliveryCommon):
    """Kits, where Odoo has them (*sale_mrp*): of two boards and a dozen of screws."""

    def setUp(self):
        super().setUp()
        if "bom_line_id" not in self.env["stock.move"]._fields:
            self.skipTest("There are no kits.")
        self.board, self.screw = self.env["product.product"].create(
            [{"name": name, "is_storable": True} for name in ("Board", "Screw")]
        )
        self.board.with_company(self.company).standard_price = 10
        self.screw.with_company(self.company).standard_price = 0.5
        # Two kits, 26 each.
        self.env["mrp.bom"].create(
            {
                "product_tmpl_id": self.black.product_tmpl_id.id,
                "product_qty": 2,
                "type": "phantom",
                "bom_line_ids": [
                    Command.create({"product_id": self.board.id, "product_qty": 4}),
                    Command.create(
                        {
                            "product_id": self.screw.id,
                            "product_qty": 2,
                            "product_uom_id": self.dozen.id,
                        }
                    ),
                ],
            }
        )

    def sell_kits(self, quantity=3):
        order = self.order_of(self.item(self.black, 50, quantity))
        if "purchase_price" in order.order_line._fields:
            order.order_line.purchase_price = 0
        self.assertEqual(order.picking_ids.move_ids.product_id, self.board + self.screw)
        for move in order.picking_ids.move_ids:
            move.quantity = move.product_uom_qty
        order.picking_ids.move_ids.picked = True
        order.picking_ids.button_validate()
        self.board.with_company(self.company).standard_price = 99
        return order

    def test_real_kits_that_came_back(self):
        self.company.rfm_source = "invoice"
        order = self.sell_kits(1)
        self.bill(order, 2)
        [[cost, source]] = self.costs()
        self.assertEqual(cost, 26)
        self.assertEqual(source, "delivery")
        self.bring_back(order, 1)
        self.assertEqual(order.order_line.qty_delivered, 0)
        [[cost, source]] = self.costs()
        self.assertEqual(cost, 26)
        self.assertEqual(source, "delivery")
        margin = self.env["crm.customer.margin"].search(
            [("partner_id", "=", self.customer.id)]
        )
        self.assertEqual(margin.cost_state, "known")
        self.credit(order.invoice_ids, 0)
        self.assertAlmostEqual(sum(self.lines().mapped("cost")), 0, 2)

    def test_real_kits_of_which_some_came_back(self):
        order = self.sell_kits(3)
        for to_refund in (True, False):
            self.bring_back(order, 1, to_refund=to_refund)
            [[cost, source]] = self.costs()
            self.assertEqual(cost, 78)
            self.assertEqual(source, "delivery")

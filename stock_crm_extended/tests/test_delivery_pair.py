"""Delivery that was added to an order is no product of a pair."""

from unittest import SkipTest

from odoo import Command
from odoo.tests import tagged

from odoo.addons.crm_extended.tests.insight.test_product_pair import PairCommon


@tagged("post_install", "-at_install")
class TestDeliveryPair(PairCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if "delivery.carrier" not in cls.env:
            raise SkipTest("Delivery methods are not installed.")
        # Delivery is a service, and would be left out as such.
        cls.company.write({"pair_with_services": True, "rfm_source": "sale"})
        cls.shipping, cls.courier = cls.env["product.product"].create(
            [
                {"name": name, "type": "service", "taxes_id": [Command.clear()]}
                for name in ("Shipping", "Courier")
            ]
        )
        cls.carrier = cls.env["delivery.carrier"].create(
            {
                "name": "Post",
                "delivery_type": "fixed",
                "product_id": cls.shipping.id,
                "fixed_price": 5,
                "company_id": cls.company.id,
            }
        )

    def delivered_order(self):
        """An order with a delivery method, as its user chooses it."""
        order = self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "order_line": [
                    Command.create({"product_id": product.id, "price_unit": 10})
                    for product in (self.desk, self.chair)
                ],
            }
        )
        action = order.action_open_delivery_wizard()
        wizards = self.env[action["res_model"]].with_context(**action["context"])
        wizard = wizards.create({"order_id": order.id, "carrier_id": self.carrier.id})
        wizard.delivery_price = 5
        wizard.button_confirm()
        order.action_confirm()
        return order

    def test_delivery_is_left_out(self):
        order = self.delivered_order()
        delivery = order.order_line.filtered("is_delivery")
        self.assertEqual(delivery.product_id, self.shipping)
        self.assertEqual(delivery.price_subtotal, 5)
        self.update()
        self.assertEqual(self.pairs(), {("Chair", "Desk"): 1})
        self.assertEqual(self.pairs("customer"), {("Chair", "Desk"): 1})
        # It was bought all the same.
        bought = self.lines().product_id
        self.assertEqual(bought, self.desk + self.chair + self.shipping)
        # On its invoice it is a line like others.
        self.company.rfm_source = "invoice"
        (self.desk + self.chair + self.shipping).invoice_policy = "order"
        order._create_invoices(final=True).action_post()
        self.assertIn(self.shipping, self.lines().product_id)
        self.update()
        self.assertEqual(self.pairs(), {("Chair", "Desk"): 1})

    def test_after_the_carrier_has_changed(self):
        self.delivered_order()
        self.carrier.product_id = self.courier
        self.update()
        self.assertEqual(self.pairs(), {("Chair", "Desk"): 1})
        self.carrier.unlink()
        self.update()
        self.assertEqual(self.pairs(), {("Chair", "Desk"): 1})

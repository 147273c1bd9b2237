"""Rewards are discounts, and what pays is none."""

from odoo import Command
from odoo.tests import tagged

from odoo.addons.crm_extended.tests.loyalty.common import LoyaltyCommon


@tagged("post_install", "-at_install")
class TestDiscountOfRewards(LoyaltyCommon):
    def test_rewards_and_gift_cards(self):
        self.company_a.rfm_source = "sale"
        product = self.env["product.product"].create(
            {"name": "Thing", "list_price": 100, "taxes_id": [Command.clear()]}
        )
        promotion, card = self.env["loyalty.program"].create(
            [
                {
                    "name": kind,
                    "program_type": kind,
                    "company_id": self.company_a.id,
                    "reward_ids": [
                        Command.clear(),
                        Command.create({"reward_type": "discount", "discount": 10}),
                    ],
                }
                for kind in ("promotion", "gift_card")
            ]
        )
        order = self.env["sale.order"].create(
            {
                "partner_id": self.customer("Buyer").id,
                "company_id": self.company_a.id,
                "order_line": [
                    Command.create({"product_id": product.id, "price_unit": 100}),
                    *(
                        Command.create(
                            {
                                "product_id": product.id,
                                "name": program.name,
                                "price_unit": -price,
                                "reward_id": program.reward_ids.id,
                                "tax_ids": [Command.clear()],
                            }
                        )
                        for price, program in ((10, promotion), (30, card))
                    ),
                ],
            }
        )
        # Only what the order says counts here, not what the programs would.
        order.write({"state": "sale"})
        self.env.flush_all()
        lines = self.env["crm.customer.purchase.line"].search(
            [("partner_id", "=", order.partner_id.id)], order="amount"
        )
        self.assertEqual(
            [(line.amount, line.discount, line.list_amount) for line in lines],
            [(-30, 0, -30), (-10, 10, 0), (100, 0, 100)],
        )
        # All at once, for sums.
        query = self.env["crm.customer.purchase.line"]._of_company(self.company_a)
        self.env.cr.execute(
            f"SELECT sum(discount) FROM {query.code} AS line", query.params
        )
        self.assertEqual(self.env.cr.fetchone()[0], 10)

"""Products that rewards are booked with are in no pair."""

from odoo import Command, fields
from odoo.tests import tagged

from odoo.addons.crm_extended.tests.loyalty.common import LoyaltyCommon


@tagged("post_install", "-at_install")
class TestProductPair(LoyaltyCommon):
    def test_rewards_are_left_out(self):
        company = self.company_a
        company.write({"pair_min_baskets": 1, "pair_min_together": 1})
        company.write({"pair_with_services": True, "rfm_source": "sale"})
        program = self.env["loyalty.program"].create(
            {
                "name": "Promotion",
                "program_type": "promotion",
                "company_id": company.id,
                "rule_ids": [Command.create({})],
                "reward_ids": [Command.create({"discount": 10})],
            }
        )
        reward = program.reward_ids.discount_line_product_id
        desk, lamp = self.env["product.product"].create(
            [{"name": name, "taxes_id": False} for name in ("Desk", "Lamp")]
        )
        order = self.env["sale.order"].create(
            {
                "partner_id": self.customer().id,
                "company_id": company.id,
                "order_line": [
                    Command.create({"product_id": product.id, "price_unit": 5})
                    for product in (desk, lamp, reward)
                ],
            }
        )
        order.write({"state": "sale", "date_order": fields.Datetime.now()})
        self.env["crm.product.pair"]._update(company)
        pairs = self.env["crm.product.pair"].search(
            [("company_id", "=", company.id), ("unit", "=", "order")]
        )
        self.assertEqual(
            pairs.product_a_id + pairs.product_b_id, (desk + lamp).product_tmpl_id
        )

"""What follows from a changed definition of purchases starts no automation rules."""

from odoo.tests import tagged

from odoo.addons.crm_extended.tests.loyalty.common import LoyaltyCommon

from .automation_common import RuleCommon


@tagged("post_install", "-at_install")
class TestDefinitionChanged(RuleCommon, LoyaltyCommon):
    model_name = "crm.loyalty.change"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.addClassCleanup(cls.env["base.automation"]._unregister_hook)
        cls.buyer = cls.customer("Buyer")
        cls.buy(cls.buyer, 500)
        cls.silver.pricelist_id = cls.env["product.pricelist"].create(
            {"name": "Silver", "company_id": False}
        )

    def partner_rule(self):
        """A rule on contacts: prices that follow a tier are written on these."""
        self.env["base.automation"].create(
            {
                "name": "Contacts",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "trigger": "on_create_or_write",
                "trigger_field_ids": [],
                "filter_domain": repr([("id", "=", self.buyer.id)]),
                "action_server_ids": [
                    (
                        0,
                        0,
                        {
                            "name": "Action",
                            "model_id": self.env["ir.model"]._get_id("res.partner"),
                            "usage": "base_automation",
                            "state": "code",
                            "code": "record.with_context(__action_done={}) and "
                            "env['res.partner'].create({'name': 'Rule was here'})",
                        },
                    )
                ],
            }
        )

    def started(self):
        return self.env["res.partner"].search_count([("name", "=", "Rule was here")])

    def test_neither_by_changes_nor_by_prices(self):
        self.note_rule()
        self.partner_rule()
        self.company_a.loyalty_definition_changed = True
        self.assess()
        self.assertMember(self.buyer, self.silver)
        buyer = self.buyer.with_company(self.company_a)
        self.assertTrue(buyer.specific_property_product_pricelist)
        self.assertEqual((self.heard(self.buyer), self.started()), (0, 0))
        self.silver.pricelist_id = False
        self.buy(self.buyer, 500)
        self.assess()
        self.assertTrue(self.heard(self.buyer))
        self.assertTrue(self.started())

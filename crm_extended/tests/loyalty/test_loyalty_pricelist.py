from odoo.tests import tagged

from ... import uninstall_hook
from .common import LoyaltyCommon


@tagged("post_install", "-at_install")
class TestLoyaltyPricelist(LoyaltyCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.silver_prices, cls.gold_prices, cls.special = cls.env[
            "product.pricelist"
        ].create(
            [
                {"name": name, "company_id": False}
                for name in ("Silver", "Gold", "Special")
            ]
        )
        cls.silver.pricelist_id = cls.silver_prices
        cls.gold.pricelist_id = cls.gold_prices
        cls.buyer = cls.customer("Buyer")

    def prices(self, partner=None, company=None):
        partner = (partner or self.buyer).with_company(company or self.company_a)
        return partner.specific_property_product_pricelist

    def notes(self, partner=None):
        return [
            str(message.body)
            for message in (partner or self.buyer).message_ids.sorted("id")
            if "pricelist" in (message.body or "")
        ]

    def rise(self, amount=500, day="2025-01-10", partner=None):
        self.bought(partner or self.buyer, amount, day)
        self.assess(day)

    def test_prices_come_and_go_with_the_tier(self):
        self.rise()
        self.assertEqual(self.prices(), self.silver_prices)
        self.rise(day="2025-01-11")
        self.assertEqual(self.prices(), self.gold_prices)
        self.assess("2027-03-12")
        self.assertEqual(self.prices(), self.silver_prices)
        self.assess("2028-06-01")
        self.assess("2028-06-02")
        self.assertFalse(self.member(self.buyer))
        self.assertFalse(self.prices())
        self.assertEqual(len(self.notes()), 4)
        self.assertIn("“Silver” is applied", self.notes()[0])
        self.assertIn("usual prices", self.notes()[-1])
        self.assertFalse(
            self.env["crm.loyalty.pricelist"].search_count(
                [("partner_id", "=", self.buyer.id)]
            )
        )

    def test_contacts_of_a_company_have_its_prices(self):
        firm = self.customer("Firm", is_company=True)
        contact = self.customer("Contact", parent_id=firm.id)
        self.rise(partner=contact)
        self.assertEqual(self.prices(firm), self.silver_prices)
        self.assertEqual(self.prices(contact), self.silver_prices)

    def test_never_over_prices_chosen_by_hand(self):
        self.buyer.with_company(
            self.company_a
        ).property_product_pricelist = self.special
        self.rise()
        self.assertEqual(self.prices(), self.special)
        self.assess("2025-01-11")
        self.assertEqual(len(self.notes()), 1)
        self.assertIn("“Silver” is not applied: “Special” was", self.notes()[0])
        self.assess("2027-06-01")
        self.assess("2028-06-01")
        self.assertEqual(self.prices(), self.special)

    def test_prices_chosen_by_hand_meanwhile_stay(self):
        self.rise()
        self.buyer.with_company(
            self.company_a
        ).property_product_pricelist = self.special
        self.rise(day="2025-01-11")
        self.assertEqual(self.prices(), self.special)
        self.assertIn("“Gold” is not applied", self.notes()[-1])

    def test_prices_chosen_by_hand_meanwhile_stay_when_the_tier_goes(self):
        self.rise()
        self.buyer.with_company(
            self.company_a
        ).property_product_pricelist = self.special
        self.silver.pricelist_id = False
        self.assess("2025-01-11")
        self.assertEqual(self.prices(), self.special)
        self.assertIn("chosen for this customer, stays", self.notes()[-1])

    def test_prices_taken_away_by_hand_stay_away(self):
        self.rise()
        self.buyer.with_company(self.company_a).property_product_pricelist = False
        self.assertFalse(self.prices())
        self.rise(day="2025-01-11")
        self.assertFalse(self.prices())
        self.assertIn("“Gold” is not applied: the usual prices", self.notes()[-1])
        # Nor do the next ones come.
        self.platinum.pricelist_id = self.special
        self.rise(amount=1000, day="2025-01-12")
        self.assertMember(self.buyer, self.platinum)
        self.assertFalse(self.prices())
        # The tier's prices end, and the choice with them.
        self.platinum.pricelist_id = False
        self.assess("2025-01-13")
        self.platinum.pricelist_id = self.special
        self.assess("2025-01-14")
        self.assertEqual(self.prices(), self.special)

    def test_prices_taken_away_by_hand_stay_away_when_the_tier_goes(self):
        other = self.customer("Other")
        other.with_company(self.company_a).property_product_pricelist = self.special
        for partner in (self.buyer, other):
            self.rise(partner=partner)
        for partner in (self.buyer, other):
            partner.with_company(self.company_a).property_product_pricelist = False
        self.silver_prices.active = False
        self.assess("2025-01-11")
        self.assertFalse(self.prices())
        self.assertIn("the usual prices, chosen for", self.notes()[-1])
        # Somebody chose other prices, then gave them up: the tier's may come.
        self.silver_prices.active = True
        self.assess("2025-01-12")
        self.assertEqual(self.prices(other), self.silver_prices)

    def test_a_tier_that_gets_other_prices(self):
        self.rise()
        self.silver.pricelist_id = self.special
        self.assess("2025-01-11")
        self.assertEqual(self.prices(), self.special)
        self.silver.pricelist_id = False
        self.assess("2025-01-12")
        self.assertFalse(self.prices())

    def test_an_archived_pricelist_is_taken_back(self):
        self.rise()
        self.silver_prices.active = False
        self.assess("2025-01-11")
        self.assertFalse(self.prices())
        self.silver_prices.active = True
        self.assess("2025-01-12")
        self.assertEqual(self.prices(), self.silver_prices)

    def test_each_company_has_its_own(self):
        [plain] = self.make_tiers(self.company_b, ("Plain", 10, 10))
        plain.pricelist_id = self.special
        self.bought(self.buyer, 500, "2025-01-10")
        self.bought(self.buyer, 10, "2025-01-10", company=self.company_b)
        self.assess("2025-01-10", self.company_a + self.company_b)
        self.assertEqual(self.prices(), self.silver_prices)
        self.assertEqual(self.prices(company=self.company_b), self.special)

    def test_prices_of_another_company_are_not_applied(self):
        shared = self.silver.copy({"company_id": False})
        self.env["crm.loyalty.tier"].search(
            [("company_id", "=", False), ("id", "!=", shared.id)]
        ).active = False
        self.silver_prices.company_id = self.company_a
        self.bought(self.buyer, 500, "2025-01-10", company=self.company_b)
        self.assess("2025-01-10", self.company_b)
        self.assertEqual(self.member(self.buyer, self.company_b).tier_id, shared)
        self.assertFalse(self.prices(company=self.company_b))

    def test_a_tier_with_the_first_pricelist_says_that_everybody_has_it(self):
        self.special.sequence = -2
        self.silver_prices.sequence = -1
        self.assertFalse((self.silver + self.gold).filtered("is_usual_pricelist"))
        self.special.sequence = 100
        self.env.invalidate_all()
        self.assertTrue(self.silver.is_usual_pricelist)
        self.assertFalse(self.gold.is_usual_pricelist)
        self.gold.pricelist_id = False
        self.assertFalse(self.gold.is_usual_pricelist)
        # One for some countries is not the one for everybody.
        self.silver_prices.country_group_ids = self.env["res.country.group"].create(
            {"name": "Somewhere"}
        )
        self.assertFalse(self.silver.is_usual_pricelist)
        self.silver_prices.write({"country_group_ids": False, "active": False})
        self.env.invalidate_all()
        self.assertFalse(self.silver.is_usual_pricelist)

    def test_all_are_taken_back_when_the_addon_goes(self):
        chooser, stubborn = self.customers(2)
        stubborn.with_company(self.company_a).property_product_pricelist = self.special
        for partner in (self.buyer, chooser, stubborn):
            self.rise(partner=partner)
        self.assertEqual(self.prices(chooser), self.silver_prices)
        chooser.with_company(self.company_a).property_product_pricelist = self.special
        self.env["crm.loyalty.pricelist"]._take_all_back()
        self.assertFalse(self.prices())
        self.assertEqual(self.prices(chooser), self.special)
        self.assertEqual(self.prices(stubborn), self.special)

    def test_what_came_as_data_can_be_deleted_when_the_addon_goes(self):
        self.rise()
        self.env["crm.loyalty.membership"].with_company(self.company_a)._set_override(
            self.customer("Promised"), self.gold, "2099-12-31", "Promised"
        )
        uninstall_hook(self.env)
        # As Odoo does: without a word where a row is still referred to.
        self.env["product.pricelist"].browse(self.silver_prices.id).unlink()
        self.assertFalse(self.silver_prices.exists())
        tiers = self.silver + self.gold + self.platinum
        tiers.with_context(_force_unlink=True).unlink()
        self.assertFalse(tiers.exists())

    def test_many_customers_in_parts_by_the_scheduled_action(self):
        assessments = self.env["crm.loyalty.assessment"]
        customers = self.customers(7)
        for customer in customers:
            self.bought(customer, 500, "2025-01-10")
        self.assess("2025-01-09")
        self.patch(
            type(assessments),
            "_process_or_schedule_effects",
            lambda self: self._process_effects(self.company_id, 3),
        )
        self.assess("2025-01-10")
        self.assertEqual(len([c for c in customers if self.prices(c)]), 3)
        with self.enter_registry_test_mode():
            self.env.ref("crm_extended.ir_cron_loyalty_follow").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(len([c for c in customers if self.prices(c)]), 7)
        self.assertEqual(sum(len(self.notes(c)) for c in customers), 7)

    def test_queries_do_not_grow_with_the_customers(self):
        def count(number):
            customers = self.customers(number)
            for customer in customers:
                self.bought(customer, 500, "2025-01-10")
                # Odoo hands the prices of a company down to its contacts.
                customer.is_company = True
                self.customer(f"{customer.name}'s contact", parent_id=customer.id)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assess("2025-01-10")
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        count(1)
        few, many = count(3), count(40)
        self.assertLess(many, few + 15)

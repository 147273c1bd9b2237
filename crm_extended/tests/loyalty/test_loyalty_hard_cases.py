from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import LoyaltyCommon


@tagged("post_install", "-at_install")
class TestLoyaltyHardCases(LoyaltyCommon):
    # -- Days on which nobody looked, and days that are looked back upon

    def test_what_was_met_while_nobody_looked_counts(self):
        seen, unseen = self.customers(2)
        for customer in (seen, unseen):
            self.bought(customer, 500, "2024-01-10")
        self.assess("2024-01-10")
        self.assess("2025-01-15")
        self.bought(unseen, 450, "2025-06-01")
        self.assess("2026-07-01")
        self.assertFalse(self.member(seen))
        # A year from 31 May 2026, the last day of the purchase's year.
        self.assertMember(unseen, self.silver, valid_until="2027-05-31")

    def test_looking_back_takes_nothing_from_today(self):
        straight, back = self.customers(2)
        for customer in (straight, back):
            self.bought(customer, 500, "2024-01-10")
            self.bought(customer, 450, "2024-12-01")
        self.assess("2024-01-10")
        self.assess("2025-12-06")
        self.assertMember(straight, self.silver, valid_until="2026-11-30")
        # On that day the second purchase was not there yet, and the first is too old
        # soon after.
        self.assess("2024-02-01")
        self.assess("2025-12-06")
        self.assertMember(back, self.silver, valid_until="2026-11-30")

    # -- Thresholds of nothing

    def test_of_any_criteria_one_to_keep_without_threshold_is_not_asked_for(self):
        self.gold.write({"match": "any", "rise_orders": 10, "keep_orders": 0})
        customer = self.customer()
        self.bought(customer, 1000, "2020-01-10")
        self.assess("2020-01-10")
        self.assertMember(customer, self.gold)
        self.assess("2021-01-20")
        self.assertMember(customer, self.gold, valid_until="2022-01-09")
        self.assertEqual(self.member(customer).amount_to_keep, 800)
        self.assess("2022-06-01")
        self.assertNotEqual(self.member(customer).tier_id, self.gold)

    def test_nothing_asked_for_to_keep_is_kept_with_a_refund_too(self):
        self.silver.keep_amount = 0
        customer = self.customer()
        self.bought(customer, 500, "2020-01-10")
        self.assess("2020-01-10")
        self.bought(customer, -50, "2024-12-10")
        self.assess("2025-01-10")
        self.assertMember(customer, self.silver)
        self.assertEqual(self.member(customer).amount_to_keep, 0)

    def test_nothing_is_missing_of_what_is_not_asked_for(self):
        for tier, orders in ((self.silver, 1), (self.gold, 3), (self.platinum, 5)):
            tier.write(
                {
                    "rise_amount": 0,
                    "keep_amount": 0,
                    "rise_orders": orders,
                    "keep_orders": orders,
                }
            )
        customer = self.customer()
        self.bought(customer, 20, "2025-01-10")
        self.bought(customer, -100, "2025-01-10")
        self.assess("2025-01-10")
        member = self.member(customer)
        self.assertMember(customer, self.silver)
        self.assertEqual((member.amount_to_next, member.orders_to_next), (0, 2))
        self.assess("2026-02-01")
        self.assertEqual((member.amount_to_keep, member.orders_to_keep), (0, 1))

    # -- By hand

    def by_hand(self, customers, tier, days=30):
        memberships = self.as_user(self.manager, "crm.loyalty.membership")
        memberships = memberships.with_company(self.company_a)
        until = self.today + timedelta(days=days)
        memberships._set_override(customers.with_env(memberships.env), tier, until, "?")

    def lift(self, customers):
        memberships = self.as_user(self.manager, "crm.loyalty.membership")
        memberships = memberships.with_company(self.company_a)
        memberships._end_override(customers.with_env(memberships.env))

    def test_after_a_tier_by_hand_the_former_one_goes_on(self):
        customer, mistaken = self.customers(2)
        day = self.today - relativedelta(months=14)
        for partner in (customer, mistaken):
            self.bought(partner, 1000, day)
        self.assess(day)
        self.assess()
        until = str(self.member(customer).valid_until)
        self.assertGreater(until, str(self.today))
        self.by_hand(customer + mistaken, self.silver)
        self.by_hand(customer + mistaken, self.platinum)
        self.lift(mistaken)
        self.assertMember(mistaken, self.gold, valid_until=until)
        self.assess(self.today + timedelta(days=31))
        self.assertMember(customer, self.gold, valid_until=until)
        self.assertFalse(self.member(customer).former_tier_id)
        self.assertEqual(
            [change[1:] for change in self.changes(mistaken)],
            [
                ("", "Gold", "earned"),
                ("Gold", "Silver", "by_hand"),
                ("Silver", "Platinum", "by_hand"),
                ("Platinum", "Gold", "lock_ended"),
            ],
        )

    def test_after_a_tier_by_hand_grace_goes_on_and_ends_when_it_would_have(self):
        customer, late = self.customers(2)
        day = self.today - relativedelta(months=24, days=20)
        for partner in (customer, late):
            self.bought(partner, 1000, day)
        self.assess(day)
        self.assess()
        self.assertMember(customer, self.gold, "grace")
        until = str(self.member(customer).valid_until)
        self.by_hand(customer + late, self.platinum, days=10)
        self.by_hand(late, self.platinum, days=100)
        self.assess(self.today + timedelta(days=11))
        self.assertMember(customer, self.gold, "grace", valid_until=until)
        changes = self.changes(customer)
        self.assess(self.today + timedelta(days=11))
        self.assertMember(customer, self.gold, "grace", valid_until=until)
        self.assertEqual(self.changes(customer), changes)
        self.assess(self.today + timedelta(days=101))
        self.assertFalse(self.member(late))

    def test_history_of_a_newcomer_by_hand_has_his_figures(self):
        customer = self.customer()
        self.buy(customer, 450)
        self.by_hand(customer, self.gold)
        member = self.member(customer)
        self.assertEqual((member.qualifying_amount, member.qualifying_orders), (450, 1))
        self.assertEqual(member.next_tier_id, self.platinum)
        change = self.env["crm.loyalty.change"].search(
            [("partner_id", "=", customer.id)]
        )
        self.assertEqual((change.reason, change.qualifying_amount), ("by_hand", 450))

    def test_others_wait_for_the_night(self):
        customer, other = self.customers(2)
        self.buy(other, 500)
        self.buy(customer, 500)
        self.by_hand(customer, self.gold)
        self.lift(customer)
        self.assertMember(customer, self.silver)
        self.assertFalse(self.member(other))

    def test_nothing_by_hand_while_tiers_are_assessed(self):
        customer = self.customer()
        with self.registry.cursor() as other:
            other.execute(
                "SELECT pg_advisory_xact_lock(hashtext('crm_loyalty_assessment'), %s)",
                [self.company_a.id],
            )
            with self.assertRaisesRegex(UserError, "already running for Value A"):
                self.by_hand(customer, self.gold)
        self.assertFalse(self.member(customer))
        self.by_hand(customer, self.gold)
        self.assertMember(customer, self.gold, "locked")

    # -- Contacts who come to belong to somebody

    def test_the_tier_of_a_contact_becomes_that_of_his_company(self):
        person, firm = self.customer("Person"), self.customer("Firm", is_company=True)
        self.buy(person, 1000)
        self.buy(firm, 500)
        self.assess()
        person.parent_id = firm
        self.assess()
        self.assertFalse(self.member(person))
        self.assertMember(firm, self.gold)
        self.assertEqual(self.member(firm).qualifying_amount, 1500)
        self.assertEqual(
            sorted(change[1:] for change in self.changes(firm)),
            [("", "Gold", "earned"), ("", "Silver", "earned")],
        )

    def test_prices_of_such_a_contact_are_those_of_his_company(self):
        pricelist = self.env["product.pricelist"].create(
            {"name": "Gold", "company_id": False}
        )
        self.gold.pricelist_id = pricelist
        person, firm = self.customer("Person"), self.customer("Firm", is_company=True)
        self.buy(person, 1000)
        self.assess()
        person.parent_id = firm
        self.assess()
        for partner in (person, firm):
            partner = partner.with_company(self.company_a)
            self.assertEqual(partner.specific_property_product_pricelist, pricelist)
        self.by_hand(firm, self.silver)
        for partner in (person, firm):
            partner = partner.with_company(self.company_a)
            self.assertFalse(partner.specific_property_product_pricelist)

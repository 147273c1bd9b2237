from datetime import date, timedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import LoyaltyCommon


@tagged("post_install", "-at_install")
class TestLoyaltyByHand(LoyaltyCommon):
    def by_hand(self, customers, user=None, **values):
        wizard = self.as_user(user or self.manager, "crm.loyalty.tier.wizard")
        wizard = wizard.with_context(
            active_model=customers._name, active_ids=customers.ids
        )
        wizard = wizard.create(
            {
                "tier_id": self.gold.id,
                "lock_reason": "Friend of the house",
                "lock_until": self.today + timedelta(days=30),
                **values,
            }
        )
        return wizard.action_apply()

    def test_a_stranger_and_a_member_in_bulk(self):
        stranger, member = self.customers(2)
        self.buy(member, 500)
        self.assess()
        self.by_hand(stranger + member)
        for customer, old in ((stranger, ""), (member, "Silver")):
            self.assertMember(customer, self.gold, "locked")
            self.assertEqual(
                self.changes(customer)[-1], (str(self.today), old, "Gold", "by_hand")
            )
        self.assertEqual(self.member(member).valid_until, self.today + timedelta(30))
        change = self.env["crm.loyalty.change"].search(
            [("partner_id", "=", member.id)], limit=1
        )
        self.assertEqual(change.note, "Friend of the house")
        self.assertEqual(change.create_uid, self.manager)

    def test_from_the_list_of_standings(self):
        customer = self.customer()
        self.buy(customer, 500)
        self.refresh()
        self.by_hand(self.score(customer))
        self.assertMember(customer, self.gold, "locked")

    def test_the_assessment_leaves_it_alone_until_that_day(self):
        customer = self.customer()
        self.buy(customer, 2000)
        self.by_hand(customer, tier_id=self.silver.id)
        self.assess()
        self.assertMember(customer, self.silver, "locked")
        self.assertEqual(self.member(customer).qualifying_amount, 2000)
        self.assess(self.today + timedelta(days=30))
        self.assertMember(customer, self.silver, "locked")
        self.assess(self.today + timedelta(days=31))
        self.assertMember(customer, self.platinum, "active")
        self.assertFalse(self.member(customer).lock_until)
        self.assertEqual(
            self.changes(customer)[-1][1:], ("Silver", "Platinum", "lock_ended")
        )

    def test_when_it_ends_with_nothing_earned_the_tier_goes(self):
        customer = self.customer()
        self.by_hand(customer)
        self.assess(self.today + timedelta(days=31))
        self.assertFalse(self.member(customer))
        self.assertEqual(self.changes(customer)[-1][1:], ("Gold", "", "lock_ended"))

    def test_it_can_be_lifted(self):
        customer = self.customer()
        self.buy(customer, 500)
        self.by_hand(customer)
        self.by_hand(self.member(customer), operation="lift")
        self.assertMember(customer, self.silver, "active")

    def test_it_shows_at_once(self):
        customer = self.customer().with_context(allowed_company_ids=self.company_a.ids)
        lead = customer.env["crm.lead"].create({"name": "L", "partner_id": customer.id})
        self.assertFalse(customer.loyalty_tier_id)
        self.assertFalse(lead.loyalty_tier_id)
        self.by_hand(customer)
        self.assertEqual(customer.loyalty_tier_id, self.gold)
        self.assertEqual(lead.loyalty_tier_id, self.gold)

    def test_prices_follow_at_once(self):
        pricelist = self.env["product.pricelist"].create(
            {"name": "Gold", "company_id": False}
        )
        self.gold.pricelist_id = pricelist
        customer = self.customer()
        self.by_hand(customer)
        customer = customer.with_company(self.company_a)
        self.assertEqual(customer.specific_property_product_pricelist, pricelist)
        self.by_hand(customer, operation="lift")
        self.assertFalse(customer.specific_property_product_pricelist)

    def test_contacts_stand_for_their_company(self):
        firm = self.customer("Firm", is_company=True)
        contact = self.customer("Contact", parent_id=firm.id)
        self.by_hand(contact)
        self.assertMember(firm, self.gold, "locked")

    def test_a_locked_tier_is_not_deleted(self):
        customer = self.customer()
        self.by_hand(customer)
        with self.assertRaisesRegex(
            UserError, "one customer has it by manual override"
        ):
            self.gold.unlink()
        self.by_hand(self.customers(2), tier_id=self.silver.id)
        with self.assertRaises(UserError) as refused:
            (self.silver + self.gold).unlink()
        self.assertIn("“Gold” cannot be deleted: one customer", str(refused.exception))
        self.assertIn(
            "“Silver” cannot be deleted: 2 customers have it", str(refused.exception)
        )
        self.gold.active = False
        self.assess()
        self.assertMember(customer, self.gold, "locked")

    def test_what_is_missing_is_asked_for(self):
        customer = self.customer()
        for values in (
            {"tier_id": False},
            {"lock_reason": ""},
            {"lock_reason": "   "},
            {"lock_until": False},
        ):
            with self.assertRaisesRegex(ValidationError, "give a reason"):
                self.by_hand(customer, **values)
        with self.assertRaisesRegex(ValidationError, "already passed"):
            self.by_hand(customer, lock_until=self.today - timedelta(days=1))
        with self.assertRaisesRegex(UserError, "at least one"):
            self.by_hand(self.env["res.partner"])
        self.assertFalse(self.member(customer))

    def test_not_for_ever(self):
        customer = self.customer()
        for day in ("9999-12-31", self.today + timedelta(days=366 * 100)):
            with self.assertRaisesRegex(ValidationError, "within the next 100 years"):
                self.by_hand(customer, lock_until=day)
        self.by_hand(customer, lock_until=self.today + timedelta(days=365 * 100))
        # What is in the database already breaks no screen.
        self.member(customer).valid_date = "9999-12-31"
        self.assertEqual(self.member(customer).falls_after, date.max)

    def test_only_tiers_of_the_companys_ladder(self):
        customer = self.customer()
        [foreign] = self.make_tiers(self.company_b, ("Foreign", 10, 10))
        self.platinum.active = False
        for tier in (foreign, self.platinum):
            with self.assertRaisesRegex(
                ValidationError, "The tier is not available in"
            ):
                self.by_hand(customer, tier_id=tier.id)
        self.assertFalse(self.member(customer))

    def test_only_managers(self):
        customer = self.customer()
        for user in (self.salesman, self.employee, self.portal):
            with self.assertRaises(AccessError):
                self.by_hand(customer, user)
            with self.assertRaises(AccessError):
                self.as_user(user, "crm.loyalty.membership")._set_override(
                    customer, self.gold, self.today, "?"
                )
            with self.assertRaises(AccessError):
                self.as_user(user, "crm.loyalty.membership")._end_override(customer)

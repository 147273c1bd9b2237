from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import LoyaltyCommon


@tagged("post_install", "-at_install")
class TestLoyaltyMerge(LoyaltyCommon):
    """Odoo's merge of contacts, with members among them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.staying = cls.customer("Staying")
        cls.going = cls.customer("Going")

    @mute_logger("odoo.sql_db")  # the merge tries, collides, and deletes instead
    def merge(self, destination, *sources):
        partners = destination.union(*sources)
        self.env["base.partner.merge.automatic.wizard"]._merge(
            partners.ids, destination
        )
        self.env.invalidate_all()

    def rise(self, partner, amount, day="2025-01-10", **values):
        self.bought(partner, amount, day, **values)
        self.assess(day, values.get("company"))

    def members(self, partner):
        return self.env["crm.loyalty.membership"].search(
            [("partner_id", "=", partner.id)]
        )

    def test_the_highest_tier_stays_and_all_of_the_history(self):
        self.rise(self.staying, 600)
        self.rise(self.going, 1100, "2025-02-10")
        self.merge(self.staying, self.going)
        self.assertMember(self.staying, self.gold)
        self.assertEqual(
            self.changes(self.staying),
            [
                ("2025-01-10", "", "Silver", "earned"),
                ("2025-02-10", "", "Gold", "earned"),
            ],
        )
        self.assess("2025-02-11")
        self.assertMember(self.staying, self.gold)
        self.assertEqual(self.member(self.staying).qualifying_amount, 1700)
        self.rise(self.staying, 300, "2025-02-12")
        self.assertMember(self.staying, self.platinum)

    def test_the_ladder_counts_nobody_less_than_nobody(self):
        for customer in (self.staying, self.going):
            self.buy(customer, 600)
        self.assess()
        self.merge(self.staying, self.going)
        members = self.as_user(self.manager, "crm.loyalty.membership")
        overview = members.with_company(self.company_a).get_overview()
        [sizes] = [
            tier["sizes"] for tier in overview["tiers"] if tier["id"] == self.silver.id
        ]
        self.assertEqual(sizes, [0] * 11 + [1])

    def test_into_somebody_without_a_tier(self):
        third = self.customer("Third")
        self.rise(self.going, 600)
        self.rise(third, 1100)
        self.merge(self.staying, self.going, third)
        self.assertMember(self.staying, self.gold)
        self.assertEqual(len(self.members(self.staying)), 1)

    def test_a_tier_by_hand_stays_among_equals(self):
        self.rise(self.staying, 600)
        self.env["crm.loyalty.membership"].with_company(self.company_a)._set_override(
            self.going, self.silver, "2099-12-31", "Promised"
        )
        self.merge(self.staying, self.going)
        self.assertMember(self.staying, self.silver, "locked")
        self.assertEqual(self.member(self.staying).lock_reason, "Promised")

    def test_one_of_each_company_stays(self):
        [other] = self.make_tiers(self.company_b, ("Club", 100, 50))
        self.rise(self.staying, 600)
        self.rise(self.going, 600, company=self.company_b)
        self.merge(self.staying, self.going)
        self.assertMember(self.staying, self.silver)
        self.assertEqual(self.members(self.staying).tier_id, self.silver + other)

    def test_prices_are_those_of_the_tier_that_stays(self):
        prices, special = self.env["product.pricelist"].create(
            [{"name": name, "company_id": False} for name in ("Gold", "Special")]
        )
        self.gold.pricelist_id = prices
        going = self.going.with_company(self.company_a)
        going.specific_property_product_pricelist = special
        third = self.customer("Third")
        self.rise(third, 1100)
        self.merge(self.staying, third)
        staying = self.staying.with_company(self.company_a)
        self.assertEqual(staying.specific_property_product_pricelist, prices)
        self.env["crm.loyalty.pricelist"]._take_all_back()
        self.assertFalse(staying.specific_property_product_pricelist)
        # Chosen by hand for one of them, it is never gone over.
        self.rise(self.going, 1100)
        self.merge(self.customer("Fourth"), self.going)
        fourth = self.env["res.partner"].search([("name", "=", "Fourth")])
        fourth = fourth.with_company(self.company_a)
        self.assertEqual(fourth.specific_property_product_pricelist, special)
        self.assertMember(fourth, self.gold)

    def test_into_a_contact_the_company_has_the_tier(self):
        firm = self.customer("Firm", is_company=True)
        contact = self.customer("Contact", parent_id=firm.id)
        self.rise(self.going, 600)
        self.merge(contact, self.going)
        self.assertMember(firm, self.silver)
        self.assertEqual(len(self.changes(firm)), 1)

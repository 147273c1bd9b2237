"""Prices that Odoo copied to contacts along with a tier's pricelist go when the tier does
not cover them any more, in whichever way that came about."""

from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common import load_migration
from .common import LoyaltyCommon


@tagged("post_install", "-at_install")
class TestLoyaltyPricelistLeaving(LoyaltyCommon):
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
        cls.firm = cls.customer("Firm", is_company=True)
        cls.plain = cls.customer("Plain Firm", is_company=True)
        cls.colleague = cls.customer("Colleague", parent_id=cls.plain.id)
        cls.contact = cls.customer("Contact", parent_id=cls.firm.id)

    def setUp(self):
        super().setUp()
        self.buy(self.firm, 1000)
        self.assess()
        self.assertPrices(self.contact, self.gold_prices)

    def prices(self, partner, company=None):
        partner = partner.with_company(company or self.company_a)
        return partner.specific_property_product_pricelist

    def assertPrices(self, partners, pricelist=None):
        for partner in partners:
            self.assertEqual(
                self.prices(partner),
                pricelist or self.env["product.pricelist"],
                partner.name,
            )

    def left(self):
        return self.env["crm.loyalty.pricelist"].search(
            [("partner_id", "!=", self.firm.id), ("company_id", "=", self.company_a.id)]
        )

    def choose(self, partner, pricelist):
        partner = partner.with_company(self.company_a)
        partner.specific_property_product_pricelist = pricelist

    # -- Leaving

    def test_who_leaves_has_the_usual_prices(self):
        self.contact.parent_id = False
        self.assess()
        self.assertPrices(self.contact)
        self.assertPrices(self.firm, self.gold_prices)
        notes = "".join(self.contact.message_ids.mapped("body"))
        self.assertIn("usual prices again", notes)
        self.assertFalse(self.left())

    def test_a_contact_of_the_same_day(self):
        late = self.customer("Late", parent_id=self.firm.id)
        self.assertPrices(late, self.gold_prices)
        late.parent_id = False
        self.assess()
        self.assertPrices(late)

    def test_taken_off_the_list_of_the_company(self):
        self.firm.child_ids = [Command.unlink(self.contact.id)]
        self.assess()
        self.assertPrices(self.contact)

    def test_what_the_company_had_before_its_tier(self):
        other = self.customer("Other Firm", is_company=True)
        contact = self.customer("Their Contact", parent_id=other.id)
        self.choose(other, self.silver_prices)
        self.choose(other, False)
        self.buy(other, 1000)
        self.assess()
        record = self.env["crm.loyalty.pricelist"].search(
            [("partner_id", "=", other.id)]
        )
        record.former_pricelist_id = self.special
        contact.parent_id = False
        self.assess()
        self.assertPrices(contact, self.special)
        self.assertPrices(other, self.gold_prices)

    def test_prices_chosen_after_leaving_stay(self):
        self.contact.parent_id = False
        self.choose(self.contact, self.special)
        self.assess()
        self.assertPrices(self.contact, self.special)

    def test_prices_chosen_for_the_company_itself_stay_with_all(self):
        chooser = self.customer("Chooser", is_company=True)
        self.choose(chooser, self.gold_prices)
        contact = self.customer("Their Contact", parent_id=chooser.id)
        self.buy(chooser, 1000)
        self.assess()
        contact.parent_id = False
        self.assess()
        self.assertPrices(contact + chooser, self.gold_prices)

    def test_who_comes_back_or_never_left_keeps_them(self):
        self.contact.parent_id = False
        self.contact.parent_id = self.firm
        self.assess()
        self.assertPrices(self.contact, self.gold_prices)
        self.assertFalse(self.left())
        self.contact.write({"parent_id": self.firm.id, "is_company": False})
        self.assertFalse(self.left())

    def test_a_part_of_the_company_is_split_off(self):
        branch = self.customer("Branch", parent_id=self.firm.id)
        clerk = self.customer("Clerk", parent_id=branch.id)
        self.assess()
        self.assertPrices(branch + clerk, self.gold_prices)
        branch.parent_id = False
        self.assess()
        self.assertPrices(branch + clerk)

    def test_a_contact_becomes_a_company(self):
        clerk = self.customer("Clerk", parent_id=self.contact.id)
        self.contact.is_company = True
        self.assess()
        self.assertPrices(self.contact + clerk)
        self.assertPrices(self.firm, self.gold_prices)

    def test_a_member_becomes_a_contact_of_another(self):
        self.firm.write({"parent_id": self.plain.id})
        self.firm.is_company = False
        # Of the plain company, whose own purchases earn nothing: the tier goes over.
        self.assess()
        self.assertMember(self.plain, self.gold)
        self.choose(self.plain, self.special)
        self.firm.parent_id = False
        self.assess()
        self.assertPrices(self.plain, self.special)
        self.assertPrices(self.firm + self.contact, self.special)

    def test_the_company_is_deleted(self):
        firm = self.customer("Deleted", is_company=True)
        contact = self.customer("Left Behind", parent_id=firm.id)
        purchase = self.buy(firm, 1000)
        self.assess()
        purchase.unlink()
        firm.unlink()
        self.assertPrices(contact, self.gold_prices)
        self.assess()
        self.assertPrices(contact)

    def test_the_membership_is_deleted(self):
        self.env["crm.purchase.history"].search(
            [("partner_id", "=", self.firm.id)]
        ).unlink()
        self.member(self.firm).unlink()
        self.assess()
        self.assertPrices(self.firm + self.contact)

    # -- Going to another company

    def test_to_a_company_without_prices(self):
        self.contact.parent_id = self.plain
        # Odoo would hand the prices up to it, and down to everybody there.
        self.assertPrices(self.plain + self.colleague)
        self.assess()
        self.assertPrices(self.plain + self.colleague + self.contact)

    def test_by_way_of_nowhere(self):
        self.contact.parent_id = False
        self.contact.parent_id = self.plain
        self.assess()
        self.assertPrices(self.plain + self.colleague + self.contact)

    def test_to_a_company_with_prices_of_its_own(self):
        self.choose(self.plain, self.special)
        self.contact.parent_id = self.plain
        self.assess()
        self.assertPrices(self.plain + self.colleague + self.contact, self.special)

    def test_to_the_company_of_another_tier(self):
        self.buy(self.plain, 500)
        self.assess()
        self.contact.parent_id = self.plain
        self.assess()
        self.assertPrices(
            self.plain + self.colleague + self.contact, self.silver_prices
        )
        self.assertFalse(self.left().filtered(lambda r: r.partner_id == self.contact))
        self.contact.parent_id = False
        self.assess()
        self.assertPrices(self.contact)
        self.assertPrices(self.plain, self.silver_prices)

    def test_to_a_company_whose_tier_has_no_prices(self):
        self.silver.pricelist_id = False
        self.buy(self.plain, 500)
        self.assess()
        self.contact.parent_id = self.plain
        self.assess()
        self.assertPrices(self.plain + self.colleague + self.contact)

    def test_to_a_company_that_rises_to_the_same_tier(self):
        self.contact.parent_id = self.plain
        self.buy(self.plain, 1000)
        self.assess()
        self.assertPrices(self.plain + self.colleague + self.contact, self.gold_prices)
        self.assess()
        self.assertFalse(self.left().filtered(lambda r: r.partner_id == self.contact))

    def test_who_rises_after_leaving_has_the_prices_as_a_member(self):
        self.contact.parent_id = False
        purchase = self.buy(self.contact, 1000)
        self.assess()
        self.assertPrices(self.contact, self.gold_prices)
        purchase.unlink()
        self.member(self.contact).unlink()
        self.assess()
        self.assertPrices(self.contact)

    def test_prices_chosen_for_a_person_go_up_to_a_company_as_in_odoo(self):
        person = self.customer("Person")
        self.choose(person, self.special)
        person.with_company(self.company_a).parent_id = self.plain
        self.assertPrices(self.plain + self.colleague, self.special)

    def test_each_company_by_itself(self):
        [club] = self.make_tiers(self.company_b, ("Club", 10, 10))
        club.pricelist_id = self.special
        self.buy(self.firm, 10, company=self.company_b)
        self.assess(company=self.company_b)
        self.assertEqual(self.prices(self.contact, self.company_b), self.special)
        self.contact.parent_id = self.plain
        for company in self.company_a + self.company_b:
            self.assess(company=company)
            for partner in self.contact + self.plain + self.colleague:
                self.assertFalse(self.prices(partner, company), partner.name)

    # -- Whom Odoo passes over

    def test_archived_contacts_lose_them_with_their_company(self):
        self.contact.active = False
        self.gold.pricelist_id = self.special
        self.assess()
        self.assertPrices(self.contact + self.firm, self.special)
        self.gold.pricelist_id = False
        self.assess()
        self.contact.active = True
        self.assertPrices(self.contact + self.firm)

    def test_the_copy_of_a_member_is_no_member(self):
        copies = (self.firm + self.plain).with_company(self.company_a).copy()
        self.assertPrices(copies)

    # -- Merging

    @mute_logger("odoo.sql_db")
    def merge(self, destination, *sources):
        partners = destination.union(*sources)
        wizard = self.env["base.partner.merge.automatic.wizard"]
        wizard.with_company(self.company_a)._merge(partners.ids, destination)
        self.env.invalidate_all()

    def test_a_contact_merged_into_another_company_brings_no_prices(self):
        self.merge(self.colleague, self.contact)
        self.assess()
        self.assertPrices(self.colleague + self.plain)
        self.assertPrices(self.firm, self.gold_prices)

    def test_a_contact_who_left_is_merged(self):
        self.contact.parent_id = False
        other = self.customer("Other")
        self.merge(other, self.contact)
        self.assess()
        self.assertPrices(other)

    def test_a_company_without_a_tier_gets_contacts_by_a_merge(self):
        self.buy(self.plain, 1)
        self.merge(self.plain, self.firm)
        self.assess()
        self.assertMember(self.plain, self.gold)
        self.silver.pricelist_id = self.gold.pricelist_id = False
        self.assess()
        self.assertPrices(self.plain + self.colleague + self.contact)

    # -- Uninstalling, upgrading

    def test_nothing_is_left_when_the_addon_goes(self):
        archived, left = (
            self.customer(name, parent_id=self.firm.id) for name in ("Old", "Left")
        )
        archived.active = False
        left.parent_id = False
        moved = self.contact
        moved.parent_id = self.plain
        self.env["crm.loyalty.pricelist"]._take_all_back()
        self.assertPrices(self.firm + self.plain + archived + left + moved)

    def test_upgrading_finds_who_left_before(self):
        known, unknown, chosen, early = (
            self.customer(name, parent_id=self.firm.id)
            for name in ("Known", "Unknown", "Chosen", "Early")
        )
        field = self.env["ir.model.fields"]._get("res.partner", "parent_id")
        for contact in (known, chosen):
            self.left_by_chatter(contact, field, self.today)
        self.left_by_chatter(early, field, "2020-01-01")
        (known + unknown + chosen + early).parent_id = False
        self.choose(chosen, self.special)
        self.left().unlink()
        self.env.flush_all()
        load_migration("19.0.1.5.0/post-prices-of-leavers.py").migrate(
            self.env.cr, "19.0.1.4.0"
        )
        self.env.invalidate_all()
        self.assertEqual(self.left().partner_id, known)
        self.assess()
        self.assertPrices(known)
        self.assertPrices(chosen, self.special)
        # Nothing says where these have them from.
        self.assertPrices(unknown + early, self.gold_prices)
        self.assertPrices(self.contact, self.gold_prices)

    def left_by_chatter(self, contact, field, day):
        self.env["mail.message"].create(
            {
                "model": "res.partner",
                "res_id": contact.id,
                "date": f"{day} 12:00:00",
                "tracking_value_ids": [
                    Command.create(
                        {"field_id": field.id, "old_value_integer": self.firm.id}
                    )
                ],
            }
        )

    # -- Cost

    def test_moving_a_contact_of_a_company_without_prices_costs_one_query(self):
        pricelists = type(self.env["crm.loyalty.pricelist"])
        noted = []
        note = pricelists._note_leaving

        def counted(records, contacts):
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            note(records, contacts)
            noted.append(self.env.cr.sql_log_count - before)

        self.patch(pricelists, "_note_leaving", counted)
        self.assertEqual(self.colleague.parent_id, self.plain)
        self.colleague.parent_id = False
        self.assertEqual(noted, [1])
        self.colleague.name = "Renamed"
        self.customer("New", parent_id=self.plain.id)
        self.assertEqual(noted, [1])

from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, new_test_user, tagged

from .common import LoyaltyCommon


@tagged("post_install", "-at_install")
class TestLoyaltyPortal(LoyaltyCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company_a.loyalty_portal = True
        cls.firm = cls.customer("Firm", is_company=True)
        cls.contact = cls.customer("Contact", parent_id=cls.firm.id)
        cls.user = cls.portal_user("contact", cls.contact)
        cls.other = cls.customer("Other Firm", is_company=True)

    @classmethod
    def portal_user(cls, login, partner, company=None):
        company = company or cls.company_a
        return new_test_user(
            cls.env,
            login=f"crm_extended_{login}",
            groups="base.group_portal",
            partner_id=partner.id,
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )

    def page(self, user=None, path="/my/tier", **kwargs):
        user = user or self.user
        self.authenticate(user.login, user.login)
        return self.url_open(path, **kwargs)

    def text(self, user=None, path="/my/tier"):
        response = self.page(user, path)
        self.assertEqual(response.status_code, 200)
        # Non-breaking spaces stand in amounts.
        return response.text.replace("\xa0", " ")

    def assertNoPage(self, user=None):
        response = self.page(user, allow_redirects=False)
        self.assertIn(response.status_code, (302, 303))
        self.assertTrue(response.headers["Location"].endswith("/my"))

    def rise(self, partner=None, amount=600, **values):
        self.buy(partner or self.firm, amount, **values)
        self.assess(company=values.get("company"))

    def test_a_contact_sees_the_tier_of_its_company(self):
        benefit = self.env["crm.loyalty.benefit"].create(
            {"name": "Free delivery", "description": "On all orders"}
        )
        self.silver.benefit_ids = benefit
        self.rise()
        text = self.text()
        for words in (
            "Silver",
            "Free delivery",
            "On all orders",
            "Your tier is secured",
            "The next tier",
            "Gold",
            "400.00",
            self.member(self.firm).valid_until.strftime("%m/%d/%Y"),
            "Your tier history",
        ):
            self.assertIn(words, text)
        home = self.text(path="/my/home")
        self.assertIn("/my/tier", home)
        self.assertIn("Silver", home)

    def test_a_customer_finds_the_page(self):
        self.silver.benefit_ids = self.env["crm.loyalty.benefit"].create(
            {"name": "Free delivery"}
        )
        self.rise()
        self.start_tour("/my", "crm_extended_portal_tier", login=self.user.login)

    def test_nobody_sees_anothers(self):
        self.rise()
        self.rise(self.other, 2500)
        text = self.text()
        self.assertIn("Silver", text)
        for words in ("Platinum", "2,500", "Other Firm"):
            self.assertNotIn(words, text)
        # No address names a record.
        member = self.member(self.other)
        text = self.text(path=f"/my/tier?id={member.id}&partner_id={self.other.id}")
        self.assertNotIn("Platinum", text)
        self.assertEqual(self.page(path=f"/my/tier/{member.id}").status_code, 404)

    def test_nothing_without_consent(self):
        self.rise()
        self.company_a.loyalty_portal = False
        self.assertNoPage()
        self.assertNotIn("/my/tier", self.text(path="/my/home"))

    def test_each_company_consents_for_itself(self):
        self.make_tiers(self.company_b, ("Plain", 10, 10))
        self.rise()
        self.rise(amount=20, company=self.company_b)
        self.assertNotIn("Plain", self.text())
        self.assertNotIn("Plain", self.text(path="/my/home"))
        self.company_b.loyalty_portal = True
        text = self.text()
        for words in ("Value A", "Silver", "Value B", "Plain"):
            self.assertIn(words, text)
        self.assertRegex(text, r">600\.00</span>\s*€")
        self.assertRegex(text, r"\$\s*<span[^>]*>20\.00<")
        self.company_a.loyalty_portal = False
        text = self.text()
        self.assertIn("Plain", text)
        self.assertNotIn("Silver", text)

    def test_who_has_no_tier_reads_what_the_first_takes(self):
        self.silver.write({"rise_orders": 3, "keep_orders": 1})
        text = self.text()
        self.assertIn("You have no tier yet", text)
        self.assertIn("Silver", text)
        self.assertIn("500.00 € and 3 purchases", text)
        self.assertNotIn("Platinum", text)
        self.assertNotIn("/my/tier", self.text(path="/my/home"))

    def test_who_has_no_tier_reads_what_is_missing(self):
        self.silver.write({"rise_orders": 3, "keep_orders": 1})
        self.buy(self.firm, 120)
        self.buy(self.other, 400)
        for period in ("rolling", "calendar", "anniversary"):
            self.company_a.loyalty_period = period
            self.assertRegex(
                self.text(), r"Still needed: <strong>380\.00.€ and 2 purchases"
            )

    def test_a_company_without_tiers_has_no_page(self):
        (self.silver + self.gold + self.platinum).active = False
        self.env["crm.loyalty.tier"].search([("company_id", "=", False)]).active = False
        self.assertNoPage()

    def test_in_grace(self):
        self.bought(self.firm, 500, "2020-01-10")
        self.assess("2020-01-10")
        self.member(self.firm).write(
            {
                "state": "grace",
                "valid_date": self.today,
                "as_of": False,
                "amount_to_keep": 400,
            }
        )
        text = self.text()
        self.assertIn("It has expired", text)
        self.assertIn("400.00", text)
        falls_after = self.member(self.firm).falls_after
        self.assertIn(falls_after.strftime("%m/%d/%Y"), text)

    def test_by_hand_without_the_reason(self):
        wizard = self.as_user(self.manager, "crm.loyalty.tier.wizard").create(
            {
                "partner_ids": [Command.set(self.firm.ids)],
                "tier_id": self.platinum.id,
                "lock_until": self.today,
                "lock_reason": "Nephew of the boss",
            }
        )
        wizard.action_apply()
        text = self.text()
        self.assertIn("regardless of your purchases", text)
        self.assertIn("You have the highest tier", text)
        self.assertNotIn("Nephew", text)

    def test_in_the_customers_language(self):
        french = self.env["res.lang"]._activate_lang("fr_FR")
        if "website" in self.env:
            # A website speaks the languages that were chosen for it.
            self.env["website"].search([]).language_ids += french
        self.silver.with_context(lang="fr_FR").name = "Argent"
        self.rise()
        self.user.lang = "fr_FR"
        text = self.text()
        self.assertIn("Argent", text)
        self.assertIn("400,00", text)
        self.assertIn(self.member(self.firm).valid_until.strftime("%d/%m/%Y"), text)
        self.user.lang = "en_US"
        text = self.text()
        self.assertIn("Silver", text)
        self.assertIn("400.00", text)

    def test_names_are_no_html(self):
        self.silver.name = "<script>alert(1)</script>"
        self.gold.name = "<img src=x onerror=alert(2)>"
        self.silver.benefit_ids = self.env["crm.loyalty.benefit"].create(
            {"name": "<b>Bold</b>", "description": "<i>slanted</i>"}
        )
        self.rise()
        for path in ("/my/tier", "/my/home"):
            text = self.text(path=path)
            self.assertIn("&lt;script&gt;alert(1)", text)
            for words in ("<script>alert(1)", "<img src=x", "<b>Bold", "<i>slanted"):
                self.assertNotIn(words, text)

    def test_the_public_is_sent_to_log_in(self):
        response = self.url_open("/my/tier", allow_redirects=False)
        self.assertIn(response.status_code, (302, 303))
        self.assertIn("/web/login", response.headers["Location"])

    def test_portal_users_have_no_access_to_records(self):
        self.rise()
        for model in (
            "crm.loyalty.tier",
            "crm.loyalty.benefit",
            "crm.loyalty.membership",
            "crm.loyalty.change",
            "crm.loyalty.pricelist",
            "crm.loyalty.assessment",
        ):
            with self.assertRaises(AccessError, msg=model):
                self.as_user(self.user, model).search([])
        with self.assertRaises(AccessError):
            self.as_user(self.user, "res.partner").browse(self.firm.id).read(
                ["loyalty_tier_id"]
            )

    def test_staff_see_their_own(self):
        self.assertIn("You have no tier yet", self.text(self.salesman))

    def test_reading_changes_nothing(self):
        self.rise()
        before = self.member(self.firm).read()
        stamp = fields.Datetime.now()
        self.text()
        self.env.invalidate_all()
        self.assertEqual(self.member(self.firm).read(), before)
        self.assertFalse(
            self.env["crm.loyalty.change"].search_count([("create_date", ">", stamp)])
        )
        self.assertEqual(self.page(data={"a": 1}).status_code, 405)

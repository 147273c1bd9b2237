"""The personal link of a customer: what strangers send by it, and what they cannot do."""

from odoo import Command, http
from odoo.tests import HttpCase, new_test_user, tagged

from ...models.insight.crm_referral_link import MOST_OF_LINK
from .test_referral import ReferralCommon

FORM = {
    "name": "Stranger",
    "email": "stranger@example.com",
    "message": "Please call me",
}


@tagged("post_install", "-at_install")
class TestReferralLink(ReferralCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.company_a | cls.company_b).referral_links = True
        cls.links = cls.env["crm.referral.link"]
        cls.firm = cls.customer(
            "Secret Firm", is_company=True, email="secret@example.com"
        )
        person = cls.customer("Person", parent_id=cls.firm.id)
        cls.user = new_test_user(
            cls.env,
            login="crm_extended_recommends",
            groups="base.group_portal",
            partner_id=person.id,
            company_id=cls.company_a.id,
            company_ids=[Command.set(cls.company_a.ids)],
        )
        cls.path = cls.links._path(cls.firm)

    def post(self, path=None, **values):
        self.authenticate(None, None)
        token = http.Request.csrf_token(self)
        return self.url_open(
            path or self.path, data={"csrf_token": token, **FORM, **values}
        )

    def sent(self):
        self.env.invalidate_all()
        return self.referrals.search([("source", "=", "link")])

    def page(self, user=None, path="/my/recommend", **kwargs):
        user = user or self.user
        self.authenticate(user.login, user.login)
        return self.url_open(path, **kwargs)

    # -- The customer's page

    def test_the_customer_finds_their_link(self):
        self.assertIn("/my/recommend", self.page(path="/my").text)
        text = self.page().text
        self.assertIn(self.path, text)
        self.assertIn("Value A", text)

    def test_off_means_gone(self):
        self.company_a.referral_links = False
        self.assertNotIn("/my/recommend", self.page(path="/my").text)
        self.assertTrue(self.page().url.endswith(("/my", "/my/home")))
        self.assertEqual(self.url_open(self.path).status_code, 404)
        self.company_a.referral_links = True
        self.env["crm.feature"]._switch(insight=False)
        self.assertNotIn("/my/recommend", self.page(path="/my").text)
        self.assertEqual(self.post().status_code, 404)
        self.assertFalse(self.sent())

    # -- The stranger's page

    def test_a_stranger_writes(self):
        before = self.env["res.partner"].search_count([])
        page = self.url_open(self.path)
        self.assertEqual(page.status_code, 200)
        self.assertIn("Value A", page.text)
        for secret in ("Secret", "secret@", "Person"):
            self.assertNotIn(secret, page.text)
        self.assertEqual(page.headers["Referrer-Policy"], "no-referrer")
        self.assertFalse(self.sent())
        answer = self.post(message="<script>alert(1)</script>\0\nCall me")
        self.assertIn("o_recommended_sent", answer.text)
        self.assertNotIn("Secret", answer.text)
        [referral] = self.sent()
        self.assertEqual(referral.partner_id, self.firm)
        self.assertFalse(referral.referred_id)
        self.assertEqual(self.firm.referral_count, 0)
        lead = referral.lead_id
        self.assertEqual(lead.company_id, self.company_a)
        self.assertEqual(
            (lead.contact_name, lead.email_from), ("Stranger", FORM["email"])
        )
        self.assertFalse(lead.partner_id or lead.user_id)
        self.assertTrue(
            lead.team_id.company_id in (self.company_a, self.env["res.company"])
        )
        self.assertNotIn("<script", lead.description)
        self.assertIn("Call me", lead.description)
        self.assertTrue(lead.is_referral_claim)
        self.assertEqual(lead.referred_by_id, self.firm)
        # No one became a customer.
        self.assertEqual(self.env["res.partner"].search_count([]), before)

    def test_forged_links(self):
        parts = self.path.split("/")
        token = parts[-1]
        for path in (
            f"/recommended/{self.ada.id}/{self.company_a.id}/{token}",
            f"/recommended/{self.firm.id}/{self.company_b.id}/{token}",
            f"/recommended/{self.firm.id}/{self.company_a.id}/{token[:-1]}",
            f"/recommended/{self.firm.id}/{self.company_a.id}/é",
            f"/recommended/0/{self.company_a.id}/{token}",
            f"/recommended/{2**40}/{self.company_a.id}/{token}",
            f"/recommended/{self.firm.id}/{2**40}/{token}",
            # Signed for something else.
            f"/recommended/{self.firm.id}/{self.company_a.id}/"
            + self.env["crm.contact.policy"]._preference_token(
                self.firm.id, self.company_a.id
            ),
        ):
            with self.subTest(path):
                self.assertEqual(self.url_open(path).status_code, 404)
                answer = self.post(path)
                self.assertEqual(answer.status_code, 404)
                self.assertNotIn("Secret", answer.text)
        self.assertFalse(self.sent())

    def test_no_form_of_another_site_and_no_other_method(self):
        self.authenticate(None, None)
        self.assertEqual(self.url_open(self.path, data=FORM).status_code, 400)
        for method in ("PUT", "DELETE", "OPTIONS"):
            self.opener.request(method, self.base_url() + self.path, data=FORM)
        self.opener.head(self.base_url() + self.path)
        self.url_open(f"{self.path}?name=A&email=a@example.com&message=B")
        self.assertFalse(self.sent())

    def test_forms_that_say_nothing_or_too_much(self):
        for values in (
            {"name": " "},
            {"email": "nobody"},
            {"email": "a@example.com, b@example.com"},
            {"message": ""},
            {"name": "n" * 101},
            {"message": "m" * 5001},
            {"email": "e" * 250 + "@example.com"},
        ):
            with self.subTest(values):
                answer = self.post(**values)
                self.assertEqual(answer.status_code, 200)
                self.assertIn("o_recommended_error", answer.text)
        # What programs fill in is lost without a word.
        self.assertIn("o_recommended_sent", self.post(url="http://spam").text)
        self.assertFalse(self.sent())

    def test_files_are_no_texts(self):
        self.authenticate(None, None)
        token = http.Request.csrf_token(self)
        answer = self.url_open(
            self.path,
            data={"csrf_token": token, **FORM},
            files={"url": b"x", "name": b"x"},
        )
        self.assertEqual(answer.status_code, 200)

    def test_a_link_takes_so_many_a_day(self):
        for number in range(MOST_OF_LINK):
            self.claim(self.firm, name=f"Lead {number}")
        answer = self.post()
        self.assertIn("Too many messages", answer.text)
        self.assertEqual(len(self.sent()), MOST_OF_LINK)
        self.post(self.links._path(self.ada))
        self.assertEqual(len(self.sent()), MOST_OF_LINK + 1)

    def test_no_one_recommends_themselves_by_link(self):
        self.post(name="Person", email="person@example.com")
        lead = self.sent().lead_id
        lead.partner_id = self.user.partner_id
        self.assertFalse(self.sent().referred_id or lead.referred_by_id)
        self.assertEqual(self.firm.referral_count, 0)

    def test_a_link_stays_after_merging_and_ends_with_the_customer(self):
        path = self.links._path(self.ada)
        self.merge(self.ben, self.ada)
        self.post(path)
        self.assertEqual(self.sent().partner_id, self.ben)
        self.ben.active = False
        self.assertEqual(self.post(path).status_code, 404)

    def test_a_link_of_another_company(self):
        team = self.env["crm.team"].create(
            {
                "name": "Team B",
                "company_id": self.company_b.id,
                "sequence": -10,
                "use_leads": True,
            }
        )
        path = self.links.with_company(self.company_b)._path(self.firm)
        answer = self.post(path)
        self.assertIn("o_recommended_sent", answer.text)
        self.assertEqual(self.sent().company_id, self.company_b)
        self.assertEqual(self.sent().lead_id.company_id, self.company_b)
        self.assertEqual(self.sent().lead_id.team_id, team)
        self.assertEqual(self.sent().lead_id.type, "lead")
        self.firm.company_id = self.company_a
        self.assertEqual(self.url_open(path).status_code, 404)

    def test_the_portal_user_has_no_rights(self):
        for user in (self.user, self.env.ref("base.public_user")):
            for model in ("crm.referral", "crm.referral.report", "crm.competitor"):
                self.assertFalse(self.env(user=user)[model].has_access("read"))

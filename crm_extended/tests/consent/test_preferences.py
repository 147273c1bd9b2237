import re

from odoo import http
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged

from .common import ConsentCommon


@tagged("post_install", "-at_install")
class TestPreferences(ConsentCommon, HttpCase):
    """The page on which people choose, by the link of a mail or in the portal."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.path = cls.policy._preference_path(cls.person)
        cls.portal.password = cls.portal.login * 2

    def state(self, purpose, person=None):
        latest = self.env["crm.consent"].search(
            [
                ("partner_id", "=", (person or self.person).id),
                ("company_id", "=", self.company_a.id),
                ("purpose_id", "=", purpose.id),
            ],
            limit=1,
        )
        return latest.state

    def post(self, path, **values):
        self.authenticate(None, None)
        token = http.Request.csrf_token(self)
        return self.url_open(path, data={"csrf_token": token, **values})

    def count(self):
        self.env.invalidate_all()
        return self.env["crm.consent"].search_count([])

    def test_opening_changes_nothing(self):
        """Programs that look into mails follow links."""
        before = self.count()
        for path in (
            self.path,
            f"{self.path}?purpose={self.marketing.id}",
            self.policy._preference_path(self.person, self.loyalty, "unsubscribe"),
            f"{self.path}?refuse_all=1&purpose_{self.loyalty.id}=no",
        ):
            with self.subTest(path=path):
                response = self.url_open(path)
                self.assertEqual(response.status_code, 200)
                self.assertIn("Value A", response.text)
                self.assertIn("no-store", response.headers["Cache-Control"])
        response = self.opener.head(self.base_url() + self.path)
        self.assertEqual(response.status_code, 200)
        self.assertEqual(self.count(), before)

    def test_choosing(self):
        response = self.post(
            self.path,
            **{
                f"purpose_{self.marketing.id}": "yes",
                f"purpose_{self.loyalty.id}": "no",
                f"purpose_{self.service.id}": "no",
            },
        )
        self.assertEqual(response.status_code, 200)
        self.assertIn("Your choice is saved", response.text)
        self.assertEqual(self.state(self.marketing), "given")
        self.assertEqual(self.state(self.loyalty), "refused")
        # Service messages cannot be refused.
        self.assertFalse(self.state(self.service))
        consent = self.env["crm.consent"].search(
            [("partner_id", "=", self.person.id)], limit=1
        )
        self.assertEqual(consent.source, "link")
        self.assertNotIn("IP", consent.proof)

    def test_used_twice(self):
        for _time in range(2):
            self.post(self.path, **{f"purpose_{self.marketing.id}": "yes"})
        consents = self.env["crm.consent"].search([("partner_id", "=", self.person.id)])
        self.assertEqual(len(consents), 1)
        self.post(self.path, **{f"purpose_{self.marketing.id}": "no"})
        self.assertEqual(self.state(self.marketing), "withdrawn")

    def test_a_choice_that_the_page_made_is_no_answer(self):
        """All is saved as it was shown: nobody has said anything."""
        before = self.count()
        self.post(
            self.path,
            **{
                f"purpose_{purpose.id}": "yes"
                for purpose in self.loyalty + self.survey + self.profiling
            },
        )
        self.assertEqual(self.count(), before)
        text = self.url_open(self.path).text
        self.assertEqual(text.count("You have not chosen yet"), 1)

    def test_consent_that_has_expired_can_be_given_again(self):
        self.answer("given", valid_until=self.today.replace(year=self.today.year - 1))
        self.post(self.path, **{f"purpose_{self.marketing.id}": "yes"})
        self.assertAllowed(self.ask())

    def test_everything_but_what_is_always_sent(self):
        self.post(self.path, refuse_all="1")
        for purpose in (self.loyalty, self.survey, self.marketing, self.profiling):
            self.assertEqual(self.state(purpose), "refused")
        self.assertFalse(self.state(self.service))

    def test_the_ip_only_if_the_company_wants_it(self):
        self.company_a.contact_keep_ip = True
        self.post(self.path, **{f"purpose_{self.marketing.id}": "yes"})
        consent = self.env["crm.consent"].search(
            [("partner_id", "=", self.person.id)], limit=1
        )
        self.assertRegex(consent.proof, r"IP [\d.:a-f]+")
        self.assertIn("Offers", consent.proof)

    def test_one_click(self):
        """As mail programs post it: RFC 8058, without a session."""
        path = self.policy._preference_path(self.person, self.loyalty, "unsubscribe")
        response = self.url_open(path, data={"List-Unsubscribe": "One-Click"})
        self.assertEqual(response.status_code, 200)
        self.assertEqual(self.state(self.loyalty), "refused")
        self.assertFalse(self.state(self.marketing))

    def test_links_of_others_and_altered_ones(self):
        other = self.customer("Eve", email="eve@example.com")
        token = self.path.rsplit("/", 1)[-1]
        changed = ("0" if token[0] != "0" else "1") + token[1:]
        start = f"/contact/preferences/{self.person.id}/{self.company_a.id}/"
        refusing = {"refuse_all": "1"}
        texts = set()
        for path in (
            f"/contact/preferences/{other.id}/{self.company_a.id}/{token}",
            f"/contact/preferences/{self.person.id}/{self.company_b.id}/{token}",
            f"/contact/preferences/999999999/{self.company_a.id}/{token}",
            start + changed,
            start + token[:-1],
            start + "x",
            start + "%C3%A9" * 64,
            start + "%ED%A0%80",
            f"/contact/unsubscribe/{other.id}/{self.company_a.id}/{token}",
        ):
            with self.subTest(path=path):
                response = self.url_open(path)
                self.assertEqual(response.status_code, 404)
                self.assertIn("This link is not valid", response.text)
                self.assertNotIn("Eve", response.text)
                texts.add(
                    re.sub(r"csrf_token[^,]*,|[0-9a-f]{32,}\w*", "", response.text)
                )
                self.assertEqual(self.post(path, **refusing).status_code, 404)
        self.assertFalse(self.env["crm.consent"].search([("state", "=", "refused")]))

    def test_without_a_token_of_the_page_nothing_is_kept(self):
        self.authenticate(None, None)
        response = self.url_open(self.path, data={"refuse_all": "1"})
        self.assertEqual(response.status_code, 400)
        self.assertFalse(self.state(self.loyalty))

    def test_nonsense(self):
        before = self.count()
        for values in (
            {"purpose_x": "yes"},
            {f"purpose_{self.marketing.id}": "maybe"},
            {"purpose_999999999999": "yes"},
        ):
            self.assertEqual(self.post(self.path, **values).status_code, 200)
        self.assertEqual(self.count(), before)
        response = self.url_open(f"{self.path}?purpose=٣" + "9" * 50)
        self.assertEqual(response.status_code, 200)

    def test_switched_off(self):
        self.env["crm.feature"]._switch(plans=False, consent=False)
        self.assertEqual(self.url_open(self.path).status_code, 404)
        path = self.policy._preference_path(self.person, self.loyalty, "unsubscribe")
        response = self.url_open(path, data={"List-Unsubscribe": "One-Click"})
        self.assertEqual(response.status_code, 404)

    def test_in_the_language_of_the_contact(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.person.lang = "fr_FR"
        self.marketing.with_context(lang="fr_FR").name = "Publicité"
        self.assertIn("Publicité", self.url_open(self.path).text)

    def test_in_the_portal(self):
        self.authenticate(self.portal.login, self.portal.login * 2)
        self.assertIn("/my/preferences", self.url_open("/my").text)
        page = self.url_open("/my/preferences")
        self.assertIn("Value A", page.text)
        token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]
        self.url_open(
            "/my/preferences",
            data={"csrf_token": token, f"purpose_{self.marketing.id}": "yes"},
        )
        person = self.portal.partner_id
        self.assertEqual(self.state(self.marketing, person), "given")
        self.assertFalse(self.state(self.marketing))

    def test_confirmation_by_a_mailed_link(self):
        self.marketing.ask_confirmation = True
        self.portal.partner_id.email = "portal@example.com"
        self.authenticate(self.portal.login, self.portal.login * 2)
        page = self.url_open("/my/preferences")
        token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]
        values = {"csrf_token": token, f"purpose_{self.marketing.id}": "yes"}
        for _time in range(2):
            self.url_open("/my/preferences", data=values)
        person = self.portal.partner_id
        self.assertEqual(self.state(self.marketing, person), "pending")
        self.assertNever(self.ask(person=person), "no_consent")
        mail = self.env["mail.mail"].search([("recipient_ids", "in", person.ids)])
        self.assertEqual(len(mail), 1)
        # Colleagues do not find the link on the contact.
        self.assertFalse(mail.model or mail.res_id)
        path = re.search(
            r'href="https?://[^/]+(/contact/preferences/[^"]+)"', mail.body_html
        )[1]
        self.assertIn("Please confirm", self.url_open(path).text)
        self.assertEqual(self.state(self.marketing, person), "pending")
        self.post(path, **{f"purpose_{self.marketing.id}": "yes"})
        self.assertEqual(self.state(self.marketing, person), "given")
        self.assertAllowed(self.ask(person=person))

    def test_the_link_is_sent_and_not_shown(self):
        action = (
            self.as_user(self.salesman, "res.partner")
            .browse(self.person.id)
            .action_send_preferences()
        )
        self.assertNotIn("/contact/", str(action))
        mail = self.env["mail.mail"].search([("recipient_ids", "in", self.person.ids)])
        self.assertIn(self.path, mail.body_html)
        self.assertFalse(mail.model or mail.res_id)
        self.assertNotIn("/contact/", self.person.message_ids.mapped("body"))
        without = self.customer("Without")
        with self.assertRaises(UserError):
            without.with_user(self.salesman).action_send_preferences()
        for user in (self.employee, self.portal):
            with self.assertRaises(AccessError):
                self.person.with_user(user).action_send_preferences()

    def test_a_choice_to_confirm_is_not_made_in_advance(self):
        """Who saves another choice confirms nothing by it."""
        self.answer("pending")
        text = self.url_open(self.path).text
        self.assertIn("choose “Yes” and save", text)
        checked = re.findall(r'id="(\w+)"[^>]*checked', text)
        self.assertNotIn(f"yes_{self.marketing.id}", checked)
        self.assertIn(f"yes_{self.survey.id}", checked)
        self.post(self.path, **{f"purpose_{self.survey.id}": "no"})
        self.assertEqual(self.state(self.marketing), "pending")

    def test_a_contact_who_belongs_to_another_company_now(self):
        self.person.company_id = self.company_b
        path = self.policy._preference_path(self.person, self.loyalty, "unsubscribe")
        response = self.url_open(path, data={"List-Unsubscribe": "One-Click"})
        self.assertEqual(response.status_code, 200)
        self.assertEqual(self.state(self.loyalty), "refused")
        response = self.post(self.path, **{f"purpose_{self.survey.id}": "no"})
        self.assertEqual(response.status_code, 200)
        self.assertEqual(self.state(self.survey), "refused")

    def test_links_stay_valid_after_a_merge(self):
        left = self.customer("Ada L.", email="ada.l@example.com")
        last = self.customer("Ada Lovelace", email="lovelace@example.com")
        merge = self.env["base.partner.merge.automatic.wizard"]
        merge._merge((self.person + left).ids, left)
        merge._merge((left + last).ids, last)
        self.assertEqual(self.url_open(self.path).status_code, 200)
        path = self.path.replace("preferences", "unsubscribe")
        response = self.url_open(
            f"{path}?purpose={self.loyalty.id}", data={"List-Unsubscribe": "One-Click"}
        )
        self.assertEqual(response.status_code, 200)
        self.assertEqual(self.state(self.loyalty, last), "refused")
        last.unlink()
        self.assertEqual(self.url_open(self.path).status_code, 404)

    def test_one_click_refuses_or_says_that_it_does_not(self):
        post = {"List-Unsubscribe": "One-Click"}
        path = self.policy._preference_path(self.person, page="unsubscribe")
        for purpose in ("", "?purpose=", f"?purpose={self.service.id}", "?purpose=0"):
            with self.subTest(purpose=purpose):
                response = self.url_open(path + purpose, data=post)
                self.assertEqual(response.status_code, 404)
        # Archived after the mail was sent: it may be used again.
        self.marketing.active = False
        self.assertNotIn("Marketing", self.url_open(self.path).text)
        response = self.url_open(f"{path}?purpose={self.marketing.id}", data=post)
        self.assertEqual(response.status_code, 200)
        self.assertEqual(self.state(self.marketing), "refused")
        file = {"purpose": ("purpose.txt", b"1")}
        self.assertEqual(self.url_open(path, files=file).status_code, 404)

    def test_on_the_blacklist(self):
        self.assertNotIn("We send you no emails", self.url_open(self.path).text)
        self.env["mail.blacklist"]._add(self.person.email)
        self.assertIn("We send you no emails", self.url_open(self.path).text)

    def test_only_the_person_alone_reads_the_link(self):
        other = self.customer("Eve", email="eve@example.com")
        mails = self.env["mail.mail"]
        for signed, values in (
            (True, {"recipient_ids": self.person.ids}),
            (False, {"recipient_ids": (self.person + other).ids}),
            (False, {"recipient_ids": self.person.ids, "email_cc": "eve@example.com"}),
            (False, {"recipient_ids": self.person.ids, "email_to": "eve@example.com"}),
            (False, {"recipient_ids": other.ids, "contact": self.person}),
            (False, {"email_to": "eve@example.com", "contact": self.person}),
            (True, {"email_to": "Ada <ADA@example.com>", "contact": self.person}),
            (False, {"email_to": "ada@example.com"}),
        ):
            contact = values.pop("contact", None)
            mail = mails.create({"body_html": "<p>Hello</p>", **values})
            self.policy._sign_mails(mail, self.survey, contact)
            with self.subTest(values=values):
                self.assertEqual(self.path in mail.body_html, signed)
                self.assertEqual("List-Unsubscribe" in (mail.headers or ""), signed)

    def test_an_archived_contact_gets_no_confirmation(self):
        self.person.active = False
        self.env["crm.consent"].with_user(self.salesman).create(
            {
                "partner_id": self.person.id,
                "company_id": self.company_a.id,
                "purpose_id": self.marketing.id,
                "state": "pending",
            }
        )
        self.assertFalse(
            self.env["mail.mail"].search([("recipient_ids", "in", self.person.ids)])
        )
        with self.assertRaisesRegex(UserError, "archived"):
            self.person.with_user(self.salesman).action_send_preferences()

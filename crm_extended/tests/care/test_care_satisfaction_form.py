"""The form behind the link of a rating mail, and the way to it from the portal."""

from odoo import http
from odoo.tests import tagged
from odoo.tools import mute_logger

from .care_rating_form_common import RatingFormCommon


@tagged("post_install", "-at_install")
class TestCareSatisfactionForm(RatingFormCommon):
    def test_without_an_account(self):
        self.login()
        text = self.get(f"/rate/{self.token}/3")
        for words in ("Broken lamp", self.own.number, "expect", "recommend"):
            self.assertIn(words, text)
        for path in (f"/rate/{self.token}/1", f"/rate/{self.token}/0", self.url):
            self.get(path)
        # Programs that look into mails leave nothing behind.
        self.assertNothing()
        self.assertEqual(self.Answer.search_count([("case_id", "=", self.own.id)]), 1)
        self.post(self.url, 400, csrf=False, rate="5")
        self.assertNothing()
        self.post(
            self.url,
            303,
            rate="1",
            expected="9",
            perceived="3",
            nps="0",
            feedback="<script>alert(1)</script>\0 bad",
        )
        self.assertEqual(self.request.rating, 1)
        self.assertEqual(self.request.verdict, "dissatisfied")
        self.assertEqual(self.request.nps_group, "detractor")
        self.assertEqual(self.request.comment, "<script>alert(1)</script> bad")
        self.assertNotIn("<script", self.own.message_ids[0].body)
        self.assertEqual(self.own.activity_ids.user_id, self.care_manager)
        self.assertIn("Thank you", self.get(self.url))
        # The link is used up.
        text = self.post(self.url, 409, rate="5").text
        self.assertIn("already answered", text)
        self.assertIn("Thank you", self.get(f"/rate/{self.token}/5"))
        self.assertEqual(self.request.rating, 1)
        self.assertEqual(self.own.rating_last_value, 1)

    def test_hostile_answers(self):
        self.login()
        for data in (
            {},
            {"rate": ""},
            {"rate": "2"},
            {"rate": "-5"},
            {"rate": "5.0"},
            {"rate": "٥"},
            {"rate": "9" * 5000},
            {"rate": "5", "expected": "0", "perceived": "5"},
            {"rate": "5", "expected": "11", "perceived": "5"},
            {"rate": "5", "expected": "5"},
            {"rate": "5", "perceived": "5"},
            {"rate": "5", "expected": "a", "perceived": "5"},
            {"rate": "5", "nps": "11"},
            {"rate": "5", "nps": "-1"},
            {"rate": "5", "nps": "1;DROP"},
        ):
            text = self.post(self.url, 400, **data).text
            self.assertIn("Please", text, data)
        with mute_logger("odoo.http"):
            response = self.url_open(
                self.url,
                data={"csrf_token": http.Request.csrf_token(self)},
                files={"rate": ("5", b"5"), "feedback": ("x", b"x")},
            )
        self.assertEqual(response.status_code, 400)
        self.assertNothing()
        # What was filled in is still there.
        text = self.post(self.url, 400, rate="5", expected="7", feedback="Kept").text
        self.assertIn("Kept", text)
        self.post(self.url, 303, rate="5", feedback="x" * 9000)
        self.assertEqual(len(self.request.comment), 4000)
        self.assertFalse(self.request.verdict)
        self.assertFalse(self.request.nps_group)

    def test_bad_links(self):
        self.login()
        for token in (
            "preview",
            "0" * 32,
            self.token[:-1],
            "%00",
            "%ff",
            "a%27b",
            "x" * 3000,
        ):
            for path in (f"/rate/{token}/5", f"/rate/{token}/submit_feedback"):
                with mute_logger("odoo.http"):
                    self.assertIn("not valid", self.get(path, 404), token)
            self.post(f"/rate/{token}/submit_feedback", 404, rate="5")
        self.assertNothing()

    def test_who_is_logged_in(self):
        agent = self.agent
        agent.password = agent.login
        for user in (self.stranger, agent):
            self.login(user)
            self.assertIn("You cannot rate", self.get(self.url, 403))
            self.post(self.url, 403, rate="5")
        self.assertNothing()
        self.login(self.user)
        self.get(self.url)

    def test_in_the_portal(self):
        self.company_a.care_portal_company_cases = True
        path = f"{self.own.access_url}/rate"
        self.login(self.colleague)
        self.assertNotIn("How satisfied", self.get(self.own.access_url))
        self.post(path, 404)
        self.login(self.stranger)
        self.post(path, 404)
        self.login()
        self.post(path, 404)
        # With the link of the case, which colleagues have, too.
        token = self.own._portal_ensure_token()
        self.env.flush_all()
        self.login(None)
        page = self.get(f"{self.own.access_url}?access_token={token}")
        self.assertNotIn("How satisfied", page)
        response = self.post(path, 303, access_token=token)
        self.assertNotIn("/rate/", response.headers["Location"])
        self.login(self.user)
        self.assertIn("How satisfied", self.get(self.own.access_url))
        self.post(path, 400, csrf=False)
        response = self.post(path, 303)
        self.assertTrue(response.headers["Location"].endswith(self.url))
        self.post(self.url, 303, rate="3")
        self.assertEqual(self.request.rating, 3)
        self.assertNotIn("How satisfied", self.get(self.own.access_url))
        response = self.post(path, 303)
        self.assertTrue(response.headers["Location"].endswith(self.own.access_url))

    def test_without_a_mail(self):
        """Who was not written to, rates in the portal all the same; not where the team
        does not ask."""
        self.team.ask_rating = False
        case = self.case("Silent", partner_id=self.contact.id)
        case.stage_id = self.solved
        self.login(self.user)
        self.assertNotIn("How satisfied", self.get(case.access_url))
        self.team.ask_rating = True
        self.assertIn("How satisfied", self.get(case.access_url))
        self.assertFalse(case.satisfaction_ids)
        response = self.post(f"{case.access_url}/rate", 303)
        self.post(response.headers["Location"], 303, rate="5")
        self.assertEqual(case.satisfaction_ids.rating, 5)

    def test_in_his_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        view = self.env.ref("crm_extended.care_rating_form")
        view.with_context(lang="en_US").arch_db  # noqa: B018
        view.update_field_translations(
            "arch_db", {"fr_FR": {"How satisfied are you?": "Êtes-vous satisfait ?"}}
        )
        self.contact.lang = "fr_FR"
        self.env.flush_all()
        self.login()
        self.assertIn("Êtes-vous satisfait", self.get(f"/rate/{self.token}/5"))

    def test_in_a_browser(self):
        self.start_tour(f"/rate/{self.token}/5", "crm_extended_care_rating", login=None)
        self.env.invalidate_all()
        self.assertEqual(self.request.rating, 5)
        self.assertEqual((self.request.expected, self.request.perceived), (7, 8))
        self.assertEqual(self.request.nps, 10)
        self.assertEqual(self.request.comment, "Quick and kind")

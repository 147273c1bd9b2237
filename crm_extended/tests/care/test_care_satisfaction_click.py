"""A click on a face of a rating mail: what keeps it, and what does not."""

import re

from odoo import http
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .care_portal_common import CarePortalCommon
from .care_rating_form_common import RatingFormCommon


@tagged("post_install", "-at_install")
class TestCareSatisfactionClick(RatingFormCommon):
    browser_size = "390x844"
    touch_enabled = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.own.user_id = cls.agent
        cls.env.flush_all()

    def face(self, rate, token=None):
        return f"/rate/{token or self.token}/{rate}"

    def click(self, rate, **kwargs):
        """What the page's script posts, and what it is answered."""
        return self.post(self.face(rate), 200, **kwargs).json()

    def notes(self):
        return self.own.message_ids.filtered("rating_id")

    def test_opening_keeps_nothing(self):
        self.login()
        token = http.Request.csrf_token(self)
        for rate in (1, 3, 5):
            for headers in (
                {},
                {"Sec-Purpose": "prefetch;prerender", "Purpose": "prefetch"},
                {"X-HTTP-Method-Override": "POST", "X-Requested-With": "x"},
            ):
                path = f"{self.face(rate)}?csrf_token={token}&_method=POST"
                for method in ("GET", "HEAD", "OPTIONS"):
                    response = self.url_open(path, headers=headers, method=method)
                    self.assertLess(response.status_code, 400, method)
        text = self.get(self.face(5))
        self.assertIn(f'data-face-url="{self.face(5)}"', text)
        self.assertRegex(text, r'o_care_rating_kept[^"]*d-none')
        self.assertNotIn("data-face-url", self.get(self.url))
        self.assertNothing()

    def test_only_with_the_token_of_a_page(self):
        self.login()
        self.post(self.face(5), 400, csrf=False)
        with mute_logger("odoo.http"):
            response = self.url_open(self.face(5), data={"csrf_token": "0" * 40})
        self.assertEqual(response.status_code, 400)
        self.assertNothing()

    def test_what_is_no_face(self):
        self.login()
        for rate in (0, 2, 4, 6, 10**9):
            self.post(self.face(rate), 400)
        for token in ("preview", "0" * 32, self.token[:-1], "%00", "x" * 3000):
            self.post(self.face(5, token), 404)
        self.assertNothing()

    def test_who_may(self):
        self.agent.password = self.agent.login
        for user in (self.stranger, self.agent):
            self.login(user)
            self.post(self.face(5), 403)
        self.login(self.user)
        self.env["crm.feature"]._switch(care=False)
        self.post(self.face(5), 404)
        self.assertNothing()
        self.env["crm.feature"]._switch(care=True)
        self.assertEqual(self.click(5)["rate"], 5)

    def test_kept_once(self):
        self.login()
        kept = {"rate": 1, "face": "Unhappy"}
        self.assertEqual(self.click(1), kept)
        date = self.request.date
        self.assertTrue(date)
        # Again, and from another page with another face.
        for rate in (1, 1, 5):
            self.assertEqual(self.click(rate), kept)
        self.assertEqual(self.Answer.search([("case_id", "=", self.own.id)]).rating, 1)
        self.assertEqual(self.request.date, date)
        self.assertEqual(self.request.user_id, self.agent)
        self.assertEqual(self.own.rating_last_value, 1)
        self.assertEqual(len(self.notes()), 1)
        self.assertEqual(self.own.activity_ids.user_id, self.agent)
        for path, checked in ((self.url, 1), (self.face(1), 1), (self.face(5), 5)):
            text = self.get(path)
            self.assertNotIn("data-face-url", text)
            self.assertNotRegex(text, r'o_care_rating_kept[^"]*d-none')
            self.assertRegex(text, r'o_care_rating_face">\s*Unhappy')
            [box] = re.findall(r"<input[^>]*checked[^>]*>", text)
            self.assertIn(f'value="{checked}"', box)
        self.assertEqual(self.request.rating, 1)

    def test_the_form_completes_the_answer(self):
        self.login()
        self.click(1)
        self.later(self.request, hours=1)
        date = self.request.date
        self.own.user_id = self.agent_2
        self.env.flush_all()
        # Not yet used up by what could not be read.
        self.post(self.url, 400, rate="1", expected="3")
        self.post(
            self.url, 303, rate="1", expected="9", perceived="3", feedback="Too late"
        )
        answer = self.Answer.search([("case_id", "=", self.own.id)])
        self.assertEqual(answer, self.request)
        self.assertEqual((answer.rating, answer.expected, answer.perceived), (1, 9, 3))
        self.assertEqual((answer.date, answer.user_id), (date, self.agent))
        self.assertAlmostEqual(self.own.satisfaction, 1 / 3, 2)
        self.assertEqual(len(self.notes()), 1)
        self.assertIn("Too late", self.notes().body)
        activity = self.own.activity_ids
        self.assertEqual(len(activity), 1)
        self.assertIn("Too late", activity.note)
        self.assertIn("expected 9", activity.summary)
        # Now it is used up.
        self.post(self.url, 409, rate="5")
        self.post(self.face(5), 409)
        self.assertIn("Thank you", self.get(self.face(5)))
        self.assertEqual(answer.rating, 1)

    def test_the_form_corrects_a_wrong_click(self):
        self.login()
        self.click(1)
        self.assertTrue(self.own.activity_ids)
        self.post(self.url, 303, rate="5")
        self.assertEqual(self.request.rating, 5)
        self.assertEqual(self.own.rating_last_value, 5)
        self.assertFalse(self.own.activity_ids)

    def test_staff_do_not_complete_it(self):
        self.login()
        self.click(5)
        rating = self.request.rating_id
        self.assertTrue(rating.consumed)
        own = self.as_user(self.agent, "rating.rating")
        seen = rating.with_env(own.env).read(["access_token"])[0]["access_token"]
        self.assertNotEqual(seen, self.token)
        self.post(f"/rate/{seen}/submit_feedback", 409, rate="1")
        self.assertFalse(own.search([("access_token", "=like", f"{self.token[:4]}%")]))
        answer = self.request.with_env(own.env)
        with self.assertRaises(AccessError):
            answer.read(["reply_token"])
        with self.assertRaises(AccessError):
            answer.search([("reply_token", "=like", "a%")])
        self.assertNotIn("reply_token", answer.fields_get())
        for body in self.own.message_ids.mapped("body"):
            self.assertNotIn(self.token, body)
        self.assertEqual(self.request.rating, 5)
        self.post(self.url, 303, rate="3")
        self.assertEqual(rating.access_token, self.token, "used up")
        self.assertFalse(self.request.reply_token)

    def test_solved_again(self):
        self.login()
        self.click(5)
        self.later(self.request, days=2)
        self.own.stage_id = self.open
        again = self.solve(self.own)
        self.assertNotEqual(again, self.request)
        self.assertNotEqual(again.rating_id.access_token, self.token)
        self.assertFalse(again.rating)

    def test_on_a_phone(self):
        self.start_tour(self.face(1), "crm_extended_care_rating_click", login=None)
        self.env.invalidate_all()
        self.assertEqual(self.request.rating, 1)
        self.assertFalse(self.request.perceived)
        self.assertTrue(self.request.reply_token, "the form was not sent")


@tagged("post_install", "-at_install")
class TestCarePortalPhone(CarePortalCommon):
    browser_size = "390x844"
    touch_enabled = True

    def test_a_new_case(self):
        self.start_tour(
            "/my/home", "crm_extended_care_portal_phone", login=self.user.login
        )
        case = self.env["crm.care.case"].search([("name", "=", "My lamp flickers")])
        self.assertEqual(case.partner_id, self.contact)

    def test_cards_at_home_in_order(self):
        self.login(self.user)
        text = self.page("/my/home")
        cases = text.index('href="/my/cases"')
        for before in ("/my/orders", "/my/invoices"):
            self.assertLess(text.index(f'href="{before}'), cases)
        self.assertLess(cases, text.index('href="/my/addresses"'))

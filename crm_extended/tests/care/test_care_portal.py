"""Cases in the portal: who sees which, what of them, and what he may do."""

import re

from odoo import http
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ...models.care.crm_care_case_portal import PORTAL_READABLE
from .care_portal_common import CarePortalCommon


@tagged("post_install", "-at_install")
class TestCarePortal(CarePortalCommon):
    # -- Who sees what

    def test_own_cases_only(self):
        self.login(self.user)
        home = self.page("/my/home")
        self.assertIn("/my/cases", home)
        counters = self.make_jsonrpc_request(
            "/my/counters", {"counters": ["care_case_count"]}
        )
        self.assertEqual(counters["care_case_count"], 1)
        text = self.page()
        self.assertIn("My broken lamp", text)
        self.assertNotIn("For the firm", text)
        self.assertNotIn("Elsewhere", text)
        text = self.page(self.own.access_url)
        for words in ("My broken lamp", self.own.number, "Mark as Solved"):
            self.assertIn(words, text)
        for words in ("Difficult", "drunk", "Secret", self.token, self.agent.name):
            self.assertNotIn(words, text)
        for case_id in (self.firms.id, self.others.id, 2**31 - 1, 10**12):
            self.assertSent(f"/my/cases/{case_id}")
            self.assertSent(f"/my/cases/{case_id}?access_token={self.token}")
            for what in ("close", "reopen"):
                response = self.post(
                    f"/my/cases/{case_id}/{what}", access_token=self.token
                )
                self.assertEqual(response.status_code, 404)
        self.assertEqual((self.firms + self.others).mapped("outcome"), ["open"] * 2)
        self.assertNoChatter(self.others)
        self.assertNoChatter(self.others, token=self.token)
        self.assertNoChatter(
            self.others, pid=self.contact.id, hash=self.own._sign_token(self.contact.id)
        )

    def test_cases_of_the_company(self):
        self.login(self.colleague)
        self.assertNotIn("My broken lamp", self.page())
        self.assertSent(self.own.access_url)
        self.assertEqual(self.post(f"{self.own.access_url}/close").status_code, 404)
        self.company_a.care_portal_company_cases = True
        text = self.page("/my/cases?groupby=partner_id")
        self.assertIn("My broken lamp", text)
        self.assertIn("For the firm", text)
        self.assertNotIn("Elsewhere", text)
        # He reads and writes there, in his own name, and closes it not.
        text = self.page(self.own.access_url)
        self.assertNotIn("Mark as Solved", text)
        self.assertNotIn(self.token, text)
        self.assertEqual(self.post(f"{self.own.access_url}/close").status_code, 404)
        self.assertEqual(self.own.outcome, "open")
        [key] = re.findall(r'data-hash="(\w+)"', text)
        pid = self.colleague.partner_id.id
        self.chatter(self.own, "From beside", pid=pid, hash=key)
        self.assertEqual(self.own.message_ids[0].author_id, self.colleague.partner_id)
        self.assertFalse(
            "access_token" in self.own.with_user(self.colleague)._get_share_url()
        )
        # Others see no more than before.
        self.login(self.stranger)
        self.assertNotIn("My broken lamp", self.page())
        self.assertSent(self.own.access_url)
        self.assertNoChatter(self.own, pid=pid, hash="0" * 64)

    def test_links(self):
        self.login()
        self.assertSent("/my/cases", "/web/login?redirect=%2Fmy%2Fcases%3F")
        for token in ("", "0" * 36, "ü", f"{self.token}0"):
            self.assertSent(f"{self.own.access_url}?access_token={token}")
            for what in ("close", "reopen"):
                response = self.post(
                    f"{self.own.access_url}/{what}", access_token=token
                )
                self.assertEqual(response.status_code, 404)
        self.assertNoChatter(self.own, token="0" * 36)
        text = self.page(f"{self.own.access_url}?access_token={self.token}")
        self.assertIn("My broken lamp", text)
        self.assertNotIn("Difficult", text)
        self.chatter(self.own, "By link", token=self.token)
        self.assertEqual(self.own.message_ids[0].author_id, self.contact)
        fetched = self.fetched(token=self.token)
        self.assertIn("By link", fetched)
        self.assertNotIn("Secret", fetched)
        response = self.post(f"{self.own.access_url}/close", access_token=self.token)
        self.assertIn(response.status_code, (302, 303))
        self.assertEqual(self.own.outcome, "solved")

    def fetched(self, **access):
        result = self.make_jsonrpc_request(
            "/mail/chatter_fetch",
            {"thread_model": self.own._name, "thread_id": self.own.id, **access},
        )
        return " ".join(
            str(message["body"]) for message in result["data"]["mail.message"]
        )

    def test_notes_are_not_shown(self):
        self.login(self.user)
        fetched = self.fetched()
        self.assertIn("Here is help", fetched)
        self.assertNotIn("Secret", fetched)
        note = self.own.message_ids.filtered(lambda m: "Secret" in (m.body or ""))
        note.attachment_ids = file = self.env["ir.attachment"].create(
            {
                "name": "secret.txt",
                "raw": b"Secret",
                "res_model": self.own._name,
                "res_id": self.own.id,
            }
        )
        response = self.url_open(f"/web/content/{file.id}")
        self.assertEqual(response.status_code, 404)
        with self.assertRaises(AccessError):
            note.with_user(self.user).read(["body"])

    def test_a_team_that_is_not_in_the_portal(self):
        self.team.use_portal = False
        self.login(self.user)
        self.assertNotIn("My broken lamp", self.page())
        self.assertNotIn("New Case", self.page())
        for path in (self.own.access_url, "/my/cases/new"):
            self.assertSent(path)
        key = self.own._sign_token(self.contact.id)
        for path in (f"{self.own.access_url}/close", "/my/cases/new"):
            response = self.post(
                path, access_token=self.token, type="request", name="a", text="b"
            )
            self.assertEqual(response.status_code, 404)
        self.assertNoChatter(self.own, token=self.token)
        self.assertNoChatter(self.own, pid=self.contact.id, hash=key)
        self.login()
        self.assertSent(f"{self.own.access_url}?access_token={self.token}")
        self.assertEqual(self.own.outcome, "open")

    def test_fields_that_are_the_companys(self):
        Case = self.as_user(self.user, "crm.care.case")
        self.assertEqual(Case.search([], order="id"), self.own)
        case = Case.browse(self.own.id)
        self.assertEqual(case.read(["name"])[0]["name"], "My broken lamp")
        hidden = [name for name in Case._fields if name not in PORTAL_READABLE]
        self.assertIn("sla_deadline", hidden)
        self.assertIn("access_token", hidden)
        for name in hidden:
            with (
                self.subTest(name),
                mute_logger("odoo.models"),
                self.assertRaises(AccessError),
            ):
                case.read([name])
        for name in (
            "sla_state",
            "tier_id",
            "tier_color",
            "score_id",
            "user_id",
            "cause",
        ):
            for ask in (
                lambda name=name: Case.search([(name, "!=", False)], order="id"),
                lambda name=name: Case.search([], order=name),
                lambda name=name: Case._read_group([], [name], ["__count"]),
                lambda name=name: Case.search(
                    [
                        ("company_id", "=", False),
                        "|",
                        ("id", "=", 1),
                        (name, "=", 1),
                    ],
                    order="id",
                ),
            ):
                with self.subTest(name), self.assertRaises(AccessError):
                    ask()
        for write in (
            lambda: case.write({"name": "x"}),
            lambda: Case.create({"name": "x"}),
            lambda: case.unlink(),
            lambda: case.action_solve(),
            lambda: case.message_post(body="x", author_id=self.agent.partner_id.id),
        ):
            with self.assertRaises(AccessError), mute_logger("odoo.addons.base"):
                write()

    # -- What he may do

    def test_close_and_reopen(self):
        url = self.own.access_url
        self.login(self.user)
        for what in ("close", "reopen"):
            with mute_logger("odoo.http"):
                response = self.url_open(f"{url}/{what}", allow_redirects=False)
                self.assertEqual(response.status_code, 405)
                response = self.post(f"{url}/{what}", csrf=False)
                self.assertEqual(response.status_code, 400)
        self.assertEqual(self.own.outcome, "open")
        self.post(f"{url}/reopen")
        self.assertEqual(self.own.reopen_count, 0)
        self.post(f"{url}/close")
        self.assertEqual(self.own.outcome, "solved")
        self.assertIn("Reopen", self.page(url))
        self.post(f"{url}/reopen")
        self.assertEqual((self.own.outcome, self.own.reopen_count), ("open", 1))
        # Too late: a new one that follows it.
        self.post(f"{url}/close")
        self.team.reopen_days = 0
        self.assertNotIn("Reopen", self.page(url))
        self.post(f"{url}/reopen")
        self.assertEqual(self.own.outcome, "solved")
        self.assertIn(
            self.own.number, self.page(f"/my/cases/new?previous={self.own.id}")
        )
        for previous in (self.own, self.others):
            text = {"type": "repair", "name": "Again", "text": "It is back"}
            self.post("/my/cases/new", previous=previous.id, **text)
        new = self.env["crm.care.case"].search([("name", "=", "Again")], order="id")
        self.assertEqual(
            [case.previous_case_id for case in new], [self.own, self.own.browse()]
        )

    def test_merged(self):
        double = self.case("Lamp again", partner_id=self.contact.id)
        double._merge_into(self.own)
        self.login(self.user)
        self.assertSent(double.access_url, to=self.own.access_url)
        # Into one that is not his to see, with the link or without.
        foreign = self.case("Lamp once more", partner_id=self.contact.id)
        token = foreign._portal_ensure_token()
        foreign._merge_into(self.others)
        text = self.page(foreign.access_url)
        self.assertIn("merged with another case", text)
        self.assertNotIn(f"previous={foreign.id}", text)
        self.assertNotIn("Elsewhere", text)
        self.assertNotIn(self.others.number, text)
        self.login()
        text = self.page(f"{foreign.access_url}?access_token={token}")
        self.assertIn("merged with another case", text)

    def test_following_a_case_of_others(self):
        self.login(self.user)
        self.own.stage_id = self.solved
        self.assertIn(
            "My broken lamp", self.page(f"/my/cases/new?previous={self.own.id}")
        )
        for previous in (self.others.id, self.firms.id, 2**31, "x"):
            text = self.page(f"/my/cases/new?previous={previous}")
            self.assertNotIn("Follow-up of", text)
            self.assertNotIn("Elsewhere", text)

    def test_a_guarded_complaint_is_not_closed(self):
        self.team.complaint_guard = True
        self.own.write({"type": "complaint", "cause": False})
        self.login(self.user)
        self.assertNotIn("Mark as Solved", self.page(self.own.access_url))
        self.post(f"{self.own.access_url}/close")
        self.assertEqual(self.own.outcome, "open")

    def test_a_new_case(self):
        self.login(self.user)
        self.assertIn("New Case", self.page())
        text = self.page("/my/cases/new")
        for words in ("Complaint", 'name="name"', 'name="text"'):
            self.assertIn(words, text)
        evil = "<script>alert(1)</script>"
        values = {"type": "complaint", "name": f"{evil}name", "text": f"{evil}text"}
        for wrong in ({"type": "x"}, {"name": " "}, {"text": "x" * 20_001}):
            response = self.post("/my/cases/new", **{**values, **wrong})
            self.assertIn("alert-danger", response.text)
            self.assertNotIn(evil, response.text)
        self.assertEqual(
            self.post("/my/cases/new", csrf=False, **values).status_code, 400
        )
        before = self.env["crm.care.case"].search([])
        response = self.url_open(
            "/my/cases/new",
            # What is not asked for is not taken.
            data={
                **values,
                "csrf_token": http.Request.csrf_token(self),
                "priority": "3",
                "partner_id": self.asker.id,
                "user_id": self.agent.id,
            },
            files=[("attachments", ("evil.html", evil.encode(), "text/html"))],
        )
        case = self.env["crm.care.case"].search([]) - before
        self.assertTrue(response.url.endswith(case.access_url))
        self.assertRecordValues(
            case,
            [
                {
                    "type": "complaint",
                    "channel": "portal",
                    "partner_id": self.contact.id,
                    "team_id": self.team.id,
                    "priority": "0",
                    "user_id": False,
                    "outcome": "open",
                    "first_response_date": False,
                }
            ],
        )
        message = case.message_ids.filtered("attachment_ids")
        self.assertEqual(message.author_id, self.contact)
        self.assertIn("&lt;script&gt;alert(1)", message.body)
        self.assertEqual(message.attachment_ids.mimetype, "text/plain")
        self.assertIn(self.contact, case.message_partner_ids)
        for path in ("/my/cases", case.access_url):
            text = self.page(path)
            self.assertIn("&lt;script&gt;alert(1)&lt;/script&gt;name", text)
            self.assertNotIn(evil, text)

    def test_search_sort_filter_group(self):
        self.case("Second matter", partner_id=self.contact.id, stage_id=self.solved.id)
        self.login(self.user)
        for path, first, second in (
            ("search=lamp", True, False),
            ("search=lamp&search_in=number", False, False),
            (f"search={self.own.number}&search_in=number", True, False),
            ("search=%25'%3B--&search_in=user_id", False, False),
            ("filterby=open", True, False),
            ("filterby=closed", False, True),
            ("filterby=waiting", False, False),
            ("groupby=outcome&sortby=name", True, True),
            ("groupby=type&sortby=number", True, True),
            ("groupby=user_id&sortby=cause&filterby=x", True, True),
        ):
            text = self.page(f"/my/cases?{path}")
            self.assertEqual("My broken lamp" in text, first, path)
            self.assertEqual("Second matter" in text, second, path)
        text = self.page("/my/cases?sortby=name")
        self.assertLess(text.index("My broken lamp"), text.index("Second matter"))

    # -- Staff who may only read

    def test_salespeople_do_not_answer(self):
        case = self.others
        key = case._sign_token(self.asker.id)
        token = case._portal_ensure_token()
        with self.assertRaises(AccessError):
            case.with_user(self.salesman).message_post(
                body="I am not it", message_type="comment"
            )
        with self.assertRaises(AccessError):
            case.with_user(self.salesman).read(["access_token"])
        self.login(self.salesman)
        self.assertNoChatter(case)
        self.assertNoChatter(case, token=token)
        self.assertNoChatter(case, pid=self.asker.id, hash=key)
        self.assertNotIn("Elsewhere", self.page())
        response = self.post(f"{case.access_url}/close", access_token=token)
        self.assertEqual(response.status_code, 404)
        # An answer of his by mail, to a notification.
        post = {"message_type": "email", "subtype_xmlid": "mail.mt_comment"}
        case.message_post(body="x", author_id=self.salesman.partner_id.id, **post)
        self.assertFalse(case.first_response_date)
        case.message_post(body="x", author_id=self.agent.partner_id.id, **post)
        self.assertTrue(case.first_response_date)

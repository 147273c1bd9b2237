"""The portal, asked for what no page of it asks for."""

import re
from unittest.mock import patch

from psycopg2.errors import UniqueViolation

from odoo import http
from odoo.exceptions import AccessError, ConcurrencyError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .care_portal_common import CarePortalCommon

DIGITS = "9" * 5000
NEW = {"type": "request", "name": "Lamp", "text": "It does not burn"}


@tagged("post_install", "-at_install")
class TestCarePortalHardCases(CarePortalCommon):
    def ask(self, method, path, **data):
        with mute_logger("odoo.http", "odoo.addons.base.models.ir_rule"):
            return self.opener.request(
                method,
                self.base_url() + path,
                data=data or None,
                allow_redirects=False,
                timeout=30,
            )

    def new(self, files=None, **values):
        """Send the form; gives where it leads."""
        data = {**NEW, "csrf_token": http.Request.csrf_token(self), **values}
        response = self.url_open(
            "/my/cases/new", data=data, files=files, allow_redirects=False
        )
        self.assertEqual(response.status_code, 303, response.text)
        return response.headers["Location"]

    def form_token(self):
        page = self.page("/my/cases/new")
        return re.search(r'name="form_token" value="(\w{32})"', page)[1]

    def count(self):
        return self.env["crm.care.case"].search_count([("name", "=", "Lamp")])

    def test_addresses_that_nobody_has(self):
        token = self.token
        for user in (None, self.user):
            self.login(user)
            for path in (
                f"/my/cases/{DIGITS}",
                "/my/cases/-1",
                "/my/cases/0",
                f"/my/cases/{10**17}",
                f"/my/cases/page/{DIGITS}",
                f"/my/cases/page/{10**17}",
                f"/my/cases?page={DIGITS}",
                "/my/cases?page=%C2%B2",
                "/my/cases?page=-3",
                "/my/cases?search=%00",
                "/my/cases?search=a%00b&search_in=number",
                f"/my/cases?search={DIGITS}&search_in=number",
                "/my/cases?sortby=%00&filterby=%00&groupby=%00&search_in=%00",
                f"/my/cases/new?previous={DIGITS}",
                "/my/cases/new?previous=%00&name=%00&type=%00&text=%00",
                "/my/cases/new?previous=%C2%B2",
                "/my/cases%00",
                "/my/cases/new%00",
                f"/my/cases/{self.own.id}%00",
                f"/my/cases/{self.own.id}/close%00",
                f"/my/cases/{self.own.id}?access_token=%00",
                f"/my/cases/{self.own.id}?access_token={token}%00",
                f"/my/cases/{self.own.id}?access_token={DIGITS}",
                f"/my/cases/{self.own.id}?access_token={token}&pid=%00&hash=%00",
                "/my/tier%00",
                "/my/tier?x=%00",
                f"/rate/{token}/{DIGITS}",
                f"/rate/{token}%00/5",
                "/rate/%00/submit_feedback",
                f"/rate/{DIGITS}/submit_feedback",
            ):
                for method in ("GET", "HEAD", "OPTIONS", "POST"):
                    status = self.ask(method, path).status_code
                    self.assertLess(status, 500, f"{method} {path[:60]}")

    def test_what_is_sent_with_nul_in_it(self):
        self.login(self.user)
        self.new(
            name="La\0mp",
            text="It does\0 not burn",
            previous=f"{self.own.id}\0",
            form_token="\0",
            files=[("attachments", ("a\0b.txt", b"x\0y", "text/plain"))],
        )
        case = self.env["crm.care.case"].search([("name", "=", "Lamp")])
        self.assertEqual(len(case), 1)
        self.assertFalse(case.previous_case_id)
        messages = case.message_ids.filtered("attachment_ids")
        self.assertIn("It does not burn", messages.body)
        self.assertEqual(messages.attachment_ids.raw, b"x\0y")
        for previous in (DIGITS, "\0", "²", "-1", ""):
            self.assertIn("/my/cases/", self.new(previous=previous, name="Other"))
        for name in ("type", "name", "text"):
            response = self.post("/my/cases/new", **{**NEW, name: "\0"})
            self.assertIn("alert-danger", response.text)

    def test_nothing_is_changed_but_by_posting_from_a_page(self):
        paths = [
            f"{self.own.access_url}/{what}" for what in ("close", "reopen", "rate")
        ]
        paths.append("/my/cases/new")
        for user in (self.user, None):
            self.login(user)
            for path in paths:
                for method in ("OPTIONS", "HEAD", "GET", "PUT", "PATCH", "DELETE"):
                    data = {**NEW, "access_token": self.token}
                    query = "&".join(f"{key}={value}" for key, value in data.items())
                    response = self.ask(method, f"{path}?{query}")
                    self.assertLess(response.status_code, 500, f"{method} {path}")
                    if path != "/my/cases/new" or method not in ("HEAD", "GET"):
                        self.assertIn(response.status_code, (303, 400, 404, 405))
                # Without the token of a page.
                response = self.ask("POST", path, access_token=self.token, **NEW)
                is_login = "/web/login" in response.headers.get("Location", "")
                self.assertEqual(response.status_code, 303 if is_login else 400)
        self.env.invalidate_all()
        self.assertEqual(self.own.outcome, "open")
        self.assertFalse(self.count())
        self.login(self.user)
        self.post(paths[0])
        self.env.invalidate_all()
        self.assertEqual(self.own.outcome, "solved")

    def test_a_form_that_is_sent_twice_opens_one_case(self):
        self.login(self.user)
        token = self.form_token()
        file = {"files": [("attachments", ("a.txt", b"text", "text/plain"))]}
        first = self.new(form_token=token, **file)
        self.assertEqual(self.new(form_token=token, **file), first)
        self.assertEqual(self.count(), 1)
        case = self.env["crm.care.case"].search([("name", "=", "Lamp")])
        self.assertEqual(len(case.message_ids.attachment_ids), 1)
        # The same however long it takes, or whatever has become of the case.
        self.backdate(case)
        self.assertEqual(self.new(form_token=token, **file), first)
        # Back in the browser, and another question.
        self.assertNotEqual(self.new(form_token=token, text="And smells"), first)
        self.assertNotEqual(self.new(form_token=token), first)
        other = [("attachments", ("a.txt", b"else", "text/plain"))]
        self.assertNotEqual(self.new(form_token=token, files=other), first)
        # Opened again, and by somebody else who has come by the token.
        self.assertNotEqual(self.new(form_token=self.form_token(), **file), first)
        self.assertEqual(self.count(), 5)
        self.login(self.colleague)
        self.assertNotEqual(self.new(form_token=token, **file), first)
        self.assertEqual(self.count(), 6)

    def test_the_token_stays_while_the_form_is_being_corrected(self):
        self.login(self.user)
        token = self.form_token()
        response = self.post(
            "/my/cases/new", **{**NEW, "text": "", "form_token": token}
        )
        self.assertIn(token, response.text)

    def test_without_a_token_the_same_words_are_the_same_for_a_while(self):
        self.login(self.user)
        first = self.new()
        self.assertEqual(self.new(), first)
        self.assertNotEqual(self.new(type="complaint"), first)
        self.assertEqual(self.count(), 2)
        self.backdate(self.env["crm.care.case"].search([("name", "=", "Lamp")]))
        self.assertNotEqual(self.new(), first)
        self.assertEqual(self.count(), 3)

    def backdate(self, cases):
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE crm_care_case SET create_date = create_date - interval '11 minutes'"
            " WHERE id = ANY(%s)",
            [cases.ids],
        )
        self.env.invalidate_all()

    def test_of_two_requests_at_one_moment_the_later_is_tried_again(self):
        Case = self.env["crm.care.case"]
        key = Case._submission_key("token", 1, "words", b"file")
        values = {"name": "Lamp", "team_id": self.team.id, "submission_key": key}
        case = Case._create_submitted(values)
        # What the other has written is not seen before it is committed, or at all in a
        # transaction that began earlier; the index knows of it.
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(ConcurrencyError),
            self.env.cr.savepoint(),
        ):
            Case._create_submitted(values)
        self.assertEqual(Case._submitted_case(key, only_recent=True), case)
        self.assertFalse(case.copy().sudo().submission_key)
        with (
            patch.object(type(Case), "create", side_effect=UniqueViolation),
            self.assertRaises(ConcurrencyError),
        ):
            Case._create_submitted(values)

    def test_what_was_sent_is_told_apart_part_by_part(self):
        key = self.env["crm.care.case"]._submission_key
        self.assertNotEqual(key("t", "ab", "c"), key("t", "a", "bc"))
        self.assertNotEqual(key("t", "1:a"), key("t", "", "a"))
        self.assertEqual(key("t", "a", 1), key("t", "a", 1))
        other = self.env["crm.care.case"].with_user(self.agent)._submission_key
        self.assertNotEqual(key("t", "a"), other("t", "a"))

    def test_nobody_reads_or_writes_what_was_sent(self):
        for user in (self.agent, self.user, self.env.ref("base.user_admin")):
            case = self.own.with_user(user)
            with self.assertRaises(AccessError):
                case.read(["submission_key"])
            with self.assertRaises(AccessError):
                case.search([("submission_key", "!=", False)])
            with self.assertRaises(AccessError):
                case.write({"submission_key": "x"})
            self.assertNotIn("submission_key", case.fields_get())

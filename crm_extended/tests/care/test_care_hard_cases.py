"""What a care desk has to hold: many cases, strangers with true references, guessed
addresses, links from another company."""

import threading
from unittest.mock import patch

from odoo.tests import JsonRpcException, tagged
from odoo.tools import SQL, mute_logger

from .care_mail_common import CareMailCommon
from .care_portal_common import CarePortalCommon
from .common import CareCommon

MANY = 10_000


class TestCareMany(CareCommon):
    def copies(self, record, **changed):
        """Put 10,000 copies of a record into its table."""
        self.env.flush_all()
        names = [
            field.name
            for field in record._fields.values()
            if field.store and field.column_type and field.name != "id"
        ]
        values = [changed.get(name, SQL.identifier(name)) for name in names]
        self.env.execute_query(
            SQL(
                "INSERT INTO %s (%s) SELECT %s FROM %s, generate_series(1, %s) AS n "
                "WHERE id = %s RETURNING id",
                SQL.identifier(record._table),
                SQL(", ").join(map(SQL.identifier, names)),
                SQL(", ").join(values),
                SQL.identifier(record._table),
                MANY,
                record.id,
            )
        )

    def everything(self):
        """The cases and their targets, to the last letter."""
        self.env.flush_all()
        return self.env.execute_query(
            SQL(
                """
                SELECT md5(string_agg(care::text, '|' ORDER BY care.id)), count(*)
                  FROM crm_care_case AS care
             UNION ALL
                SELECT md5(string_agg(status::text, '|' ORDER BY status.id)), count(*)
                  FROM crm_care_sla_status AS status
                """
            )
        )

    def test_stages_reordered_with_10000_open_cases(self):
        """Nothing is written but the stages, however many cases stand in them."""
        self.sla(8)
        with self.at("2026-03-16 09:00"):
            case = self.case()
            self.copies(case, number=SQL("'M' || n"), access_token=SQL("NULL::varchar"))
            [[first]] = self.env.execute_query(
                SQL("SELECT min(id) FROM crm_care_case WHERE number LIKE 'M%%'")
            )
            self.copies(case.sla_status_ids, case_id=SQL("%s + n - 1", first))
        before = self.everything()
        self.assertGreater(before[0][1], MANY)
        self.env.invalidate_all()
        stages = self.stages[::-1].with_user(self.care_manager)
        stages.mapped("sequence")
        with self.at("2026-03-17 09:00"), self.assertQueryCount(12):
            stages.web_resequence({}, field_name="sequence")
            for stage in stages:
                stage.name = f"{stage.name}, renamed"
            stages.flush_recordset()
        self.assertEqual(self.everything(), before)
        with self.at("2026-03-17 09:00"):
            new = self.env["crm.care.stage"].create(
                {"name": "Between", "sequence": -8, "team_ids": self.team.ids}
            )
            self.assertEqual(self.everything(), before)
            self.assertEqual(case.outcome, "open")
            self.assertNotEqual(case.stage_id, new)


class TestCareOffTheDesk(CareCommon):
    """Nothing that a customer still waits for gets lost on the way."""

    def answer(self, case):
        case.message_post(
            body="Hello?",
            author_id=self.asker.id,
            message_type="email",
            subtype_xmlid="mail.mt_comment",
        )

    def test_archived(self):
        self.sla(8)
        self.env["crm.care.escalation"].create(
            {"name": "Half", "percent": 50, "company_id": self.company_a.id}
        )
        with self.at("2026-03-16 09:00"):
            case = self.case()
            status = case.sla_status_ids
            moment = status.next_escalation_date
            self.assertTrue(moment)
            case.active = False
            self.assertFalse(status.next_escalation_date, "nobody is warned of it")
            self.answer(case)
            self.assertTrue(case.active)
            self.assertEqual(status.next_escalation_date, moment)

    def test_merged_into_a_closed_one(self):
        solved, going = self.case("Solved"), self.case("Going on")
        solved.action_solve()
        going._merge_into(solved)
        self.assertEqual((solved.outcome, going.outcome), ("open", "cancelled"))
        others = self.case() + self.case()
        others.action_solve()
        others[1]._merge_into(others[0])
        self.assertEqual(others[0].outcome, "solved")

    def test_no_stage_to_close_into(self):
        """Nobody is told that his case was closed when it was not, hour by hour."""
        self.team.close_days = 1
        with self.at("2026-03-02 09:00"):
            case = self.case(stage_id=self.waiting.id)
            # No other team must lend one.
            self.env["crm.care.stage"].search(
                [("outcome", "=", "solved")]
            ).active = False
        for _hour in range(2):
            with self.at("2026-03-10 09:00"), self.no_commits():
                self.env["crm.care.case"]._cron_follow_up()
        self.assertEqual(case.outcome, "waiting")
        self.assertFalse(
            case.message_ids.filtered(lambda m: "closed your" in (m.body or ""))
        )

    def test_buttons_are_for_who_may_press_them(self):
        views = {
            user: self.as_user(user, "crm.care.case").get_view(view_type=kind)["arch"]
            for user, kind in ((self.salesman, "form"), (self.agent, "form"))
        }
        for name in ("action_assign_to_me", "action_solve", "action_link_customer"):
            self.assertIn(name, views[self.agent])
            self.assertNotIn(name, views[self.salesman])
        lists = self.as_user(self.salesman, "crm.care.case").get_view(view_type="list")
        self.assertNotIn("action_solve", lists["arch"])


class TestCareReferences(CareMailCommon):
    """Who has a true reference has got one of the mails, or guessed it."""

    def mails_to(self, address):
        mails = self.env["mail.mail"].search([("model", "=", "crm.care.case")])
        found = mails.filtered(
            lambda mail: (
                address in (mail.email_to or "")
                or address in mail.recipient_ids.mapped("email")
            )
        )
        return len(found)

    def test_a_stranger_may_write_and_reads_nothing(self):
        case = self.receive("asker@example.com", "Secret matter")
        reference = case.message_ids[-1].message_id
        known = self.customer("Other Customer", email="other@example.org")
        for sender in ("stranger@example.org", known.email):
            went_to = self.receive(
                f"Mallory <{sender}>",
                "Re: Secret matter",
                "I have something to say",
                References=reference,
                Cc=f"spy-{sender}",
            )
            # It stands in the case, under the name of the one who wrote it.
            self.assertEqual(went_to, case)
            self.assertIn(sender, case.message_ids[0].email_from)
            self.assertNotEqual(case.message_ids[0].author_id, self.asker)
        self.assertEqual(case.partner_id, self.asker)
        self.assertFalse(case.first_response_date)
        # Nobody is handed what is answered, now or later.
        self.assertNotIn(known, case.message_partner_ids)
        self.assertFalse(case.email_cc)
        case.with_user(self.agent_team).message_post(
            body="For the customer", subtype_xmlid="mail.mt_comment"
        )
        self.assertTrue(self.mails_to("asker@example.com"))
        for address in ("stranger@example.org", known.email, "spy-"):
            self.assertFalse(self.mails_to(address), address)
        # The customer's own Cc are his to choose.
        self.receive("asker@example.com", References=reference, Cc="friend@example.org")
        self.assertIn("friend@example.org", case.email_cc)
        self.agent.email = "agent@example.com"
        self.receive(self.agent.email, References=reference, Cc="two@example.org")
        self.assertIn("two@example.org", case.email_cc)

    def test_a_customer_of_another_company(self):
        """His mail must not be lost because he is not ours."""
        self.asker.company_id = self.company_b
        case = self.receive("asker@example.com")
        self.assertTrue(case.exists())
        self.assertEqual(case.company_id, self.company_a)
        self.assertFalse(case.partner_id)
        case.action_link_customer()
        self.assertNotEqual(case.partner_id, self.asker)
        self.assertEqual(case.partner_id.email, "asker@example.com")

    @mute_logger("odoo.addons.mail.models.mail_thread")
    def test_unknown_encodings(self):
        for number, (charset, transfer) in enumerate(
            (
                ("x-nonsense", "8bit"),
                ("utf-8\\0", "8bit"),
                ("utf-8", "x-unknown"),
                # Python knows these, but not as text.
                ("hex", "8bit"),
                ("undefined", "8bit"),
            )
        ):
            raw = (
                f"From: stranger@example.org\nTo: {self.address}\n"
                f"Message-Id: <enc-{number}@e>\nSubject: =?{charset}?Q?Broken_=FF?=\n"
                f"Content-Type: text/plain; charset={charset}\n"
                f"Content-Transfer-Encoding: {transfer}\n\n"
            ).encode() + b"\xff\xfe\x80 lamp is broken"
            case = self.process(raw)
            self.assertTrue(case.exists(), charset)
            self.assertIn("lamp is broken", case.message_ids[-1].body)


@tagged("post_install", "-at_install")
class TestCareGuessing(CarePortalCommon):
    """Every address with a number in it, found in Odoo's own map of addresses."""

    def routes(self):
        # Odoo asks the thread, which has a database only where a request is answered.
        thread = threading.current_thread()
        with patch.object(thread, "dbname", self.env.cr.dbname, create=True):
            rules = list(self.env["ir.http"].routing_map().iter_rules())
        routes = [
            (rule.rule, rule.methods or {"GET", "POST"})
            for rule in rules
            if "/cases/<int:case_id>" in rule.rule
        ]
        self.assertGreaterEqual(len(routes), 3)
        return routes

    def test_guessing_ids_and_tokens(self):
        foreign = self.others
        real = foreign._portal_ensure_token()
        tokens = ("", "0" * 36, self.token, real[:-1], f"{real}0", "ü", "None")
        self.env.flush_all()
        for user in (self.user, None):
            self.login(user)
            for rule, methods in self.routes():
                for case_id in (foreign.id, 2**31 - 1, 2**31, 10**30):
                    url = rule.replace("<int:case_id>", str(case_id))
                    for token in tokens:
                        self.refused(url, methods, token, foreign)
        before = (foreign.outcome, foreign.reopen_count, foreign.message_ids)
        foreign.invalidate_recordset()
        self.assertEqual(
            before, (foreign.outcome, foreign.reopen_count, foreign.message_ids)
        )
        # The same addresses are there for whose case it is.
        self.login()
        text = self.url_open(f"{foreign.access_url}?access_token={real}").text
        self.assertIn("Elsewhere", text)

    def refused(self, url, methods, token, case):
        answers = []
        with mute_logger("odoo.http", "werkzeug"):
            if "GET" in methods:
                answers.append(
                    self.url_open(
                        url, params={"access_token": token}, allow_redirects=False
                    )
                )
            if "POST" in methods:
                answers.append(self.post(url, access_token=token))
        for answer in answers:
            self.assertIn(answer.status_code, (302, 303, 404), (url, token))
            self.assertNotIn(case.name, answer.text)
            self.assertNotIn(
                case.access_url, answer.headers.get("Location", ""), (url, token)
            )

    def test_a_link_from_another_company(self):
        team_b = self.env["crm.care.team"].create(
            {"name": "B", "company_id": self.company_b.id}
        )
        foreign = self.case("Of company B", team_id=team_b.id)
        token = foreign._portal_ensure_token()
        agent = self.new_user("link_a", "crm_extended.group_care_manager")
        agent.password = agent.login
        self.login(agent)
        with mute_logger("odoo.http"), self.assertRaises(JsonRpcException) as refused:
            self.make_jsonrpc_request(
                "/web/dataset/call_kw/crm.care.case/web_read",
                {
                    "model": "crm.care.case",
                    "method": "web_read",
                    "args": [foreign.ids, {"name": {}}],
                    "kwargs": {},
                },
            )
        self.assertIn("AccessError", str(refused.exception.args))
        link = f"/mail/view?model=crm.care.case&res_id={foreign.id}"
        for url in (
            f"/my/cases/{foreign.id}?access_token={token}",
            link,
            f"{link}&access_token={token}",
        ):
            answer = self.url_open(url)
            self.assertNotIn("Of company B", answer.text)
            self.assertNotIn("care-cases", answer.url)
            self.assertNotIn("/my/cases", answer.url)
        answer = self.post(f"/my/cases/{foreign.id}/close", access_token=token)
        self.assertEqual(answer.status_code, 404)
        self.assertEqual(foreign.outcome, "open")

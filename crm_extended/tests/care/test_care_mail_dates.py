"""When something happened, the acknowledgement, and what the customer sees of their first
mail."""

from datetime import timedelta
from email.utils import format_datetime

import pytz
from freezegun import freeze_time

from odoo import fields

from .care_mail_common import CareMailCommon
from .care_portal_common import CarePortalCommon


def header(moment):
    return format_datetime(pytz.utc.localize(moment))


class TestCareMailDates(CareMailCommon):
    def answer(self, case, sender, **headers):
        first = case.message_ids.filtered(lambda m: m.message_type == "email")[-1]
        return self.receive(sender, "Re: x", References=first.message_id, **headers)

    def test_clocks_of_staff_meet_no_target(self):
        self.sla(4, metric="first_response")
        asked, deadline = self.local("2026-03-16 09:00"), self.local("2026-03-16 14:00")
        for came, claims, state in (
            (deadline + timedelta(hours=2), asked, "failed"),
            (deadline + timedelta(hours=2), asked - timedelta(days=400), "failed"),
            (asked + timedelta(hours=1), asked + timedelta(days=365), "reached"),
            (asked + timedelta(hours=1), asked - timedelta(days=1), "reached"),
        ):
            with freeze_time(asked):
                # The customer's clock, too, goes as it likes.
                case = self.receive("asker@example.com", Date=header(claims))
            self.assertEqual(case.opened_date, asked)
            self.assertEqual(case.message_ids.date, asked)
            with freeze_time(came):
                self.answer(case, self.agent.email, Date=header(claims))
                self.assertEqual(case.first_response_date, came)
                self.assertEqual(max(case.message_ids.mapped("date")), came)
                self.assertState(case.sla_status_ids, state, "state")

    def test_entered_later_for_an_earlier_day(self):
        self.sla(4, metric="first_response")
        opened = self.local("2026-03-16 09:00")
        late, claimed = opened + timedelta(days=2), opened + timedelta(hours=1)

        def call(case):
            self.env["crm.interaction"].with_user(self.agent).create(
                {"case_id": case.id, "date": claimed, "direction": "out"}
            )

        def write(case):
            case.with_user(self.agent).message_post(
                body="x",
                date=claimed,
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
            )

        for enter in (call, write):
            with freeze_time(opened):
                case = self.case()
            with freeze_time(late):
                enter(case)
                self.assertEqual(case.first_response_date, late)
                self.assertState(case.sla_status_ids, "failed", "state")
                self.assertGreater(case.first_response_hours, 8)
        self.assertEqual(case.message_ids[0].date, claimed, "the day stays")
        [call] = self.env["crm.interaction"].search(
            [("partner_id", "=", self.asker.id)]
        )
        self.assertEqual(call.date, claimed)

    def test_missed_stays_missed(self):
        self.sla(4, metric="first_response")
        with freeze_time(self.local("2026-03-16 09:00")):
            case = self.case()
        with freeze_time(self.local("2026-03-18 09:00")):
            case.message_post(
                body="x",
                author_id=self.agent.partner_id.id,
                date=self.local("2026-03-16 10:00"),
                message_type="email",
                subtype_xmlid="mail.mt_comment",
            )
            first = case.first_response_date
            self.assertState(case.sla_status_ids, "failed", "state")
            # A manager who corrects the opening has it judged again, by that same answer.
            case.opened_date = self.local("2026-03-18 08:00")
            self.assertState(case.sla_status_ids, "reached", "state")
        self.assertEqual(case.first_response_date, first)

    def test_a_case_of_the_past_keeps_its_day(self):
        opened = self.local("2026-03-02 09:00")
        with freeze_time(self.local("2026-03-16 09:00")):
            case = self.case(opened_date=opened)
        self.assertEqual(case.opened_date, opened)

    def test_nothing_was_said_later_than_now(self):
        now = fields.Datetime.now()
        message = self.asker.message_post(
            body="x",
            author_id=self.asker.id,
            date=fields.Datetime.to_string(now + timedelta(days=800)),
            message_type="email",
            subtype_xmlid="mail.mt_comment",
        )
        self.assertLess(message.date - now, timedelta(minutes=5))
        message.date = now + timedelta(days=3)
        self.assertLess(message.date - now, timedelta(minutes=5))
        call = self.env["crm.interaction"].create(
            {"partner_id": self.asker.id, "date": now + timedelta(minutes=9)}
        )
        self.assertLess(call.date - now, timedelta(minutes=5))
        self.assertEqual(self.asker.with_user(self.salesman).days_of_silence, 0)
        self.env.flush_all()
        timeline = self.as_user(self.salesman, "crm.timeline")
        entries = timeline.fetch("res.partner", self.asker.id)["entries"]
        self.assertFalse([entry for entry in entries if entry["upcoming"]])

    def test_last_interaction_by_mail_is_its_arrival(self):
        now = fields.Datetime.now()
        for days in (-900, 0, 900):
            customer = self.customer(f"Clock {days}", email=f"c{days}@clock.example")
            date = header(now + timedelta(days=days))
            self.receive(customer.email, Date=date)
            self.assertEqual(customer.with_user(self.salesman).days_of_silence, 0)
        self.receive("asker@example.com", Date="no date at all")
        self.assertEqual(self.asker.with_user(self.salesman).days_of_silence, 0)
        old = self.customer("Old")
        old.message_post(
            body="x",
            author_id=old.id,
            date=now - timedelta(days=40),
            message_type="email",
            subtype_xmlid="mail.mt_comment",
        )
        self.assertEqual(old.with_user(self.salesman).days_of_silence, 40)


class TestCareAcknowledgement(CareMailCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.template = cls.env.ref("crm_extended.mail_template_care_acknowledgement")
        cls.team.acknowledge_template_id = cls.template

    def mails(self, case):
        return self.env["mail.mail"].search(
            [("model", "=", case._name), ("res_id", "=", case.id)]
        )

    def acknowledgement(self, case):
        return case.message_ids.filtered(lambda m: m.message_type == "auto_comment")

    def test_it_refers_to_the_mail_and_finds_the_case(self):
        case = self.receive("asker@example.com", "Lamp")
        mail, message = self.mails(case), self.acknowledgement(case)
        asked = case.message_ids - message
        self.assertEqual(mail.references, asked.message_id)
        self.assertIn(f"'In-Reply-To': '{asked.message_id}'", mail.headers)
        self.assertEqual(mail.mail_message_id, message)
        [outgoing] = mail._prepare_outgoing_list()
        self.assertIn("We have received", outgoing["body"])
        self.assertEqual(outgoing["headers"]["In-Reply-To"], asked.message_id)
        self.assertEqual(outgoing["message_id"], message.message_id)
        # As Odoo does once it is sent.
        self.assertTrue(mail.auto_delete)
        mail.unlink()
        self.assertFalse(mail.exists())
        self.assertTrue(message.exists())
        for sender in ("asker@example.com", "private@example.net"):
            answer = self.receive(sender, "Number", In_Reply_To=message.message_id)
            self.assertEqual(answer, case)
        last = case.message_ids.sorted("id")[-1]
        self.assertFalse(last.is_internal)
        self.assertEqual(last.subtype_id, self.env.ref("mail.mt_comment"))
        self.assertNotIn(self.company_a.partner_id, last.notified_partner_ids)

    def test_it_is_a_line_of_the_company(self):
        self.asker.name = "Asker <b>&"
        case = self.receive("asker@example.com", "Lamp")
        message = self.acknowledgement(case)
        self.assertEqual(message.author_id, self.company_a.partner_id)
        self.assertEqual(
            message.body,
            '<p>Acknowledgement sent to "Asker &lt;b&gt;&amp;" '
            "&lt;asker@example.com&gt;</p>",
        )
        self.assertGreater(message.id, (case.message_ids - message).id)
        unknown = self.receive(subject="Lamp")
        self.assertIn("stranger@example.org", self.acknowledgement(unknown).body)
        self.assertIn("<p>Hello,</p>", self.mails(unknown).body_html)
        self.assertFalse(case.first_response_date)
        case._anonymize()
        self.assertFalse(message.body)

    def test_it_is_no_interaction(self):
        case = self.receive("asker@example.com", "Lamp")
        (case.message_ids - self.acknowledgement(case)).unlink()
        self.assertFalse(self.asker.with_user(self.salesman).last_contact_date)

    def test_subjects_are_one_line(self):
        case = self.case("Broken\r\nlamp")
        self.assertEqual(case.name, "Broken lamp")
        case.name = "a\nb"
        self.assertEqual(case.name, "a b")

    def test_no_template_greets_nobody(self):
        case = self.case(partner_id=False, email_from="x@example.org")
        nameless = self.env["res.partner"].create({"type": "other", "email": "y@z.org"})
        templates = self.env["mail.template"].search(
            [("model", "in", (case._name, "res.partner"))]
        )
        ours = templates.filtered(
            lambda one: (one.get_external_id()[one.id] or "").startswith(
                "crm_extended."
            )
        )
        self.assertGreaterEqual(len(ours), 7)
        for template in ours:
            record = case if template.model == case._name else nameless
            body = template._render_field("body_html", record.ids)[record.id]
            self.assertIn("Hello,", body, template.name)


class TestCareFirstMail(CareMailCommon, CarePortalCommon):
    """What customers see of what they wrote."""

    def seen(self, case, user):
        self.login(user)
        result = self.make_jsonrpc_request(
            "/mail/chatter_fetch",
            {"thread_model": case._name, "thread_id": case.id, "fetch_params": {}},
        )
        return self.env["mail.message"].browse(result["messages"])

    def first(self, case):
        return case.message_ids.filtered(lambda m: m.message_type == "email")[-1]

    def test_their_own(self):
        self.team.acknowledge_template_id = self.env.ref(
            "crm_extended.mail_template_care_acknowledgement"
        )
        self.user.login = self.contact.email = "own@x.test"
        case = self.receive(self.contact.email, "Lamp")
        self.assertEqual(self.seen(case, self.user), self.first(case))

    def test_linked_later(self):
        linked = self.receive("late@x.test", "Lamp")
        chosen = self.receive("private@x.test", "Lamp")
        stranger = self.stranger.partner_id
        stranger.email = "late@x.test"
        linked.with_user(self.agent).action_link_customer()
        chosen.with_user(self.agent).partner_id = stranger
        for case in (linked, chosen):
            self.assertEqual(case.partner_id, stranger)
            self.assertEqual(self.first(case).author_id, stranger)
            self.assertEqual(self.seen(case, self.stranger), self.first(case))

    def test_what_staff_wrote_in_is_not_for_customers(self):
        self.agent.email = "writes-in@example.org"
        case = self.receive(self.agent.email, "Fwd: a difficult customer")
        self.assertEqual(case.partner_id, self.agent.partner_id)
        self.assertIn(self.first(case), self.seen(case, self.agent))
        case.partner_id = self.contact
        self.assertFalse(self.seen(case, self.user))

    def test_by_the_form_of_the_portal(self):
        self.login(self.user)
        self.post("/my/cases/new", type="request", name="Lamp", text="It is dark")
        case = self.env["crm.care.case"].search([], order="id desc", limit=1)
        self.assertIn("It is dark", self.seen(case, self.user).body)

"""Cases by mail, and what answers do. Mails come as hostile as they like."""

from email.message import EmailMessage

from odoo import fields
from odoo.tests import tagged

from .care_mail_common import CareMailCommon


@tagged("at_install", "-post_install")
class TestCareMail(CareMailCommon):
    def test_a_known_customer(self):
        case = self.receive("asker@example.com", "Lamp broken")
        self.assertEqual(case.name, "Lamp broken")
        self.assertEqual(case.partner_id, self.asker)
        self.assertEqual((case.team_id, case.channel), (self.team, "email"))
        self.assertEqual(case.company_id, self.company_a)
        self.assertFalse(case.user_id)
        self.assertIn(self.asker, case.message_partner_ids)

    def test_an_unknown_sender(self):
        case = self.receive()
        self.assertFalse(case.partner_id)
        self.assertEqual(case.email_normalized, "stranger@example.org")
        other = self.receive()
        case.with_user(self.agent).action_link_customer()
        self.assertEqual(case.partner_id.email_normalized, "stranger@example.org")
        self.assertEqual(other.partner_id, case.partner_id, "it has appeared")
        self.assertEqual(case.message_ids[-1].author_id, case.partner_id)

    def test_a_partner_who_appears_by_himself_is_given_nothing(self):
        case = self.receive()
        Partner = self.env["res.partner"].with_user(self.portal).sudo()
        Partner.create({"name": "Me", "email": "stranger@example.org"})
        self.assertFalse(case.partner_id)
        self.customer("Entered by us", email="Stranger@example.org")
        self.assertTrue(case.partner_id)

    def test_thread_headers_come_first(self):
        case = self.receive("asker@example.com")
        other = self.case()
        reference = case.message_ids[-1].message_id
        answer = self.receive(
            "asker@example.com", f"Re: [{other.number}]", References=reference
        )
        self.assertEqual(answer, case)

    def test_by_number_only_the_same_sender(self):
        case = self.case()
        self.assertEqual(
            self.receive("asker@example.com", f"about {case.number}, again"), case
        )
        self.assertEqual(
            self.receive("asker@example.com", f"Re: [{case.number.lower()}] Help"), case
        )
        stranger = self.receive(subject=f"Re: [{case.number}] Help")
        self.assertTrue(stranger)
        self.assertNotEqual(stranger, case)
        colleague = self.customer(
            "Colleague", email="b@example.com", parent_id=self.asker.id
        )
        self.agent.email = "agent@example.com"
        self.employee.email = "outsider@example.com"
        for known in (colleague.email, self.agent.email, self.employee.email):
            self.assertEqual(self.receive(known, f"Re: [{case.number}]"), case)
            self.assertTrue(case.message_ids.sorted("id")[-1].is_internal)
        unknown = self.receive(subject="First")
        self.assertEqual(self.receive(subject=f"[{unknown.number}]"), unknown)

    def test_a_number_of_another_company(self):
        team_b = self.env["crm.care.team"].create(
            {"name": "B", "company_id": self.company_b.id}
        )
        foreign = self.case(team_id=team_b.id)
        foreign.number = "B77"
        self.assertNotEqual(self.receive("asker@example.com", "[B77]"), foreign)

    def test_an_answer_to_a_merged_case(self):
        target, merged = self.case(), self.case()
        merged._merge_into(target)
        self.assertEqual(self.receive("asker@example.com", merged.number), target)

    # -- Acknowledgement

    def test_acknowledged_in_the_senders_language(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        template = self.env.ref("crm_extended.mail_template_care_acknowledgement")
        template = template.copy()
        template.with_context(lang="zh_CN").subject = "收到 {{ object.number }}"
        self.team.acknowledge_template_id = template
        self.asker.lang = "zh_CN"
        case = self.receive("asker@example.com")
        mail = self.env["mail.mail"].search(
            [("res_id", "=", case.id), ("model", "=", case._name)]
        )
        self.assertEqual(mail.subject, f"收到 {case.number}")
        self.assertIn("auto-replied", mail.headers)
        self.assertFalse(case.first_response_date)
        unknown = self.receive()
        mail = self.env["mail.mail"].search(
            [("res_id", "=", unknown.id), ("model", "=", case._name)]
        )
        self.assertEqual(len(mail), 1)
        self.assertIn("stranger@example.org", mail.email_to)

    def test_robots_are_not_acknowledged(self):
        self.team.acknowledge_template_id = self.env.ref(
            "crm_extended.mail_template_care_acknowledgement"
        )
        case = self.receive(Auto_Submitted="auto-replied")
        self.assertFalse(
            self.env["mail.mail"].search(
                [("res_id", "=", case.id), ("model", "=", case._name)]
            )
        )

    # -- Answers

    def answer(self, case, sender="asker@example.com", **headers):
        reference = self.env["mail.message"].search(
            [("model", "=", case._name), ("res_id", "=", case.id)], limit=1
        )
        return self.receive(
            sender, "Re: Help", References=reference.message_id, **headers
        )

    def test_an_answer_reopens(self):
        case = self.receive("asker@example.com")
        second = self.stages[:1].copy({"name": "Second"})
        case.stage_id = second
        case.stage_id = self.waiting
        self.assertEqual(self.answer(case), case)
        self.assertEqual(case.stage_id, second)
        case.action_solve()
        self.assertEqual(self.answer(case, Auto_Submitted="auto-replied"), case)
        self.assertEqual(case.outcome, "solved", "an out-of-office note says nothing")
        self.assertEqual(self.answer(case), case)
        self.assertEqual(case.stage_id, second)
        self.assertEqual(case.reopen_count, 1)

    def test_too_late_it_makes_a_new_one(self):
        case = self.receive("asker@example.com", "Help")
        case.category_id = self.env["crm.care.category"].create({"name": "Delivery"})
        case.action_solve()
        case.closed_date = fields.Datetime.subtract(self.now(), days=15)
        new = self.answer(case)
        self.assertNotEqual(new, case)
        self.assertEqual(new.previous_case_id, case)
        self.assertEqual(new.category_id, case.category_id)
        self.assertEqual(new.partner_id, self.asker)
        self.assertEqual(case.outcome, "solved")
        self.assertEqual(
            self.receive("asker@example.com", f"[{case.number}]").previous_case_id, case
        )
        case.closed_date = fields.Datetime.subtract(self.now(), days=13)
        self.assertEqual(self.answer(case), case)

    def test_staff_by_mail_is_a_first_response(self):
        self.sla(4, metric="first_response")
        case = self.receive("asker@example.com")
        self.assertFalse(case.first_response_date)
        self.assertEqual(self.answer(case, self.agent.email), case)
        self.assertTrue(case.first_response_date)

    # -- Hostile mails

    def test_forged_headers(self):
        case = self.case()
        forged = self.receive(
            References=f"<{case.id}.0-openerp-{case.id}-crm.care.case@x>",
            In_Reply_To=f"<crm.care.case-{case.id}@x>",
            Reply_To="asker@example.com",
            Sender="asker@example.com",
        )
        self.assertNotEqual(forged, case)
        self.assertFalse(forged.partner_id)

    def test_hostile_html(self):
        message = EmailMessage()
        message["From"], message["To"] = "stranger@example.org", self.address
        message["Subject"] = "<script>alert(1)</script>\u202e"
        message["Message-Id"] = "<html@example.org>"
        message.set_content(
            "<p onclick='x()'>a</p><script>alert(1)</script>"
            "<iframe src='http://x'></iframe>",
            subtype="html",
        )
        case = self.process(message.as_bytes())
        body = case.message_ids[-1].body
        self.assertNotIn("script", body)
        self.assertNotIn("onclick", body)
        self.assertNotIn("iframe", body)
        self.assertIn("script", case.name, "a subject is text, not HTML")

    def test_no_subject_no_body(self):
        raw = f"From: stranger@example.org\nTo: {self.address}\nMessage-Id: <n@e>\n\n"
        case = self.process(raw.encode())
        self.assertEqual(case.name, "No Subject")

    def test_a_big_one_to_many(self):
        many = ", ".join(f"p{number}@example.net" for number in range(200))
        case = self.receive(body="x" * 10_000_000, to=f"{self.address}, {many}")
        self.assertTrue(case.exists())
        self.assertGreater(len(case.message_ids[-1].body), 9_000_000)
        self.assertFalse(case.partner_id)

    def test_fifty_at_once(self):
        self.sla(4)
        case = self.receive("asker@example.com")
        senders = [f"p{number}@example.net" for number in range(50)]
        cases = [self.answer(case, sender) for sender in senders]
        self.assertEqual(set(cases), {case})
        self.assertEqual(
            len(case.message_ids.filtered(lambda m: m.message_type == "email")), 51
        )
        self.assertEqual(len(case.sla_status_ids), 1)

    def test_a_thousand_numbers_in_a_subject(self):
        numbers = " ".join(f"C{number:05}" for number in range(1000))
        case = self.receive("asker@example.com", numbers)
        self.assertTrue(case.exists())

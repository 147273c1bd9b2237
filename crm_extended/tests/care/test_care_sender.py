"""Who writes to a case, a person or a machine, themselves or somebody in their name."""

from email.message import EmailMessage

from odoo import Command, fields

from .care_sender_common import CareSenderCommon

GROUP = {
    "Precedence": "list",
    "List_Id": "<help.example.com>",
    "List_Post": "<mailto:help@example.com>",
}


class TestMachines(CareSenderCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team.acknowledge_template_id = cls.env.ref(
            "crm_extended.mail_template_care_acknowledgement"
        )

    def test_a_colleagues_robot_answers_nobody(self):
        case = self.receive("asker@example.com")
        case.user_id = self.agent
        before = self.mails_to(case, "asker@example.com")
        self.assertEqual(
            self.answer(case, self.agent.email, X_Autorespond="Out of office"), case
        )
        self.assertFalse(case.first_response_date)
        note = case.message_ids.sorted("id")[-1]
        self.assertTrue(note.is_internal)
        self.assertEqual(note.author_id, self.agent.partner_id)
        self.assertEqual(self.mails_to(case, "asker@example.com"), before)
        self.answer(case, self.agent.email)
        self.assertTrue(case.first_response_date)

    def test_a_customers_robot_changes_nothing(self):
        case = self.receive("asker@example.com")
        for number, mark in enumerate(
            (
                {"X_Autoreply": "yes"},
                {"Return_Path": "<>"},
                {"X_Auto_Response_Suppress": "All"},
                {"Precedence": "auto_reply", "Cc": "evil@example.org"},
            ),
            1,
        ):
            case.stage_id = self.waiting
            self.assertEqual(self.answer(case, **mark), case)
            self.assertEqual(case.outcome, "waiting", mark)
            mails = case.message_ids.filtered(lambda m: m.message_type == "email")
            self.assertEqual(len(mails), 1 + number, "it stays on the case")
        self.assertFalse(case.email_cc)

    def test_people_on_a_list(self):
        case = self.receive("Bob <bob@example.org>", **GROUP)
        self.assertTrue(self.acknowledged(case))
        for stage in (self.waiting, self.solved):
            case.stage_id = stage
            self.answer(case, "bob@example.org", **GROUP)
            self.assertEqual(case.outcome, "open")

    def test_a_case_that_a_machine_opens(self):
        self.team.write({"assignment": "turn"})
        case = self.receive("asker@example.com", Auto_Submitted="auto-generated")
        self.assertTrue(case.opened_by_machine)
        self.assertFalse(self.acknowledged(case))
        with self.no_commits():
            self.env["crm.care.team"]._cron_assign()
        self.assertFalse(case.user_id)
        self.answer(case)
        with self.no_commits():
            self.env["crm.care.team"]._cron_assign()
        self.assertTrue(case.user_id)
        self.assertTrue(self.receive("asker@example.com").user_id)


class TestNumberOnly(CareSenderCommon):
    def test_nobody_speaks_for_a_colleague(self):
        case = self.case(user_id=self.agent_2.id)
        self.env["mail.mail"].search([]).unlink()
        subject = f"Re: [{case.number}] Help"
        named = self.receive(
            f"Agent <{self.agent.email}>", subject, "Send me your PIN", Cc="evil@x.org"
        )
        self.assertEqual(named, case)
        note = case.message_ids.sorted("id")[-1]
        self.assertTrue(note.is_internal)
        self.assertTrue(note.subtype_id.internal)
        self.assertNotEqual(note.author_id, self.agent.partner_id)
        self.assertIn("agent@our.example", note.body)
        self.assertIn("PIN", note.body)
        self.assertFalse(case.first_response_date)
        self.assertFalse(case.email_cc)
        self.assertFalse(note.incoming_email_cc)
        self.assertFalse(self.mails_to(case, "asker@example.com"))
        self.assertIn(self.agent_2.partner_id, note.notified_partner_ids)

    def test_its_reference_proves_nothing_later(self):
        """Who has led a mail to a case by a number knows no reference of the case."""
        case = self.case()
        for sender in (self.agent.email, "asker@example.com"):
            known = f"<{sender}-known@example.org>"
            raw = (
                f"From: {sender}\nTo: {self.address}\nMessage-Id: {known}\n"
                f"Subject: [{case.number}]\n\nx\n"
            )
            self.assertEqual(self.process(raw.encode()), case)
            count = len(case.message_ids)
            self.assertFalse(self.process(raw.encode()), "twice the same")
            self.assertEqual(len(case.message_ids), count)
            self.receive(self.agent.email, "Hi", References=known, In_Reply_To=known)
            self.assertFalse(case.first_response_date)
            self.assertNotIn(self.agent.partner_id, case.message_ids.author_id)

    def test_handed_over_by_an_employee(self):
        case = self.receive("asker@example.com")
        reference = self.first(case)
        Thread = self.env["mail.thread"].with_user(self.employee)
        for number, header in enumerate(
            (f"Subject: [{case.number}]", f"Subject: x\nIn-Reply-To: {reference}")
        ):
            for arguments in ({}, {"thread_id": case.id}):
                raw = (
                    f"From: {self.agent.email}\nTo: {self.address}\n{header}\n"
                    f"Message-Id: <e{number}{len(arguments)}@example.org>\n\nx\n"
                )
                Thread.message_process("crm.care.case", raw.encode(), **arguments)
                self.assertFalse(case.first_response_date)
                self.assertNotIn(self.agent.partner_id, case.message_ids.author_id)
        notes = case.message_ids.filtered("is_internal")
        self.assertEqual(len(notes), 4)

    def test_the_customer(self):
        case = self.case()
        case.stage_id = self.solved
        named = self.receive(
            "asker@example.com", f"AW: {case.number}", "Again", Cc="evil@example.org"
        )
        self.assertEqual(named, case)
        self.assertEqual(case.outcome, "open")
        message = case.message_ids.filtered(lambda m: m.message_type == "email")
        self.assertEqual(message.author_id, self.asker)
        self.assertFalse(message.is_internal)
        self.assertFalse(case.email_cc)
        self.assertFalse(message.incoming_email_cc)
        suggested = case._message_get_suggested_recipients(reply_discussion=True)
        self.assertNotIn("evil", str(suggested))

    def test_a_customer_with_the_address_of_a_colleague(self):
        """What proves nothing is never the staff's, whoever else has the address."""
        self.agent.email = "asker@example.com"
        case = self.case()
        self.assertEqual(self.receive("asker@example.com", case.number), case)
        message = case.message_ids.filtered(lambda m: m.message_type == "email")
        self.assertEqual(message.author_id, self.asker)
        self.assertFalse(case.first_response_date)

    def test_too_late_it_is_a_new_case_of_the_customer(self):
        case = self.case()
        case.action_solve()
        case.closed_date = fields.Datetime.subtract(self.now(), days=15)
        self.customer("Twin", email="asker@example.com")
        new = self.receive("asker@example.com", f"[{case.number}]", Cc="evil@x.org")
        self.assertEqual((new.previous_case_id, new.partner_id), (case, self.asker))
        self.assertFalse(new.email_cc)

    def test_others(self):
        case = self.case()
        case.action_solve()
        firm = self.customer("Firm", is_company=True)
        self.asker.parent_id = firm
        mate = self.customer("Mate", email="mate@example.com", parent_id=firm.id)
        self.assertEqual(self.receive(mate.email, f"[{case.number}]"), case)
        self.assertEqual(case.outcome, "solved")
        note = case.message_ids.sorted("id")[-1]
        self.assertTrue(note.is_internal)
        self.assertIn("mate@example.com", note.body)
        count = len(case.message_ids)
        stranger = self.receive(subject=f"[{case.number}]", Cc="friend@example.org")
        self.assertNotEqual(stranger, case)
        self.assertEqual(stranger.linked_ids, case)
        self.assertEqual(len(case.message_ids), count)
        self.customer("Known", email="known@example.org")
        other = self.receive("known@example.org", f"[{case.number}]")
        self.assertEqual((other.linked_ids, other.partner_id.name), (case, "Known"))
        self.assertIn(other.number, case.message_ids.sorted("id")[-1].body)

    def test_digits_may_be_anything(self):
        case = self.case()
        case.number = "120"
        self.assertFalse(self.receive(subject="120 lamps").linked_ids)
        self.assertTrue(self.receive(subject="Re: [#120] x").linked_ids)
        self.assertEqual(self.receive("asker@example.com", "Re: 120"), case)

    def test_any_sequence(self):
        case = self.case()
        for number in ("#AB15-00019", "Ticket#9", "CASE: 9", "T 9", "C9(DE)", "工单9"):
            case.number = number
            for subject in (f"Re: [{number}] Help", f"回复：{number.lower()}"):
                with self.subTest(subject):
                    self.assertEqual(self.receive("asker@example.com", subject), case)

    def test_a_number_of_another_company_leads_nowhere(self):
        team_b = self.env["crm.care.team"].create(
            {"name": "B", "company_id": self.company_b.id}
        )
        foreign = self.case(team_id=team_b.id)
        foreign.number = "B77"
        count = len(foreign.message_ids)
        for sender in ("asker@example.com", self.agent.email, "x@example.org"):
            case = self.receive(sender, "[B77]")
            self.assertNotEqual(case, foreign)
            self.assertFalse(case.linked_ids)
        self.assertEqual(len(foreign.message_ids), count)

    def test_a_mail_to_two_teams(self):
        self.team.copy({"alias_name": "care-second"})
        case = self.case()
        before = len(case.message_ids)
        both = f"{self.address}, care-second@care.example.com"
        self.receive(self.agent.email, f"[{case.number}]", to=both)
        self.assertEqual(len(case.message_ids), before + 1)

    def test_notes_end(self):
        self.env["ir.config_parameter"].set_param("mail.gateway.loop.threshold", "3")
        case = self.case()
        before = len(case.message_ids)
        for _number in range(5):
            self.receive(self.agent.email, f"[{case.number}]")
        self.assertEqual(len(case.message_ids), before + 3)

    def test_readers_of_a_stranger_who_has_the_reference(self):
        case = self.receive("asker@example.com")
        self.answer(case, "other@example.org", Cc="evil@example.org")
        self.assertFalse(case.email_cc)
        message = case.message_ids.sorted("id")[-1]
        self.assertFalse(message.incoming_email_cc)


class TestThanksByMail(CareSenderCommon):
    def solved_case(self, **values):
        case = self.receive("asker@example.com")
        case.action_solve()
        case.write(values)
        return case

    def test_thanks_keep_it_closed(self):
        case = self.solved_case()
        for body in ("Thank you!", "谢谢，辛苦了", "Thanks Anna!"):
            self.assertEqual(self.answer(case, body=body), case)
            self.assertEqual(case.outcome, "solved")
        self.assertEqual(
            len(case.message_ids.filtered(lambda m: m.message_type == "email")), 4
        )
        self.receive("asker@example.com", f"[{case.number}]", "Thanks")
        self.assertEqual(case.outcome, "solved")
        self.answer(case, body="Thanks, but it is still broken")
        self.assertEqual(case.outcome, "open")
        self.assertEqual(case.reopen_count, 1)

    def test_within_a_day_and_where_the_team_wants_it(self):
        case = self.solved_case()
        case.closed_date = fields.Datetime.subtract(self.now(), hours=25)
        self.answer(case, body="Thanks")
        self.assertEqual(case.outcome, "open")
        case = self.solved_case()
        self.team.thanks_keep_closed = False
        self.answer(case, body="Thanks")
        self.assertEqual(case.outcome, "open")

    def test_it_makes_no_new_case_either(self):
        self.team.reopen_days = 0
        case = self.solved_case()
        self.assertEqual(self.answer(case, body="Thanks!"), case)
        self.assertNotEqual(self.answer(case, body="It is broken"), case)

    def test_waiting_and_cancelled_cases(self):
        case = self.receive("asker@example.com")
        for stage in (self.waiting, self.cancelled):
            case.stage_id = stage
            self.answer(case, body="Thanks")
            self.assertEqual(case.outcome, "open")

    def test_a_file_is_more_than_thanks(self):
        case = self.solved_case()
        message = EmailMessage()
        message["From"], message["To"] = "asker@example.com", self.address
        message["Subject"], message["Message-Id"] = "Re: Help", "<file@example.com>"
        message["In-Reply-To"] = self.first(case)
        message.set_content("Thanks")
        message.add_attachment(b"x", maintype="image", subtype="png", filename="a.png")
        self.assertEqual(self.process(message.as_bytes()), case)
        self.assertEqual(case.outcome, "open")


class TestTooMany(CareSenderCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.config_parameter"].set_param("mail.gateway.loop.threshold", "3")
        cls.team.acknowledge_template_id = cls.env.ref(
            "crm_extended.mail_template_care_acknowledgement"
        )

    def bounces(self):
        return self.env["mail.mail"].search_count(
            [("references", "like", "loop-detection-bounce")]
        )

    def test_forms_do_not_shut_out_mails(self):
        for _number in range(5):
            self.case(channel="web")
        self.case(team_id=self.team.copy().id, channel="email")
        self.assertTrue(self.acknowledged(self.receive("asker@example.com")))

    def test_a_form_of_a_shop(self):
        cases = [self.receive("noreply@shop.example", f"{n}") for n in range(5)]
        self.assertEqual(len(set(cases)), 5)
        self.assertEqual(
            [self.acknowledged(case) for case in cases], [True] * 3 + [False] * 2
        )
        for number in range(25):
            self.assertTrue(self.receive("noreply@shop.example", f"{number}"))
        self.assertFalse(self.receive("noreply@shop.example"))
        self.assertEqual(self.bounces(), 1)
        self.env["mail.gateway.allowed"].create({"email": "noreply@shop.example"})
        self.assertTrue(self.receive("noreply@shop.example"))

    def test_machines(self):
        for number in range(5):
            case = self.receive("bot@example.org", Auto_Submitted="auto-generated")
            self.assertEqual(bool(case), number < 3)
        self.assertFalse(self.bounces(), "nothing that a machine could answer")
        self.assertTrue(self.receive("bot@example.org"))


class TestArchived(CareSenderCommon):
    def refusal(self):
        mail = self.env["mail.mail"].search([], order="id desc", limit=1)
        self.assertIn("no longer in use", mail.body_html)
        self.assertIn("stranger@example.org", mail.email_to)
        self.assertIn("auto-replied", mail.headers)
        return mail.body_html

    def test_an_archived_team(self):
        case = self.receive()
        self.team.active = False
        self.company_a.email = "info@our.example"
        self.assertFalse(self.receive())
        self.assertIn("info@our.example", self.refusal())
        self.assertEqual(
            self.answer(case, "stranger@example.org"), case, "what runs goes on"
        )
        count = self.env["mail.mail"].search_count([])
        self.assertFalse(self.receive(Auto_Submitted="auto-replied"))
        self.assertEqual(self.env["mail.mail"].search_count([]), count)

    def test_an_archived_company(self):
        case = self.receive()
        users = self.env["res.users"].search([("company_id", "=", self.company_a.id)])
        users.write(
            {
                "company_ids": [Command.link(self.company_b.id)],
                "company_id": self.company_b.id,
            }
        )
        self.company_a.active = False
        count = self.env["crm.care.case"].search_count([])
        messages = len(case.message_ids)
        self.assertFalse(self.receive())
        self.refusal()
        self.assertFalse(self.answer(case, "stranger@example.org"))
        self.assertEqual(self.env["crm.care.case"].search_count([]), count)
        self.assertEqual(len(case.message_ids), messages)

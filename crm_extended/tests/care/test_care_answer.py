"""What an answer of staff does to a case, the one activity of its escalation, and
reopening."""

from odoo import Command
from odoo.exceptions import UserError

from .care_mail_common import CareMailCommon


class TestCareAnswer(CareMailCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team.take_on_answer = True
        cls.next = cls.open.copy({"name": "In progress", "sequence": -9})
        for number, stage in enumerate(cls.waiting + cls.solved + cls.cancelled, -8):
            stage.sequence = number

    def answer(self, case, user=None, **values):
        case = self.as_user(user or self.agent, "crm.care.case").browse(case.id)
        return case.message_post(
            body="We are on it",
            **{
                "message_type": "comment",
                "subtype_xmlid": "mail.mt_comment",
                **values,
            },
        )

    # -- Who has it, and the stage

    def test_the_first_answer_takes_the_case(self):
        case = self.case()
        self.assertEqual(case.stage_id, self.open)
        self.answer(case)
        self.assertEqual(case.user_id, self.agent)
        self.assertTrue(case.assigned_date)
        self.assertEqual(case.stage_id, self.next)
        self.answer(case, self.care_manager)
        self.assertEqual(case.user_id, self.agent)
        self.assertEqual(case.stage_id, self.next)

    def test_notes_customers_and_readers_take_nothing(self):
        case = self.case()
        self.answer(case, subtype_xmlid="mail.mt_note")
        self.answer(case, message_type="notification")
        case.message_post(
            body="Hello?",
            author_id=self.asker.id,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )
        # By a mail that answers a notification: they may read, not change the case.
        case.message_post(
            body="I am in sales",
            author_id=self.salesman.partner_id.id,
            message_type="email",
            subtype_xmlid="mail.mt_comment",
        )
        self.assertFalse(case.user_id)
        self.assertEqual(case.stage_id, self.open)

    def test_a_team_may_do_without(self):
        self.team.take_on_answer = False
        case = self.case()
        self.answer(case)
        self.assertTrue(case.first_response_date)
        self.assertFalse(case.user_id)
        self.assertEqual(case.stage_id, self.open)

    def test_on_in_new_teams(self):
        self.assertTrue(
            self.env["crm.care.team"].create({"name": "New team"}).take_on_answer
        )

    def test_only_from_the_first_open_stage(self):
        self.env["crm.care.stage"].search([("team_ids", "=", False)]).active = False
        third = self.next.copy({"name": "Third", "sequence": -8})
        for stage in (self.next, third, self.waiting, self.solved):
            case = self.case()
            case.stage_id = stage
            self.answer(case)
            self.assertEqual(case.stage_id, stage, stage.name)
        (self.next + third).active = False
        case = self.case()
        self.answer(case)
        self.assertEqual(case.stage_id, self.open, "there is no other")
        self.assertEqual(case.user_id, self.agent)

    def test_required_fields_keep_a_case_where_it_is(self):
        field = self.env["ir.model.fields"]._get("crm.care.case", "category_id")
        self.next.required_field_ids = [Command.set(field.ids)]
        case = self.case()
        message = self.answer(case)
        self.assertIn(message, case.message_ids)
        self.assertEqual(case.user_id, self.agent)
        self.assertEqual(case.stage_id, self.open)
        case.category_id = self.env["crm.care.category"].create({"name": "Lamps"})
        self.answer(case)
        self.assertEqual(case.stage_id, self.next)

    def test_by_mail_and_by_phone(self):
        case = self.receive()
        self.assertFalse(case.user_id)
        posted = self.answer(case, self.agent_2)
        self.assertEqual(case.user_id, self.agent_2)
        self.receive(body="Thanks, and?", In_Reply_To=posted.message_id)
        self.assertEqual(case.stage_id, self.next)
        called = self.case()
        interactions = self.as_user(self.agent, "crm.interaction")
        values = {
            "partner_id": self.asker.id,
            "case_id": called.id,
            "channel": "phone",
            "direction": "out",
            "summary": "Called",
        }
        interactions.create({**values, "outcome": "no_answer"})
        self.assertFalse(called.user_id)
        interactions.create({**values, "outcome": "reached"})
        self.assertEqual(called.user_id, self.agent)
        self.assertEqual(called.stage_id, self.next)

    def test_users_of_other_companies_get_no_case(self):
        case = self.case()
        self.agent.write(
            {
                "company_ids": [Command.set(self.company_b.ids)],
                "company_id": self.company_b.id,
            }
        )
        case.message_post(
            body="x",
            author_id=self.agent.partner_id.id,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )
        self.assertFalse(case.user_id)
        self.assertFalse(case.first_response_date)

    # -- The activity of escalation rules

    def rule(self, percent, **values):
        return self.env["crm.care.escalation"].create(
            {
                "name": f"{percent} %",
                "percent": percent,
                "company_id": self.company_a.id,
                "leader_activity": True,
                **values,
            }
        )

    def run_at(self, text):
        with self.at(text), self.no_commits():
            self.env["crm.care.sla.status"]._cron_escalate()

    def escalated(self):
        """A case of which half the time is over, with the activity that says so."""
        self.sla(8)
        self.rule(50)
        with self.at("2026-03-16 08:00"):
            case = self.case(user_id=self.agent.id)
        self.run_at("2026-03-16 12:00")
        activity = case.activity_ids
        self.assertEqual(len(activity), 1)
        self.assertIn("50%", activity.summary)
        return case, activity

    def test_later_rules_update_the_activity(self):
        case, activity = self.escalated()
        self.rule(75, leader_activity=False)
        self.rule(100)
        self.team.user_id = self.agent_2
        self.run_at("2026-03-16 15:00")
        self.assertIn("50%", activity.summary)
        self.run_at("2026-03-17 08:05")
        self.assertEqual(case.activity_ids, activity)
        self.assertIn("100%", activity.summary)
        self.assertEqual(activity.user_id, self.agent_2)
        self.assertEqual(str(activity.date_deadline), "2026-03-17")

    def test_done_when_answered(self):
        case, activity = self.escalated()
        self.answer(case, subtype_xmlid="mail.mt_note")
        self.assertTrue(activity.active)
        self.answer(case)
        self.assertFalse(activity.active)
        self.assertFalse(case.activity_ids)
        self.rule(100)
        self.run_at("2026-03-17 09:00")
        self.assertEqual(len(case.activity_ids), 1, "a new one")
        self.assertIn("100%", case.activity_ids.summary)

    def test_done_when_closed(self):
        case, activity = self.escalated()
        other = case.activity_schedule(
            "mail.mail_activity_data_todo", user_id=self.agent.id, summary="Own"
        )
        case.with_user(self.agent).action_solve()
        self.assertFalse(activity.active)
        self.assertEqual(case.activity_ids, other)

    def test_done_or_removed_by_the_leader(self):
        case, activity = self.escalated()
        activity.with_user(self.care_manager).action_feedback()
        self.rule(75)
        self.run_at("2026-03-16 15:00")
        second = case.activity_ids
        self.assertEqual(len(second), 1)
        second.unlink()
        self.rule(100)
        self.run_at("2026-03-17 09:00")
        self.assertEqual(len(case.activity_ids), 1)
        self.answer(case)
        self.assertFalse(case.activity_ids)

    def test_merged_with_its_case(self):
        case, activity = self.escalated()
        target = self.case("Again")
        case.with_user(self.agent)._merge_into(target.with_user(self.agent))
        self.assertTrue(activity.active)
        target.invalidate_recordset(["activity_ids"])
        self.assertEqual(target.activity_ids, activity)
        self.answer(target)
        self.assertFalse(activity.active)

    # -- Reopening

    def test_reopen(self):
        case = self.case()
        self.answer(case)
        case = case.with_user(self.agent)
        case.action_solve()
        self.assertEqual(case.outcome, "solved")
        case.action_reopen()
        self.assertEqual(case.stage_id, self.next, "where it was")
        self.assertEqual(case.reopen_count, 1)
        case.action_reopen()
        self.assertEqual(case.reopen_count, 1, "it is open")
        case.action_solve()
        self.next.active = False
        case.action_reopen()
        self.assertEqual(case.stage_id, self.open)

    def test_merged_cases_stay_closed(self):
        case, target = self.case(), self.case()
        case._merge_into(target)
        with self.assertRaises(UserError):
            case.with_user(self.agent).action_reopen()

"""Escalation: each rule fires once for each target, and only when its moment comes."""

from odoo import Command
from odoo.exceptions import ValidationError

from .common import CareCommon


class TestCareEscalation(CareCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sla(8)

    @classmethod
    def rule(cls, percent, **values):
        return cls.env["crm.care.escalation"].create(
            {
                "name": f"{percent} %",
                "percent": percent,
                "company_id": cls.company_a.id,
                **values,
            }
        )

    def run_at(self, text):
        with self.at(text), self.no_commits():
            self.env["crm.care.sla.status"]._cron_escalate()

    def logs(self, case):
        logs = self.env["crm.care.escalation.log"].search([("case_id", "=", case.id)])
        return logs.sorted("id").rule_id.mapped("percent")

    def test_once_each_at_its_moment(self):
        for percent in (50, 75, 100, 150):
            self.rule(percent, notify_assignee=True)
        with self.at("2026-03-16 08:00"):
            case = self.case(user_id=self.agent.id)
            status = case.sla_status_ids
            self.assertEqual(
                status.next_escalation_date, self.local("2026-03-16 12:00")
            )
        for moment, fired in (
            ("2026-03-16 11:59", []),
            ("2026-03-16 12:00", [50]),
            ("2026-03-16 14:30", [50]),
            ("2026-03-16 15:00", [50, 75]),
            ("2026-03-16 15:05", [50, 75]),
            # Also where the server was stopped meanwhile.
            ("2026-03-19 09:00", [50, 75, 100, 150]),
        ):
            self.run_at(moment)
            self.assertEqual(self.logs(case), fired, moment)
        self.assertFalse(status.next_escalation_date)
        notified = case.message_ids.notified_partner_ids
        self.assertFalse(notified - self.agent.partner_id - self.asker)

    def test_what_a_rule_does(self):
        self.rule(
            50,
            notify_leader=True,
            reassign="user",
            reassign_user_id=self.agent_2.id,
            raise_priority=True,
            leader_activity=True,
        )
        with self.at("2026-03-16 08:00"):
            case = self.case(user_id=self.agent.id)
        self.run_at("2026-03-16 12:00")
        self.assertEqual(case.user_id, self.agent_2)
        self.assertEqual(case.priority, "1")
        self.assertEqual(case.activity_ids.user_id, self.care_manager)
        log = self.env["crm.care.escalation.log"].search([("case_id", "=", case.id)])
        self.assertEqual(log.user_ids, self.care_manager)
        self.assertEqual(log.new_user_id, self.agent_2)
        self.assertEqual(log.new_priority, "1")

    def test_raising_the_priority_adds_a_target(self):
        urgent = self.env["crm.care.sla"].create(
            {
                "name": "Urgent",
                "hours": 6,
                "metric": "resolution",
                "priority": "1",
                "company_id": self.company_a.id,
            }
        )
        self.rule(50, raise_priority=True)
        with self.at("2026-03-16 08:00"):
            case = self.case()
        self.run_at("2026-03-16 12:00")
        self.assertIn(urgent, case.sla_status_ids.sla_id)

    def test_not_while_paused_reached_or_of_others(self):
        self.rule(50)
        self.rule(10, metric="first_response")
        self.rule(20, team_ids=[Command.set(self.team.copy({"name": "Copy"}).ids)])
        with self.at("2026-03-16 08:00"):
            paused, solved, going = self.case(), self.case(), self.case()
        with self.at("2026-03-16 10:00"):
            paused.stage_id = self.waiting
            solved.stage_id = self.solved
        self.run_at("2026-03-16 16:00")
        self.assertEqual(self.logs(paused), [])
        self.assertEqual(self.logs(solved), [])
        self.assertEqual(self.logs(going), [50])
        with self.at("2026-03-17 08:00"):
            paused.stage_id = self.open
        self.run_at("2026-03-17 09:59")
        self.assertEqual(self.logs(paused), [])
        self.run_at("2026-03-17 10:00")
        self.assertEqual(self.logs(paused), [50])

    def test_rules_follow_their_changes(self):
        with self.at("2026-03-16 08:00"):
            case = self.case()
            status = case.sla_status_ids
            self.assertFalse(status.next_escalation_date)
            rule = self.rule(50)
            noon = self.local("2026-03-16 12:00")
            self.assertEqual(status.next_escalation_date, noon)
            rule.percent = 25
            self.assertEqual(
                status.next_escalation_date, self.local("2026-03-16 10:00")
            )
            rule.active = False
            self.assertFalse(status.next_escalation_date)
            rule.active = True
            rule.unlink()
            self.assertFalse(status.next_escalation_date)
        with self.assertRaises(ValidationError):
            self.rule(0)
        with self.assertRaises(ValidationError):
            self.rule(50, reassign="user")

    def test_nothing_to_do_costs_one_query(self):
        self.rule(50)
        with self.at("2026-03-16 08:00"):
            for _ in range(5):
                self.case()
        self.env.flush_all()
        # Kept for all users, until the settings change.
        self.env["crm.feature"]._is_on("care")
        with self.at("2026-03-16 09:00"), self.no_commits(), self.assertQueryCount(1):
            self.env["crm.care.sla.status"]._cron_escalate()

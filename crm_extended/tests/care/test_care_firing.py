"""Escalation rules fire together for all that is due, and safely."""

from unittest.mock import patch

from odoo import Command
from odoo.tools import mute_logger

from .common import CareCommon

ESCALATION = "odoo.addons.crm_extended.models.care.crm_care_sla_status"


class TestCareFiring(CareCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sla(8)
        (cls.agent + cls.agent_2).notification_type = "inbox"

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

    def cases(self, count, **values):
        with self.at("2026-03-16 08:00"):
            return self.env["crm.care.case"].union(
                *(self.case(f"Help {number}", **values) for number in range(count))
            )

    def run_at(self, text):
        with self.at(text), self.no_commits():
            self.env["crm.care.sla.status"]._cron_escalate()

    def logs(self, case):
        logs = self.env["crm.care.escalation.log"].search([("case_id", "=", case.id)])
        return logs.sorted("id").rule_id.mapped("percent")

    def notices(self, user):
        return self.env["mail.message"].search(
            [
                ("message_type", "=", "user_notification"),
                ("notified_partner_ids", "=", user.partner_id.id),
            ]
        )

    def test_one_message_for_each_user_told(self):
        self.rule(50, notify_assignee=True)
        self.rule(60, notify_assignee=True)
        mine = self.cases(3, user_id=self.agent.id)
        other = self.cases(1, user_id=self.agent_2.id)
        before = self.notices(self.agent), self.notices(self.agent_2)
        self.run_at("2026-03-16 17:00")
        [told] = self.notices(self.agent) - before[0]
        [told_2] = self.notices(self.agent_2) - before[1]
        # Several cases: a message with a line for each firing; one: on the case.
        self.assertFalse(told.res_id)
        self.assertEqual(told.body.count("<li>"), 6)
        for case in mine:
            self.assertEqual(told.body.count(f"res_id={case.id}"), 2)
            self.assertEqual(self.logs(case), [50, 60])
        self.assertEqual((told_2.model, told_2.res_id), (other._name, other.id))
        self.assertIn("50%", told_2.body)
        self.assertIn("60%", told_2.body)
        self.assertEqual(len(told_2.notification_ids), 1)
        self.run_at("2026-03-16 17:05")
        self.assertEqual(self.notices(self.agent) - before[0], told)

    def test_what_a_rule_changes_counts_for_the_next(self):
        """Each target of a case lifts its priority, as if they came one by one."""
        self.sla(8, metric="first_response")
        self.rule(50, raise_priority=True)
        [case] = self.cases(1)
        self.assertEqual(len(case.sla_status_ids), 2)
        self.run_at("2026-03-16 13:00")
        logs = self.env["crm.care.escalation.log"].search([("case_id", "=", case.id)])
        self.assertEqual(logs.status_id, case.sla_status_ids)
        self.assertEqual(sorted(logs.mapped("new_priority")), ["1", "2"])
        self.assertEqual(case.priority, "2")

    def test_one_that_fails_keeps_no_other(self):
        self.rule(50, reassign="user", reassign_user_id=self.agent_2.id)
        cases = self.cases(3, user_id=self.agent.id)
        bad = cases[1]
        model = type(self.env["crm.care.case"])
        plain = model.write

        def write(records, vals):
            if "user_id" in vals and bad in records:
                raise ValueError("Something is wrong with this one.")
            return plain(records, vals)

        with patch.object(model, "write", write), mute_logger(ESCALATION):
            self.run_at("2026-03-16 12:00")
        self.assertEqual((cases - bad).user_id, self.agent_2)
        self.assertEqual(bad.user_id, self.agent)
        self.assertEqual([len(self.logs(case)) for case in cases], [1, 0, 1])
        # Tried again within the hour.
        self.run_at("2026-03-16 13:05")
        self.assertEqual(bad.user_id, self.agent_2)
        self.assertEqual([len(self.logs(case)) for case in cases], [1, 1, 1])

    def test_in_the_language_of_the_reader(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        sla = self.env["crm.care.sla"].search([("company_id", "=", self.company_a.id)])
        sla.with_context(lang="fr_FR").name = "Huit heures"
        self.rule(50, notify_user_ids=[Command.set((self.agent + self.agent_2).ids)])
        self.agent.lang = "fr_FR"
        self.cases(1)
        self.run_at("2026-03-16 12:00")
        self.assertIn("Huit heures", self.notices(self.agent).body)
        self.assertIn("resolution 8", self.notices(self.agent_2).body)

    def test_statements_grow_by_less_than_the_cases(self):
        """A firing more costs a share of a statement, not dozens."""
        self.rule(50, notify_assignee=True, leader_activity=True, raise_priority=True)
        counts = []
        for count, day in ((4, "2026-03-16"), (24, "2026-03-23")):
            with self.at(f"{day} 08:00"):
                for number in range(count):
                    self.case(f"Help {number}", user_id=self.agent.id)
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.run_at(f"{day} 12:00")
            counts.append(self.env.cr.sql_log_count - before)
        few, many = counts
        self.assertLess(many - few, 20 * 12)

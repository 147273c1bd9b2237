"""Escalation rules for several companies, and rules that go wrong."""

from unittest.mock import patch

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tools import mute_logger

from .common import CareCommon

FIRING = "odoo.addons.crm_extended.models.care.crm_care_sla_status"
NOTIFYING = "odoo.addons.crm_extended.models.care.crm_care_escalation"


class TestCareCompanies(CareCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager_b = cls.new_user(
            "care_b", "crm_extended.group_care_manager", cls.company_b
        )
        cls.team_b = cls.env["crm.care.team"].create(
            {
                "name": "Support B",
                "company_id": cls.company_b.id,
                "user_id": cls.manager_b.id,
                "resource_calendar_id": False,
            }
        )
        cls.sla(8, company_id=False)
        (cls.agent + cls.care_manager + cls.manager_b).notification_type = "inbox"

    def rule(self, percent=50, **values):
        return self.env["crm.care.escalation"].create(
            {"name": f"{percent} %", "percent": percent, "company_id": False, **values}
        )

    def fire(self, text="2026-03-20 17:00"):
        with self.at(text), self.no_commits():
            self.env["crm.care.sla.status"]._cron_escalate()
        self.env.invalidate_all()

    def cases(self):
        with self.at("2026-03-16 08:00"):
            return (
                self.case("Of A", user_id=self.agent.id),
                self.case("Of B", team_id=self.team_b.id),
            )

    def log(self, case):
        return self.env["crm.care.escalation.log"].search([("case_id", "=", case.id)])

    def told(self, user):
        messages = self.env["mail.message"].search(
            [
                ("message_type", "=", "user_notification"),
                ("notified_partner_ids", "=", user.partner_id.id),
            ]
        )
        return " ".join(
            f"{message.subject} {message.body} {message.record_name}"
            for message in messages
        )

    def test_nobody_hears_of_another_companys_cases(self):
        self.rule(
            notify_user_ids=[Command.set((self.agent + self.manager_b).ids)],
            notify_leader=True,
            reassign="user",
            reassign_user_id=self.agent_2.id,
            leader_activity=True,
            raise_priority=True,
        )
        a, b = self.cases()
        self.fire()
        self.assertEqual(a.user_id, self.agent_2)
        self.assertFalse(b.user_id)
        # What fits is done nevertheless.
        self.assertEqual((a + b).mapped("priority"), ["1", "1"])
        self.assertEqual(a.activity_ids.user_id, self.care_manager)
        self.assertEqual(b.activity_ids.user_id, self.manager_b)
        self.assertEqual(self.log(a).user_ids, self.agent + self.care_manager)
        self.assertEqual(self.log(a).skipped_user_ids, self.manager_b)
        self.assertEqual(self.log(b).user_ids, self.manager_b)
        self.assertEqual(self.log(b).skipped_user_ids, self.agent + self.agent_2)
        self.assertFalse(self.log(b).new_user_id)
        self.assertIn("Of A", self.told(self.agent))
        self.assertNotIn("Of B", self.told(self.agent))
        self.assertIn("Of B", self.told(self.manager_b))
        self.assertNotIn("Of A", self.told(self.manager_b))

    def test_who_has_left_the_company_since(self):
        self.rule(
            notify_assignee=True,
            notify_leader=True,
            reassign="leader",
            leader_activity=True,
        )
        a, _b = self.cases()
        for user in self.agent + self.care_manager:
            user.write(
                {
                    "company_id": self.company_b.id,
                    "company_ids": [Command.set(self.company_b.ids)],
                }
            )
        self.fire()
        self.assertEqual(a.user_id, self.agent)
        self.assertFalse(a.activity_ids)
        self.assertFalse(self.log(a).user_ids)
        self.assertEqual(self.log(a).skipped_user_ids, self.agent + self.care_manager)
        self.assertNotIn("Of A", self.told(self.care_manager))

    def test_members_who_have_left_are_given_nothing(self):
        self.team.assignment = "balanced"
        self.team.member_ids = self.agent + self.agent_2
        for user, left in ((self.agent, self.agent_2), (self.agent_2, None)):
            user.write(
                {
                    "company_id": self.company_b.id,
                    "company_ids": [Command.set(self.company_b.ids)],
                }
            )
            self.assertEqual(self.case().user_id, left or self.agent.browse())

    def test_archived_users_are_given_nothing(self):
        self.rule(reassign="user", reassign_user_id=self.agent_2.id)
        a, _b = self.cases()
        self.agent_2.active = False
        self.fire()
        self.assertEqual(a.user_id, self.agent)

    def test_refused_when_saved(self):
        for values in (
            {"company_id": self.company_a.id},
            {"team_ids": [Command.set(self.team.ids)]},
        ):
            with self.assertRaisesRegex(ValidationError, "is not an internal user"):
                self.rule(notify_user_ids=[Command.set(self.manager_b.ids)], **values)
            with self.assertRaises(ValidationError):
                self.rule(reassign="user", reassign_user_id=self.manager_b.id, **values)
        rule = self.rule(notify_user_ids=[Command.set(self.manager_b.ids)])
        with self.assertRaises(ValidationError):
            rule.company_id = self.company_a
        with self.assertRaises(ValidationError):
            self.rule(notify_user_ids=[Command.set(self.portal.ids)])
        # A rule for teams of both can mean either.
        model = type(self.env["crm.care.escalation"])
        with patch.object(model, "_check_company", lambda *args, **kwargs: None):
            self.rule(
                team_ids=[Command.set((self.team + self.team_b).ids)],
                notify_user_ids=[Command.set((self.agent + self.manager_b).ids)],
            )

    @mute_logger(FIRING)
    def test_a_rule_that_fails_stops_no_other(self):
        bad = self.rule(50, raise_priority=True)
        self.rule(60, notify_assignee=True)
        later = self.rule(250, notify_assignee=True)
        a, b = self.cases()
        model = type(self.env["crm.care.case"])
        plain = model.write

        def write(records, vals):
            if "priority" in vals:
                raise ValueError("Something is wrong with this rule.")
            return plain(records, vals)

        with patch.object(model, "write", write):
            self.fire("2026-03-16 16:30")
            for case in (a, b):
                self.assertEqual(self.log(case).rule_id.mapped("percent"), [60])
                # Again in an hour.
                self.assertEqual(
                    case.sla_status_ids.next_escalation_date,
                    self.local("2026-03-16 17:30"),
                )
            self.fire("2026-03-20 17:00")
            self.assertIn(later, self.log(a).rule_id)
        self.fire("2026-03-20 18:30")
        for case in (a, b):
            self.assertIn(bad, self.log(case).rule_id)
            self.assertEqual(case.priority, "1")

    @mute_logger(NOTIFYING)
    def test_a_message_that_fails_takes_back_nothing(self):
        self.rule(notify_assignee=True, raise_priority=True)
        a, _b = self.cases()
        model = type(self.env["crm.care.escalation"])
        with patch.object(model, "_notify_users", side_effect=ValueError("No mail")):
            self.fire()
        self.assertEqual(a.priority, "1")
        self.assertTrue(self.log(a))

"""The counter of due cases at the top of every page."""

from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError

from .common import CareCommon


class TestCareSystray(CareCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent.care_systray = True
        cls.sla(2)

    def due(self, user=None):
        self.env.flush_all()
        return self.as_user(user or self.agent, "res.users").care_due_cases()

    def number(self, user=None):
        """What the counter shows at this moment, as the browser reckons it."""
        found = self.due(user)
        until = found["now"] + timedelta(hours=found["soon"])
        missed = [due for due in found["due"] if not due or due < found["now"]]
        soon = [due for due in found["due"] if due and found["now"] <= due <= until]
        return len(missed), len(soon)

    def test_off_by_default_and_everybodys_own(self):
        self.assertFalse(self.agent_2.care_systray)
        self.assertEqual(self.due(self.agent_2), {"shown": False})
        own = self.as_user(self.agent_2, "res.users").browse(self.agent_2.id)
        own.care_systray = True
        self.assertTrue(self.due(self.agent_2)["shown"])
        with self.assertRaises(AccessError):
            self.agent.with_user(self.agent_2).care_systray = False
        # Not for who answers no cases.
        self.salesman.care_systray = True
        self.assertEqual(self.due(self.salesman), {"shown": False})

    def test_true_at_every_moment(self):
        mine = {"user_id": self.agent.id}
        with self.at("2026-03-16 09:00"):
            case = self.case(**mine)
            self.case(user_id=self.agent_2.id)
            self.case()
            self.assertEqual(self.number(), (0, 1))
            paused = self.case(**mine, stage_id=self.waiting.id)
            self.case(**mine).action_solve()
            self.assertEqual(self.number(), (0, 1))
        with self.at("2026-03-16 11:00"):
            self.assertEqual(self.number(), (0, 1))
        with self.at("2026-03-16 11:00:01"):
            self.assertEqual(self.number(), (1, 0))
            paused.stage_id = self.open
            self.assertEqual(self.number(), (1, 1))
            case.action_solve()
            self.assertEqual(self.number(), (0, 1))

    def test_far_and_missed_for_good(self):
        mine = {"user_id": self.agent.id}
        self.sla(40, type="repair")
        with self.at("2026-03-16 09:00"):
            self.env["crm.care.sla"].search([("type", "=", False)]).active = False
            self.case(**mine, type="repair")
            self.assertEqual(self.due()["due"], [])
            self.sla(1, metric="first_response")
            late = self.case(**mine, opened_date=self.local("2026-03-13 09:00"))
            late._note_first_response(self.now())
            # Nothing is due any more, but it is open and was missed.
            self.assertFalse(late.sla_deadline)
            self.assertEqual(self.number(), (1, 1))

    def test_one_query(self):
        with self.at("2026-03-16 09:00"):
            for _ in range(5):
                self.case(user_id=self.agent.id)
            self.due()
            self.env.flush_all()
            self.env.invalidate_all()
            user = self.as_user(self.agent, "res.users")
            self.assertTrue(user.env.user.care_systray)
            with self.assertQueryCount(1):
                found = user.care_due_cases()
            self.assertEqual(len(found["due"]), 5)

    def test_counters_are_told(self):
        told = []

        def send(user, kind, payload, **kwargs):
            if kind == "crm_extended.care_due":
                told.append(user)

        with patch.object(type(self.agent), "_bus_send", send):
            case = self.case(user_id=self.agent.id)
            self.assertEqual(told.pop(), self.agent)
            case.user_id = self.agent_2
            self.assertEqual(told.pop(), self.agent)
            case.stage_id = self.waiting
            self.assertEqual(told, [])

"""Misses that were a mistake, and what nobody may enter."""

from odoo import Command
from odoo.exceptions import AccessError

from .common import CareCommon


class TestCareCorrections(CareCommon):
    def opened(self, text="2026-03-16 08:00", **values):
        with self.at(text):
            return self.case(**values)

    def notes(self, case):
        return case.message_ids.filtered(lambda message: "SLA target" in message.body)

    def rule(self):
        return self.env["crm.care.escalation"].create(
            {"name": "Late", "percent": 150, "company_id": self.company_a.id}
        )

    def test_hours_corrected(self):
        case = self.opened()
        answered = self.opened()
        with self.at("2026-03-16 10:00"):
            sla = self.sla(1)
            answer = self.sla(1, metric="first_response")
            answered._note_first_response(self.now())
            self.assertState(case, "failed")
            self.assertState(answered.sla_status_ids[0], "failed", "state")
            (sla + answer).with_user(self.care_manager).hours = 100
            self.assertState(case, "ongoing")
            late = answered.sla_status_ids.filtered("reached_date")
            self.assertState(late, "reached", "state")
            self.assertEqual(len(self.notes(case)), 1)
            self.assertEqual(self.notes(case).body.count("was recomputed"), 2)
            self.assertEqual(self.notes(case).author_id, self.care_manager.partner_id)
            # What was in time stays so, however short the time becomes.
            answer.hours = 0.5
            self.assertState(late, "reached", "state")

    def test_a_target_archived(self):
        self.rule()
        sla = self.sla(1)
        case, put_away, closed = self.opened(), self.opened(), self.opened()
        put_away.active = False
        with self.at("2026-03-16 10:00"):
            closed.stage_id = self.solved
            sla.with_user(self.care_manager).active = False
            self.assertState(case, False)
            self.assertFalse(put_away.sla_status_ids)
            self.assertEqual(len(self.notes(case)), 1)
            # The past is the past, until somebody says otherwise.
            self.assertState(closed, "failed")
        with self.at("2026-03-20 10:00"):
            self.env["crm.care.sla.status"].search([])._escalate()
            self.assertFalse(case.escalation_log_ids)

    def test_an_archived_target_presses_nobody(self):
        self.rule()
        sla = self.sla(1)
        case = self.opened()
        # As it was archived before.
        self.env.cr.execute("UPDATE crm_care_sla SET active = FALSE")
        sla.invalidate_recordset()
        with self.at("2026-03-20 10:00"):
            case.sla_status_ids._escalate()
            self.assertFalse(case.escalation_log_ids)
            self.assertFalse(case.sla_status_ids.next_escalation_date)

    def test_a_star_too_many(self):
        self.sla(40)
        self.sla(1, priority="3")
        self.sla(1, metric="first_response", priority="3")
        case = self.opened(user_id=self.agent.id)
        with self.at("2026-03-16 11:00"):
            case._note_first_response(self.now())
        with self.at("2026-03-16 12:00"):
            mine = case.with_user(self.agent)
            mine.priority = "3"
            self.assertState(case, "failed")
            mine.priority = "0"
            self.assertState(case, "ongoing")
            self.assertEqual(len(case.sla_status_ids), 1)

    def test_what_ran_out_is_not_whitewashed(self):
        self.sla(40)
        self.sla(1, priority="3")
        case = self.opened(user_id=self.agent.id, priority="3")
        with self.at("2026-03-16 12:00"):
            mine = case.with_user(self.agent)
            mine.priority = "0"
            mine.type = "complaint"
            self.assertEqual(
                sorted(case.sla_status_ids.mapped("state")), ["failed", "ongoing"]
            )
            with self.assertRaises(AccessError):
                mine.action_recompute_targets()
            with self.assertRaises(AccessError):
                case.sla_status_ids.sla_id.with_user(self.agent).action_recompute()
            case.with_user(self.care_manager).action_recompute_targets()
            self.assertState(case, "ongoing")
            self.assertEqual(len(case.sla_status_ids), 1)
            self.assertIn("no longer applies", self.notes(case).body)

    def test_closed_cases_are_recomputed(self):
        sla = self.sla(1)
        solved, cancelled, gone = self.opened(), self.opened(), self.opened()
        other = self.opened()
        with self.at("2026-03-16 11:00"):
            solved.stage_id = gone.stage_id = self.solved
            cancelled.stage_id = self.cancelled
            other.stage_id = self.solved
        with self.at("2026-03-18 11:00"):
            sla.hours = 2.5
            gone.type = "complaint"
            sla.type = "request"
            for case in solved + cancelled + gone:
                self.assertState(case, "failed")
            sla.with_user(self.care_manager).action_recompute()
            # Three hours were needed.
            self.assertState(solved, "failed")
            self.assertEqual(
                self.due_local(solved.sla_status_ids), "Mon 2026-03-16 10:30"
            )
            self.assertState(cancelled, "failed")
            self.assertState(gone, False)
            self.assertFalse(self.notes(solved + cancelled))
            self.assertEqual(len(self.notes(gone)), 1)
            sla.hours = 4
            result = sla.with_user(self.care_manager).action_recompute()
            self.assertIn("3 of 3", result["params"]["message"])
            self.assertState(solved, "reached")
            # It was cancelled before it was due.
            self.assertState(cancelled, False)
            self.assertEqual(len(self.notes(solved)), 1)
            sla.with_user(self.care_manager).action_recompute()
            self.assertEqual(len(self.notes(solved)), 1)

    def test_managers_recompute_cases_of_their_companies(self):
        sla = self.sla(1, company_id=False)
        team_b = self.env["crm.care.team"].create(
            {
                "name": "B",
                "company_id": self.company_b.id,
                "resource_calendar_id": False,
            }
        )
        foreign = self.opened(team_id=team_b.id)
        case = self.opened()
        with self.at("2026-03-16 11:00"):
            (foreign + case).stage_id = self.env["crm.care.stage"].create(
                {"name": "Done", "outcome": "solved"}
            )
        with self.at("2026-03-17 11:00"):
            sla.hours = 10
            self.as_user(self.care_manager, sla._name).browse(sla.id).action_recompute()
            self.assertState(case, "reached")
            self.assertState(foreign, "failed")

    def test_another_metric_is_another_target(self):
        sla = self.sla(1)
        case = self.opened()
        with self.at("2026-03-16 08:30"):
            case._note_first_response(self.now())
        with self.at("2026-03-16 11:00"):
            self.assertState(case, "failed")
            sla.metric = "first_response"
            self.assertEqual(case.sla_status_ids.metric, "first_response")
            self.assertState(case, "reached")

    def test_a_default_taken_off_the_team(self):
        sla = self.sla(1, by_default_only=True)
        self.team.default_sla_ids = sla
        case = self.opened()
        with self.at("2026-03-16 11:00"):
            self.assertState(case, "failed")
            self.team.default_sla_ids = False
            self.assertState(case, False)

    def test_when_it_was_opened_is_corrected(self):
        self.sla(4)
        case = self.opened(
            opened_date=self.local("2025-03-16 08:00"), user_id=self.agent.id
        )
        with self.at("2026-03-16 09:00"):
            self.assertState(case, "failed")
            with self.assertRaises(AccessError):
                case.with_user(self.agent).opened_date = self.local("2026-03-16 08:00")
            case.with_user(self.care_manager).opened_date = self.local(
                "2026-03-16 08:00"
            )
            self.assertState(case, "ongoing")
            self.assertEqual(self.due_local(case), "Mon 2026-03-16 12:00")


class TestCareRecorded(CareCommon):
    """What reports count is written by the system alone."""

    FIELDS = {
        "number": "X1",
        "first_response_date": "2026-01-01 00:00:00",
        "closed_date": "2026-01-01 00:00:00",
        "assigned_date": "2026-01-01 00:00:00",
        "first_response_hours": 0.1,
        "resolution_hours": 0.1,
        "reopen_count": 0,
        "outcome": "solved",
        "sla_deadline": "2030-01-01 00:00:00",
        "sla_result": "reached",
        "sla_paused_since": "2026-01-01 00:00:00",
        "sla_pauses": [],
        "sla_tier_id": False,
        "merged_into_id": False,
        "reminded_date": "2026-01-01 00:00:00",
        "sla_status_ids": [Command.clear()],
    }

    def setUp(self):
        super().setUp()
        self.sla(8)
        self.mine = self.case(user_id=self.agent.id)
        self.Case = self.as_user(self.agent, "crm.care.case")

    def test_not_by_agents(self):
        case = self.mine.with_env(self.Case.env)
        described = case.fields_get(attributes=["readonly"])
        for name, value in self.FIELDS.items():
            self.assertTrue(described[name]["readonly"], name)
            for attempt in (
                lambda name=name, value=value: case.write({name: value}),
                lambda name=name, value=value: case.web_save({name: value}, {}),
                lambda name=name, value=value: case.copy({name: value}),
                lambda name=name, value=value: self.Case.create(
                    {"name": "x", name: value}
                ),
                lambda name=name, value=value: self.Case.with_context(
                    **{f"default_{name}": value}
                ).create({"name": "x"}),
                lambda name=name, value=value: self.Case.create(
                    {
                        "name": "x",
                        "follow_up_ids": [Command.update(case.id, {name: value})],
                    }
                ),
                lambda name=name, value=value: case.with_context(
                    care_skip_required=True, care_imported=True
                ).write({name: value}),
            ):
                with self.assertRaises(AccessError, msg=name):
                    attempt()
        result = self.Case.load(
            ["name", "closed_date"], [["Imported", "2026-01-01 00:00:00"]]
        )
        self.assertFalse(result["ids"])
        self.assertTrue(result["messages"])

    def test_nor_by_managers(self):
        case = self.mine.with_user(self.care_manager)
        for name, value in self.FIELDS.items():
            with self.assertRaises(AccessError, msg=name):
                case.write({name: value})

    def test_cases_of_a_former_system(self):
        """Managers may say, when they bring them in, when they were answered."""
        values = {
            "name": "Of old",
            "team_id": self.team.id,
            "partner_id": self.asker.id,
            "stage_id": self.solved.id,
            "opened_date": self.local("2026-03-02 08:00"),
            "first_response_date": self.local("2026-03-02 09:00"),
            "closed_date": self.local("2026-03-02 12:00"),
        }
        case = self.as_user(self.care_manager, "crm.care.case").create(values)
        self.assertEqual((case.first_response_hours, case.resolution_hours), (1, 4))
        self.assertTrue(case.number)
        with self.assertRaises(AccessError):
            self.Case.create({**values, "stage_id": self.open.id})

    def test_agents_say_when_a_letter_came(self):
        case = self.Case.create(
            {"name": "Letter", "opened_date": self.local("2026-03-02 08:00")}
        )
        self.assertEqual(case.opened_date, self.local("2026-03-02 08:00"))
        self.assertTrue(case.number)
        case.user_id = self.agent
        self.assertTrue(case.assigned_date)
        case.user_id = False
        self.assertFalse(case.assigned_date)

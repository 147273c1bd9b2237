"""Service targets: deadlines, pauses, states, which targets apply."""

from datetime import datetime, timedelta

from odoo import Command
from odoo.tests import BaseCase

from ...analytics.care.working_time import WorkingTime, due, elapsed, merge
from .common import CareCommon


class TestServiceHours(BaseCase):
    """The arithmetic alone."""

    def time(self, *hours, start="2026-03-02 00:00"):
        """Every day these hours, from 2 March 2026 on."""
        begin = datetime.fromisoformat(start)

        def look_up(since, until):
            day = since.replace(hour=0, minute=0)
            while day < until:
                for first, last in hours:
                    opening = max(day + timedelta(hours=first), since)
                    closing = min(day + timedelta(hours=last), until)
                    if opening < closing:
                        yield opening, closing
                day += timedelta(days=1)

        return WorkingTime(begin, look_up)

    def moment(self, text):
        return datetime.fromisoformat(f"2026-03-{text}")

    def test_closing_time_is_not_the_next_opening(self):
        time = self.time((8, 12), (13, 17))
        for start, hours, end in (
            ("02 09:00", 3, "02 12:00"),
            ("02 09:00", 7, "02 17:00"),
            ("02 09:00", 7.5, "03 08:30"),
            ("02 20:00", 8, "03 17:00"),
            ("02 12:00", 1, "02 14:00"),
        ):
            self.assertEqual(
                due(time, self.moment(start), hours * 3600), self.moment(end)
            )

    def test_pauses(self):
        time = self.time((8, 12), (13, 17))
        start = self.moment("02 09:00")
        pause = (self.moment("02 10:00"), self.moment("03 09:00"))
        self.assertEqual(due(time, start, 2 * 3600, [pause]), self.moment("03 10:00"))
        overlapping = [pause, (self.moment("02 11:00"), self.moment("03 08:30"))]
        self.assertEqual(
            due(time, start, 2 * 3600, overlapping), self.moment("03 10:00")
        )
        too_late = (self.moment("02 15:00"), self.moment("05 09:00"))
        self.assertEqual(
            due(time, start, 2 * 3600, [too_late]), self.moment("02 11:00")
        )
        night = (self.moment("02 17:00"), self.moment("03 08:00"))
        self.assertEqual(due(time, start, 8 * 3600, [night]), self.moment("03 09:00"))
        self.assertEqual(
            elapsed(time, start, self.moment("03 10:00"), [pause]), 2 * 3600
        )

    def test_a_calendar_that_never_opens(self):
        self.assertIsNone(due(self.time(), self.moment("02 09:00"), 3600))

    def test_day_and_night(self):
        clock = WorkingTime(self.moment("02 00:00"), None)
        self.assertEqual(
            due(clock, self.moment("02 09:00"), 30 * 3600), self.moment("03 15:00")
        )
        around = self.time((0, 24))
        self.assertEqual(
            due(around, self.moment("02 09:00"), 30 * 3600), self.moment("03 15:00")
        )

    def test_stretches_are_put_together(self):
        """Where the calendar is asked anew in the middle of working time, nothing is
        counted twice or lost."""
        time = self.time((0, 24), start="2026-01-01 05:00")
        far = datetime(2026, 12, 1)
        self.assertEqual(
            time.worked(far), (far - datetime(2026, 1, 1, 5)).total_seconds()
        )
        self.assertEqual(time.moment(time.worked(far), far), far)
        a, b, c, d = (datetime(2026, 1, day) for day in (1, 2, 3, 4))
        self.assertEqual(merge([(c, d), (a, b), (b, b), (a, c)]), [(a, d)])


class TestCareTargets(CareCommon):
    def test_the_published_examples(self):
        self.sla(8)
        with self.at("2026-03-13 15:00"):
            case = self.case()
        self.assertEqual(self.due_local(case), "Mon 2026-03-16 15:00")
        with self.at("2026-03-13 18:00"):
            case = self.case()
        self.assertEqual(self.due_local(case), "Mon 2026-03-16 17:00")

    def test_opened_outside_hours_and_due_at_closing_time(self):
        self.sla(4)
        for opened, deadline in (
            ("2026-03-14 11:00", "Mon 2026-03-16 12:00"),
            ("2026-03-16 05:00", "Mon 2026-03-16 12:00"),
            ("2026-03-16 12:30", "Mon 2026-03-16 17:00"),
            ("2026-03-16 08:00", "Mon 2026-03-16 12:00"),
        ):
            with self.at(opened):
                self.assertEqual(self.due_local(self.case()), deadline)

    def test_targets_run_from_when_the_customer_asked(self):
        self.sla(2)
        with self.at("2026-03-16 15:00"):
            case = self.case(opened_date=self.local("2026-03-16 09:00"))
            self.assertEqual(self.due_local(case), "Mon 2026-03-16 11:00")
            self.assertState(case, "failed")

    def test_night_shift(self):
        self.team.resource_calendar_id = self.make_calendar(
            "Night", hours=((0, 6), (22, 24)), days=range(7)
        )
        self.sla(9)
        with self.at("2026-03-16 21:00"):
            case = self.case()
        self.assertEqual(self.due_local(case), "Tue 2026-03-17 23:00")

    def test_public_holidays(self):
        self.sla(8)
        with self.at("2026-03-13 15:00"):
            case = self.case()
            holiday = self.env["resource.calendar.leaves"].create(
                {
                    "name": "Holiday",
                    "calendar_id": self.calendar.id,
                    "company_id": self.company_a.id,
                    "date_from": self.local("2026-03-16 00:00"),
                    "date_to": self.local("2026-03-16 23:59:59"),
                }
            )
            self.assertEqual(self.due_local(case), "Tue 2026-03-17 15:00")
            holiday.unlink()
            self.assertEqual(self.due_local(case), "Mon 2026-03-16 15:00")

    def test_time_zones(self):
        self.sla(2)
        self.calendar.tz = "Asia/Shanghai"
        with self.at("2026-03-13 08:00"):
            # 15:00 in Shanghai, 3:00 in New York
            case = self.case()
            self.assertEqual(
                self.due_local(case, "Asia/Shanghai"), "Fri 2026-03-13 17:00"
            )
            self.calendar.tz = "America/New_York"
            self.assertEqual(
                self.due_local(case, "America/New_York"), "Fri 2026-03-13 10:00"
            )

    def test_both_changes_of_summer_time(self):
        self.team.resource_calendar_id = self.make_calendar(
            "Always", hours=((0, 24),), days=range(7)
        )
        sla = self.sla(24)
        for opened, deadline in (
            ("2026-03-28 12:00", "Sun 2026-03-29 13:00"),
            ("2026-10-24 12:00", "Sun 2026-10-25 11:00"),
        ):
            with self.at(opened):
                self.assertEqual(self.due_local(self.case()), deadline)
        self.team.resource_calendar_id = self.calendar
        sla.hours = 8
        for opened, deadline in (
            ("2026-03-27 15:00", "Mon 2026-03-30 15:00"),
            ("2026-10-23 15:00", "Mon 2026-10-26 15:00"),
        ):
            with self.at(opened):
                self.assertEqual(self.due_local(self.case()), deadline)

    def test_a_calendar_that_never_opens(self):
        self.sla(8)
        self.assertFalse(self.team.calendar_warning)
        closed = self.make_calendar("Closed", hours=())
        self.team.resource_calendar_id = closed
        self.assertIn("“Closed” has no working time", self.team.calendar_warning)
        with self.at("2026-03-16 09:00"):
            case = self.case()
            self.assertFalse(case.sla_deadline)
            self.assertTrue(case.sla_status_ids.never_due)
            self.assertState(case, "ongoing")
            case.stage_id = self.waiting
            self.assertState(case, "paused")
            case.stage_id = self.solved
            self.assertState(case, "reached")

    def test_a_team_without_calendar_goes_by_the_clock(self):
        self.team.resource_calendar_id = False
        self.sla(30)
        with self.at("2026-03-13 15:00"):
            case = self.case()
        self.assertEqual(self.due_local(case), "Sat 2026-03-14 21:00")
        self.assertFalse(self.team.calendar_warning)

    def test_pause_over_a_weekend(self):
        self.sla(8)
        with self.at("2026-03-13 11:00"):
            case = self.case()
        with self.at("2026-03-13 16:00"):
            case.stage_id = self.waiting
            self.assertState(case, "paused")
        with self.at("2026-03-16 18:00"):
            # Long past the old deadline.
            self.assertState(case, "paused")
        with self.at("2026-03-17 09:00"):
            case.stage_id = self.open
            # Monday, an hour on Friday, an hour on Tuesday: ten hours of work.
            self.assertEqual(self.due_local(case), "Tue 2026-03-17 14:00")
            self.assertState(case, "ongoing")

    def test_a_pause_outside_hours_moves_nothing(self):
        self.sla(8)
        with self.at("2026-03-13 11:00"):
            case = self.case()
            deadline = case.sla_deadline
        with self.at("2026-03-13 18:00"):
            case.stage_id = self.waiting
        with self.at("2026-03-16 07:00"):
            case.stage_id = self.open
        self.assertEqual(case.sla_deadline, deadline)

    def test_states_are_true_at_every_moment(self):
        self.sla(2)
        with self.at("2026-03-16 09:00"):
            case = self.case()
            status = case.sla_status_ids
        for moment, state in (
            ("2026-03-16 10:59", "ongoing"),
            ("2026-03-16 11:00", "ongoing"),
            ("2026-03-16 11:00:01", "failed"),
            ("2026-03-16 10:00", "ongoing"),
        ):
            with self.at(moment):
                self.assertState(case, state)
                self.assertState(status, state, "state")
        with self.at("2026-03-16 11:00"):
            case.stage_id = self.solved
        with self.at("2026-03-18 11:00"):
            self.assertState(case, "reached")
            self.assertState(status, "reached", "state")
            self.assertFalse(case.sla_deadline)
        Case = self.env["crm.care.case"]
        mine = [("id", "=", case.id)]
        self.assertFalse(Case.search([*mine, ("sla_state", "=", False)]))
        self.assertTrue(Case.search([*mine, ("sla_state", "!=", "failed")]))
        case.sla_status_ids.unlink()
        self.assertTrue(Case.search([*mine, ("sla_state", "=", False)]))
        self.assertTrue(Case.search([*mine, ("sla_state", "!=", "failed")]))
        self.assertFalse(Case.search([*mine, ("sla_state", "in", ["reached"])]))

    def test_missed_stays_missed(self):
        sla = self.sla(2)
        with self.at("2026-03-16 09:00"):
            case = self.case()
        with self.at("2026-03-16 14:00"):
            self.assertState(case, "failed")
            deadline = case.sla_deadline
            case.priority = "3"
            self.team.resource_calendar_id = False
            self.assertEqual(case.sla_deadline, deadline)
            case.stage_id = self.waiting
            self.assertState(case, "failed")
        with self.at("2026-03-18 14:00"):
            case.stage_id = self.open
            self.assertEqual(case.sla_deadline, deadline)
            self.assertState(case, "failed")
            case.stage_id = self.solved
            self.assertState(case, "failed")
            # Also of a target that is not used any more.
            sla.active = False
            self.assertTrue(case.sla_status_ids)
            self.assertState(case, "failed")

    def test_what_is_open_follows_changes(self):
        sla = self.sla(8)
        urgent = self.sla(1, priority="3")
        with self.at("2026-03-16 09:00"):
            case = self.case()
            self.assertEqual(case.sla_status_ids.sla_id, sla)
            case.priority = "3"
            self.assertEqual(case.sla_status_ids.sla_id, sla + urgent)
            self.assertEqual(self.due_local(case), "Mon 2026-03-16 10:00")
            case.priority = "1"
            self.assertEqual(case.sla_status_ids.sla_id, sla)
            sla.hours = 4
            self.assertEqual(self.due_local(case), "Mon 2026-03-16 14:00")
            self.calendar.attendance_ids.filtered(
                lambda attendance: attendance.hour_from == 13
            ).unlink()
            self.assertEqual(self.due_local(case), "Tue 2026-03-17 09:00")
            self.team.resource_calendar_id = False
            self.assertEqual(self.due_local(case), "Mon 2026-03-16 13:00")

    def test_raised_after_the_miss(self):
        self.sla(2)
        urgent = self.sla(6, priority="3")
        with self.at("2026-03-16 09:00"):
            case = self.case()
        with self.at("2026-03-16 14:00"):
            case.priority = "3"
            self.assertState(case, "failed")
            self.assertEqual(case.sla_status_ids[-1].sla_id, urgent)
            self.assertEqual(case.sla_status_ids.mapped("state"), ["failed", "ongoing"])

    def test_two_policies_on_one_metric(self):
        self.sla(8)
        quick = self.sla(3, type="complaint")
        with self.at("2026-03-16 09:00"):
            case = self.case(type="complaint")
            self.assertEqual(len(case.sla_status_ids), 2)
            self.assertEqual(self.due_local(case), "Mon 2026-03-16 12:00")
        with self.at("2026-03-16 16:00"):
            self.assertState(case, "failed")
            case.stage_id = self.solved
            self.assertState(case, "failed")
            states = {status.sla_id: status.state for status in case.sla_status_ids}
            self.assertEqual(states.pop(quick), "failed")
            self.assertEqual(set(states.values()), {"reached"})

    def test_defaults_of_the_team(self):
        default = self.sla(5, by_default_only=True)
        with self.at("2026-03-16 09:00"):
            case = self.case()
            self.assertFalse(case.sla_status_ids)
            self.assertState(case, False)
            self.team.default_sla_ids = default
            self.assertEqual(case.sla_status_ids.sla_id, default)
            meant = self.sla(2, team_ids=[Command.set(self.team.ids)])
            self.assertEqual(case.sla_status_ids.sla_id, meant)

    def test_tiers_and_segments(self):
        tier = self.env["crm.loyalty.tier"].create(
            {
                "name": "Gold",
                "company_id": self.company_a.id,
                "rise_amount": 1000,
                "care_factor": 0.5,
            }
        )
        self.sla(4)
        gold_only = self.sla(1, metric="first_response", tier_ids=[tier.id])
        gold_only.use_tier_factor = False
        with self.at("2026-03-16 09:00"):
            case = self.case()
            self.assertEqual(self.due_local(case), "Mon 2026-03-16 14:00")
            self.assertFalse(case.tier_id)
            self.env["crm.loyalty.membership"]._set_override(
                self.asker, tier, self.today, "Promised"
            )
            self.assertEqual(case.tier_id, tier)
            self.assertEqual(len(case.sla_status_ids), 2)
            self.assertEqual(self.due_local(case), "Mon 2026-03-16 10:00")
            resolution = case.sla_status_ids.filtered(
                lambda status: status.metric == "resolution"
            )
            self.assertEqual(resolution.hours, 2)
            tier.care_factor = 0.25
            self.assertEqual(resolution.hours, 1)

    def test_later_changes_of_segments_move_targets(self):
        """The first refresh records no changes; what the others record is dispatched."""
        case = self.case()
        other = self.case(partner_id=self.customer("Other").id)
        for customer in (self.asker, other.partner_id):
            self.buy(customer, 10, days_ago=300)
        self.refresh()
        first = case.segment_id
        self.assertTrue(first)
        self.assertEqual((case + other).sla_segment_id, first)
        segments = self.env["crm.rfm.segment"].search(
            [("company_id", "in", [self.company_a.id, False]), ("id", "!=", first.id)]
        )
        self.sla(2, segment_ids=segments.ids)
        self.assertFalse((case + other).sla_status_ids)
        for number in range(4):
            self.buy(self.asker, 5000, days_ago=number)
        self.refresh()
        self.assertNotEqual(case.segment_id, first)
        self.assertEqual(case.sla_segment_id, case.segment_id)
        self.assertEqual(case.sla_status_ids.hours, 2)
        self.assertEqual(other.sla_segment_id, other.segment_id)

    def test_an_assessment_and_a_refresh_move_targets(self):
        tier = self.env["crm.loyalty.tier"].create(
            {
                "name": "Gold",
                "company_id": self.company_a.id,
                "rise_amount": 1000,
                "care_factor": 0.5,
            }
        )
        champions = self.env.ref("crm_extended.crm_rfm_segment_champions")
        self.sla(8)
        self.sla(2, metric="first_response", segment_ids=[champions.id])
        case = self.case()
        other = self.case(partner_id=self.customer("Other").id)
        self.buy(self.asker, 5000)
        self.env["crm.loyalty.membership"]._assess(self.company_a)
        self.assertEqual(case.tier_id, tier)
        self.assertEqual(case.sla_status_ids.mapped("hours"), [4])
        self.assertEqual(other.sla_status_ids.mapped("hours"), [8])
        for number in range(4):
            self.buy(self.asker, days_ago=number)
            self.buy(other.partner_id, days_ago=300)
        self.refresh()
        if case.segment_id == champions:
            self.assertEqual(len(case.sla_status_ids), 2)
        self.assertEqual(case.sla_segment_id, case.segment_id)
        self.assertEqual(
            self.env["crm.care.case"].search(
                [("tier_id", "=", tier.id), ("team_id", "=", self.team.id)]
            ),
            case,
        )
        groups = self.env["crm.care.case"]._read_group(
            [("team_id", "=", self.team.id)], ["tier_id"], ["__count"]
        )
        self.assertEqual(dict(groups), {tier: 1, tier.browse(): 1})

    def test_cancelled_cases_have_no_targets_left(self):
        self.sla(8)
        with self.at("2026-03-16 09:00"):
            case = self.case()
            case.stage_id = self.cancelled
            self.assertFalse(case.sla_status_ids)
            late = self.case(opened_date=self.local("2026-03-10 09:00"))
            late.stage_id = self.cancelled
            self.assertState(late, "failed")

    def test_reopened(self):
        """What was solved in time was not solved after all; the time in between does
        not count. What was missed, stays missed."""
        self.sla(4)
        self.sla(1, metric="first_response")
        with self.at("2026-03-16 09:00"):
            case = self.case()
        with self.at("2026-03-16 11:00"):
            # The answer is late, the solution is not.
            case.stage_id = self.solved
            self.assertEqual(
                sorted(case.sla_status_ids.mapped("state")), ["failed", "reached"]
            )
        with self.at("2026-03-17 09:00"):
            case.stage_id = self.open
            self.assertEqual(case.reopen_count, 1)
            self.assertFalse(case.closed_date)
            self.assertEqual(self.due_local(case), "Tue 2026-03-17 11:00")
            self.assertState(case, "ongoing")
            case.stage_id = self.solved
            self.assertState(case, "failed")

    def test_waiting_then_solved(self):
        self.sla(2)
        with self.at("2026-03-16 09:00"):
            case = self.case()
        with self.at("2026-03-16 10:00"):
            case.stage_id = self.waiting
        with self.at("2026-03-18 10:00"):
            case.stage_id = self.solved
            self.assertState(case, "reached")

    def test_an_answer_in_a_pause(self):
        """The customer was asked back by phone; the first written answer comes while
        theirs is still awaited."""
        answered = self.sla(2, metric="first_response")
        solved = self.sla(4)
        with self.at("2026-03-16 09:00"):
            case = self.case()
        with self.at("2026-03-16 10:00"):
            case.stage_id = self.waiting
        with self.at("2026-03-18 10:00"):
            case.with_user(self.agent).message_post(
                body="One thing more",
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
            )
            states = {status.sla_id: status.state for status in case.sla_status_ids}
            self.assertEqual(states, {answered: "reached", solved: "paused"})
            self.assertEqual(case.first_response_hours, 1)
        with self.at("2026-03-19 09:00"):
            case.stage_id = self.open
            # An hour before the pause, three after it.
            self.assertEqual(self.due_local(case), "Thu 2026-03-19 12:00")

    def test_first_response(self):
        self.sla(2, metric="first_response")
        with self.at("2026-03-16 09:00"):
            case = self.case()
            agent = case.with_user(self.agent)
            agent.message_post(body="Only for us", subtype_xmlid="mail.mt_note")
            case.message_post(
                body="From the customer",
                author_id=self.asker.id,
                message_type="email",
                subtype_xmlid="mail.mt_comment",
            )
            agent.message_post(
                body="By itself",
                message_type="auto_comment",
                subtype_xmlid="mail.mt_comment",
            )
            self.assertFalse(case.first_response_date)
        with self.at("2026-03-16 10:00"):
            agent.message_post(
                body="Dear customer",
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
            )
            self.assertEqual(case.first_response_date, self.now())
            self.assertState(case, "reached")
        with self.at("2026-03-16 11:00"):
            agent.message_post(
                body="And more",
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
            )
        self.assertEqual(case.first_response_date, self.local("2026-03-16 10:00"))

    def test_stages_are_reordered(self):
        """Stages mean what their outcome says, wherever they stand."""
        self.sla(8)
        with self.at("2026-03-16 09:00"):
            cases = self.env["crm.care.case"].union(*(self.case() for _ in range(20)))
            deadlines = cases.mapped("sla_deadline")
            self.env.flush_all()
            with self.assertQueryCount(10):
                for sequence, stage in enumerate(self.stages[::-1]):
                    stage.write({"sequence": sequence, "name": f"Stage {sequence}"})
                self.env.flush_all()
            cases.invalidate_recordset()
            self.assertEqual(cases.mapped("sla_deadline"), deadlines)
            self.assertEqual(set(cases.mapped("outcome")), {"open"})

    def test_a_stage_that_means_something_else(self):
        self.sla(8)
        with self.at("2026-03-16 09:00"):
            case = self.case()
        with self.at("2026-03-16 10:00"):
            self.open.outcome = "waiting"
            self.assertState(case, "paused")
        with self.at("2026-03-16 11:00"):
            self.open.outcome = "open"
            self.assertEqual(self.due_local(case), "Tue 2026-03-17 10:00")

    def test_the_database_agrees_with_python(self):
        """Every combination of dates, in both ways."""
        self.sla(8)
        with self.at("2026-03-16 09:00"):
            case = self.case()
            status = case.sla_status_ids
            dates = [False] + [
                self.local(f"2026-03-16 {hour:02}:00") for hour in (8, 9, 10)
            ]
            for deadline in dates:
                for reached in dates:
                    for paused in dates:
                        status.write(
                            {
                                "deadline": deadline,
                                "reached_date": reached,
                                "paused_since": paused,
                            }
                        )
                        case.sla_paused_since = paused
                        for record, name in ((status, "state"), (case, "sla_state")):
                            record.invalidate_recordset([name])
                            self.assertEqual(
                                self.state_in_database(record, name), record[name]
                            )

"""Working hours: of which company the holidays are, flexible hours, and that open cases
follow whatever becomes of a calendar."""

from odoo import Command

from .common import CareCommon


class TestCareCalendars(CareCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sla(8)

    def holiday(self, company, day="2026-03-16", **values):
        return (
            self.env["resource.calendar.leaves"]
            .with_company(company or self.company_a)
            .create(
                {
                    "name": "Holiday",
                    "company_id": company and company.id,
                    "date_from": self.local(f"{day} 00:00"),
                    "date_to": self.local(f"{day} 23:59:59"),
                    **values,
                }
            )
        )

    def flexible(self, **values):
        return self.make_calendar(
            "Flexible",
            hours=(),
            schedule_type="flexible",
            full_time_required_hours=40,
            hours_per_day=8,
            **values,
        )

    def assertFollowed(self, case, deadline=None):
        """What is stored is what is reckoned anew."""
        self.env.flush_all()
        self.env.invalidate_all()
        stored = case.sla_deadline
        case._apply_targets()
        self.assertEqual(case.sla_deadline, stored)
        if deadline:
            self.assertEqual(self.due_local(case), deadline)

    def test_holidays_of_other_companies(self):
        with self.at("2026-03-16 08:00"):
            case = self.case()
            today = "Mon 2026-03-16 17:00"
            self.assertFollowed(case, today)
            foreign = self.holiday(self.company_b)
            self.assertFollowed(case, today)
            self.assertEqual(self.due_local(self.case()), today)
            own = self.holiday(self.company_a)
            self.assertFollowed(case, "Tue 2026-03-17 17:00")
            own.unlink()
            self.assertFollowed(case, today)
            # It becomes one of no company, and of ours.
            self.env.cr.execute(
                "UPDATE resource_calendar_leaves SET company_id = NULL WHERE id = %s",
                [foreign.id],
            )
            foreign.invalidate_recordset()
            foreign.name = "Everywhere"
            self.assertFollowed(case, "Tue 2026-03-17 17:00")

    def test_a_calendar_of_all_companies(self):
        shared = self.make_calendar("Shared", company_id=False)
        self.team.resource_calendar_id = shared
        team_b = self.env["crm.care.team"].create(
            {
                "name": "B",
                "company_id": self.company_b.id,
                "resource_calendar_id": shared.id,
            }
        )
        self.sla(8, company_id=self.company_b.id)
        with self.at("2026-03-16 08:00"):
            case = self.case()
            case_b = self.case(team_id=team_b.id)
            self.holiday(self.company_b, calendar_id=shared.id)
            self.assertFollowed(case, "Mon 2026-03-16 17:00")
            self.assertFollowed(case_b, "Tue 2026-03-17 17:00")

    def test_a_holiday_that_changes(self):
        other = self.make_calendar("Other")
        with self.at("2026-03-16 08:00"):
            case = self.case()
            holiday = self.holiday(self.company_a)
            self.assertFollowed(case, "Tue 2026-03-17 17:00")
            holiday.calendar_id = other
            self.assertFollowed(case, "Mon 2026-03-16 17:00")
            holiday.calendar_id = False
            self.assertFollowed(case, "Tue 2026-03-17 17:00")
            holiday.time_type = "other"
            self.assertFollowed(case, "Mon 2026-03-16 17:00")

    def test_flexible_hours_do_not_depend_on_other_cases(self):
        self.team.resource_calendar_id = self.flexible()
        for opened in ("2026-03-16 15:00", "2026-03-18 07:00", "2026-03-14 20:00"):
            with self.subTest(opened), self.at(opened):
                case = self.case()
                alone = self.due_local(case)
                for earlier in ("2026-03-11 10:00", "2026-03-13 23:00"):
                    self.case(opened_date=self.local(earlier))
                self.team._open_cases()._apply_targets()
                self.assertEqual(self.due_local(case), alone)
        # 40 hours a week, 8 a day around noon, from Monday on.
        self.assertEqual(alone, "Mon 2026-03-16 16:00")

    def test_flexible_hours_over_summer_time_and_holidays(self):
        self.team.resource_calendar_id = self.flexible()
        self.holiday(self.company_a, "2026-03-30")
        with self.at("2026-03-27 14:00"):
            case = self.case()
            self.assertFollowed(case, "Tue 2026-03-31 14:00")

    def test_what_becomes_of_a_calendar(self):
        calendar = self.make_calendar("Mornings", hours=((8, 10),))
        self.team.resource_calendar_id = calendar
        with self.at("2026-03-16 08:00"):
            case = self.case()
            self.assertFollowed(case, "Thu 2026-03-19 10:00")
            calendar.active = False
            self.assertFollowed(case, "Thu 2026-03-19 10:00")
            calendar.write(
                {
                    "schedule_type": "flexible",
                    "full_time_required_hours": 40,
                    "hours_per_day": 8,
                }
            )
            self.assertFollowed(case, "Mon 2026-03-16 16:00")
            calendar.hours_per_day = 4
            self.assertFollowed(case, "Tue 2026-03-17 14:00")
            calendar.flexible_hours = False
            self.assertFollowed(case, "Thu 2026-03-19 10:00")
            calendar.switch_calendar_type()
            self.assertFollowed(case, "Thu 2026-03-19 10:00")
            week = self.env["resource.calendar.attendance"].get_week_type(self.now())
            calendar.attendance_ids.filtered(
                lambda attendance: (
                    attendance.week_type == str(week) and not attendance.display_type
                )
            ).unlink()
            self.assertFollowed(case, "Thu 2026-03-26 10:00")
            calendar.tz = "Asia/Shanghai"
            self.assertFollowed(case, "Thu 2026-03-26 03:00")
            calendar.unlink()
            self.assertFalse(self.team.resource_calendar_id)
            self.assertFollowed(case, "Mon 2026-03-16 16:00")

    def test_hours_by_their_duration(self):
        calendar = self.make_calendar("Days", hours=((8, 12),))
        self.team.resource_calendar_id = calendar
        calendar.duration_based = True
        calendar.attendance_ids.write({"day_period": "full_day", "duration_hours": 4})
        with self.at("2026-03-16 08:00"):
            case = self.case()
            self.assertFollowed(case, "Tue 2026-03-17 14:00")
            calendar.attendance_ids[0].duration_hours = 8
            self.assertFollowed(case, "Mon 2026-03-16 16:00")

    def test_holidays_of_a_deleted_calendar_are_the_companys(self):
        """So Odoo has it."""
        gone = self.make_calendar("Gone")
        with self.at("2026-03-16 08:00"):
            case = self.case()
            self.holiday(self.company_a, calendar_id=gone.id)
            self.assertFollowed(case, "Mon 2026-03-16 17:00")
            gone.unlink()
            self.assertFollowed(case)

    def test_cases_put_away_follow_too(self):
        with self.at("2026-03-16 08:00"):
            case = self.case()
            case.active = False
            self.team.resource_calendar_id = False
            case.active = True
            self.assertFollowed(case, "Mon 2026-03-16 16:00")

    def test_time_zones_come_from_nobodys_context(self):
        with self.at("2026-03-16 08:00"):
            case = self.case()
            case.with_context(employee_timezone="Asia/Shanghai")._apply_targets()
            self.assertFollowed(case, "Mon 2026-03-16 17:00")

    # -- Who works now

    def resource(self, user, **values):
        return self.env["resource.resource"].create(
            {
                "name": user.name,
                "user_id": user.id,
                "company_id": self.company_a.id,
                "calendar_id": self.calendar.id,
                "tz": "Europe/Brussels",
                **values,
            }
        )

    def test_who_works_now(self):
        self.team.member_ids = self.agent + self.agent_2
        members = self.team.member_ids
        self.resource(self.agent)
        shared = self.resource(self.agent_2, company_id=False, calendar_id=False)
        with self.at("2026-03-16 10:00"):
            self.assertEqual(self.team._working(members), members)
            self.holiday(self.company_b)
            self.assertEqual(self.team._working(members), members)
            # Time off from work for another company.
            elsewhere = self.holiday(self.company_b, resource_id=shared.id)
            self.env.flush_all()
            elsewhere.company_id = self.company_b
            self.assertEqual(self.team._working(members), members)
            off = self.holiday(self.company_a, resource_id=shared.id)
            self.assertEqual(self.team._working(members), self.agent)
            off.unlink()
            self.holiday(self.company_a)
            self.assertFalse(self.team._working(members))
        with self.at("2026-03-17 10:00"):
            self.assertEqual(self.team._working(members), members)
        with self.at("2026-03-17 12:30"):
            self.assertFalse(self.team._working(members))

    def test_an_employee_of_two_companies(self):
        elsewhere = self.resource(
            self.agent, company_id=self.company_b.id, calendar_id=False
        )
        self.holiday(self.company_b, resource_id=elsewhere.id)
        with self.at("2026-03-16 10:00"):
            self.assertEqual(self.team._working(self.agent), self.agent)

    def test_assignment_over_a_foreign_holiday(self):
        self.team.write(
            {
                "assignment": "turn",
                "assign_working_only": True,
                "member_ids": [Command.set(self.agent.ids)],
            }
        )
        self.holiday(self.company_b)
        with self.at("2026-03-16 10:00"):
            self.assertEqual(self.case().user_id, self.agent)

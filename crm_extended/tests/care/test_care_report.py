"""Reports on service care, held against figures worked out by hand."""

from odoo import Command
from odoo.exceptions import AccessError

from .common import CareCommon

SLA, CASE, BACKLOG = "crm.care.sla.report", "crm.care.case.report", "crm.care.backlog"
HOURS = {"median": "first_response_median:avg", "p90": "first_response_p90:avg"}


class TestCareReport(CareCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.tz = "Europe/Brussels"
        # Works day and night.
        cls.clock_team = cls.env["crm.care.team"].create(
            {
                "name": "Clock",
                "company_id": cls.company_a.id,
                "member_ids": [Command.set(cls.agent_2.ids)],
                "acknowledge_template_id": False,
            }
        )
        cls.clock_team.resource_calendar_id = False

    def answered(self, opened, answered, **values):
        with self.at(opened):
            case = self.case(**values)
        with self.at(answered):
            case._note_first_response(self.now())
        return case

    def four_and_one(self):
        """Four answered by a team after 1, 2, 5 and 9 of its hours, one by another team
        after 30 hours by the clock."""
        monday = "2026-03-16 08:00"
        for answer in ("16 09:00", "16 10:00", "16 14:00", "17 09:00"):
            self.answered(monday, f"2026-03-{answer}", user_id=self.agent.id)
        self.answered(
            monday, "2026-03-17 14:00", team_id=self.clock_team.id, type="complaint"
        )

    def ask(self, model, groups, *measures, domain=(), user=None, **context):
        """Groups of a report as the pivot asks for them."""
        report = self.env[model].with_context(**context)
        if user:
            report = report.with_user(user)
        own = [("company_id", "=", self.company_a.id), *domain]
        return report.formatted_read_grouping_sets(own, groups, list(measures))

    def total(self, model, *measures, **options):
        [[row]] = self.ask(model, [[]], *measures, **options)
        return [row[measure] for measure in measures]

    # -- Hours

    def test_hours_are_those_of_the_team_without_pauses(self):
        with self.at("2026-03-16 08:00"):
            case = self.case()
        self.assertFalse(case.resolution_hours)
        with self.at("2026-03-16 10:00"):
            case.stage_id = self.waiting
        with self.at("2026-03-16 15:00"):
            # Staff asks on while it waits: that time is the customer's.
            case._note_first_response(self.now())
        self.assertEqual(case.first_response_hours, 2)
        with self.at("2026-03-17 10:00"):
            case.stage_id = self.open
        with self.at("2026-03-17 12:00"):
            case.stage_id = self.solved
        self.assertEqual(case.resolution_hours, 4)
        with self.at("2026-03-18 08:00"):
            case.stage_id = self.open
            self.assertFalse(case.resolution_hours)
        with self.at("2026-03-18 10:00"):
            case.stage_id = self.solved
        self.assertEqual(case.resolution_hours, 6)
        self.assertEqual(case.first_response_hours, 2)

    def test_hours_follow_the_dates_and_nothing_else(self):
        case = self.answered("2026-03-17 08:00", "2026-03-17 10:00")
        case.opened_date = self.local("2026-03-16 15:00")
        self.assertEqual(case.first_response_hours, 4)
        self.team.resource_calendar_id = self.make_calendar("Mornings", ((8, 9),))
        self.env.flush_all()
        self.assertEqual(case.first_response_hours, 4)
        with self.at("2026-03-17 12:00"):
            case.stage_id = self.cancelled
        self.assertFalse(case.resolution_hours)

    def test_a_calendar_that_never_opens(self):
        self.team.resource_calendar_id = self.make_calendar("Never", ())
        case = self.answered("2026-03-16 08:00", "2026-03-17 08:00")
        self.assertEqual(case.first_response_hours, 0)

    # -- Medians

    def test_medians_of_groups_and_of_totals(self):
        self.four_and_one()
        measures = [*HOURS.values(), "first_response_hours:avg", "__count"]
        [[total], teams] = self.ask(CASE, [[], ["team_id"]], *measures)
        # 1, 2, 5, 9 and 30: not the mean of 3.5 and 30.
        self.assertEqual([total[name] for name in measures], [5, 21.6, 9.4, 5])
        of_team = {row["team_id"][0]: [row[name] for name in measures] for row in teams}
        own, clock = of_team[self.team.id], of_team[self.clock_team.id]
        self.assertEqual(own[0], 3.5)
        self.assertAlmostEqual(own[1], 7.8)
        self.assertEqual(own[2:], [4.25, 4])
        self.assertEqual(clock, [30, 30, 30, 1])

    def test_medians_also_of_other_aggregates(self):
        """Spreadsheets offer others than the field's own; none is of any use."""
        self.four_and_one()
        asked = [f"first_response_median:{name}" for name in ("sum", "min", "max")]
        self.assertEqual(self.total(CASE, *asked), [5, 5, 5])
        self.assertEqual(self.total(CASE, "first_response_hours:max"), [30])

    def test_none_one_and_all_equal(self):
        for median in self.total(CASE, *HOURS.values()):
            self.assertFalse(median)
        with self.at("2026-03-16 08:00"):
            # Not answered: it is no answer after no time.
            self.case()
        self.assertFalse(self.total(CASE, HOURS["median"])[0])
        for _ in range(3):
            self.answered("2026-03-16 08:00", "2026-03-16 10:00")
            self.assertEqual(self.total(CASE, *HOURS.values()), [2, 2])

    # -- Reopening, first contact

    def test_reopened_and_first_contact(self):
        with self.at("2026-03-16 08:00"):
            once, again, asked, cancelled, going = (self.case() for _ in range(5))
            asked.stage_id = self.waiting
        with self.at("2026-03-16 10:00"):
            (once + again).stage_id = self.solved
            cancelled.stage_id = self.cancelled
        with self.at("2026-03-16 11:00"):
            again.stage_id = self.open
            asked.stage_id = self.open
        measures = ["reopened:avg", "first_contact:avg", "open_count:sum"]
        # Closed at least once: three, of which one came back. Solved: one.
        self.assertEqual(self.total(CASE, *measures), [1 / 3, 1, 3])
        with self.at("2026-03-16 12:00"):
            (again + asked).stage_id = self.solved
        self.assertEqual(self.total(CASE, *measures), [1 / 4, 1 / 3, 1])
        self.assertTrue(going)

    # -- Attainment

    def test_attainment_is_true_at_every_moment(self):
        self.sla(4, metric="first_response")
        self.four_and_one()
        with self.at("2026-03-17 08:00"):
            self.case(type="repair")
        measures = [
            "attainment:avg",
            "reached_count:sum",
            "missed_count:sum",
            "going_count:sum",
        ]
        with self.at("2026-03-17 10:00"):
            # Reached after 1 and 2 hours; missed after 5, 9 and 30; one is running.
            self.assertEqual(self.total(SLA, *measures), [0.4, 2, 3, 1])
        with self.at("2026-03-17 14:00"):
            # Nobody has written anything meanwhile.
            self.assertEqual(self.total(SLA, *measures), [2 / 6, 2, 4, 0])
            types = self.ask(SLA, [["type"]], *measures)[0]
        self.assertEqual(
            {row["type"]: row["attainment:avg"] for row in types},
            {"request": 0.5, "complaint": 0, "repair": 0},
        )
        states = self.ask(SLA, [["state"]], "__count")[0]
        self.assertEqual(
            {row["state"]: row["__count"] for row in states},
            {"reached": 2, "failed": 4},
        )

    def test_attainment_by_the_tier_at_that_time(self):
        tiers = self.env["crm.loyalty.tier"].create(
            [
                {"name": name, "company_id": self.company_a.id, "rise_amount": amount}
                for name, amount in (("Low", 100), ("High", 200))
            ]
        )
        member = self.env["crm.loyalty.membership"].create(
            {
                "partner_id": self.asker.id,
                "company_id": self.company_a.id,
                "tier_id": tiers[0].id,
                "date_from": "2026-01-01",
            }
        )
        self.sla(4, metric="first_response")
        self.answered("2026-03-16 08:00", "2026-03-16 09:00")
        with self.at("2026-03-16 10:00"):
            self.env["crm.care.case"].search(
                [("partner_id", "=", self.asker.id)]
            ).stage_id = self.solved
        member.tier_id = tiers[1]
        [rows] = self.ask(SLA, [["tier_id"]], "attainment:avg")
        self.assertEqual(
            [(row["tier_id"][0], row["attainment:avg"]) for row in rows],
            [(tiers[0].id, 1)],
        )

    # -- Backlog

    def test_backlog_at_the_end_of_days_and_months(self):
        with self.at("2026-02-27 10:00"):
            first, second = self.case(), self.case()
        with self.at("2026-02-28 23:30"):
            # Already March in Brussels' summer, not yet in its winter.
            self.case(team_id=self.clock_team.id)
        with self.at("2026-03-02 10:00"):
            first.stage_id = self.solved
        with self.at("2026-03-04 10:00"):
            second.stage_id = self.cancelled
            self.case()
        with self.at("2026-03-05 12:00"):
            days, months, teams, [total] = self.ask(
                BACKLOG,
                [["date:day"], ["date:month"], ["team_id"], []],
                "open_cases:sum",
                care_date_from="2026-02-26",
            )
            lines = self.env[BACKLOG].search_count([])
        self.assertEqual(
            [row["open_cases:sum"] for row in days], [0, 2, 3, 3, 2, 2, 2, 2]
        )
        self.assertEqual([row["open_cases:sum"] for row in months], [3, 2])
        self.assertEqual(
            {row["team_id"][0]: row["open_cases:sum"] for row in teams},
            {self.team.id: 1, self.clock_team.id: 1},
        )
        # Of several days the last, not their sum.
        self.assertEqual(total["open_cases:sum"], 2)
        self.assertEqual(lines % 366, 0)

    def test_backlog_of_many_years_is_told_by_weeks(self):
        with self.at("2026-03-05 12:00"):
            report = self.env[BACKLOG].with_context(care_date_from="1900-01-01")
            days = report._days()
            self.assertEqual(len(days), 521)
            self.assertEqual(days[-1].isoformat(), "2026-03-05")
            self.assertEqual(
                {(b - a).days for a, b in zip(days, days[1:], strict=False)}, {7}
            )
            for odd in ("2030-01-01", "2026-03-05"):
                self.assertEqual(
                    len(report.with_context(care_date_from=odd)._days()), 1
                )

    # -- Who sees what

    def test_hidden_cases_are_in_no_group_and_no_total(self):
        self.sla(4, metric="first_response")
        self.four_and_one()
        with self.at("2026-03-17 18:00"):
            for user, count, median in (
                (self.care_manager, 5, 5),
                # His own; the one of the other team is not his.
                (self.agent, 4, 3.5),
                (self.agent_team, 4, 3.5),
                # Unassigned, of his own team.
                (self.agent_2, 1, 30),
                (self.salesman, 5, 5),
            ):
                with self.subTest(user.login):
                    measures = ["__count", HOURS["median"]]
                    self.assertEqual(
                        self.total(CASE, *measures, user=user), [count, median]
                    )
                    [rows] = self.ask(CASE, [["team_id"]], "__count", user=user)
                    self.assertEqual(sum(row["__count"] for row in rows), count)
                    self.assertEqual(self.total(SLA, "__count", user=user), [count])
                    self.assertEqual(
                        self.total(BACKLOG, "open_cases:sum", user=user), [count]
                    )
        hidden = self.env[CASE].search([("team_id", "=", self.clock_team.id)])
        with self.assertRaises(AccessError):
            hidden.with_user(self.agent).read(["first_response_hours"])
        hidden.with_user(self.salesman).read(["first_response_hours"])
        for model in (SLA, CASE, BACKLOG):
            for user in (self.employee, self.portal):
                with self.assertRaises(AccessError):
                    self.total(model, "__count", user=user)
            for right in ("create", "write", "unlink"):
                self.assertFalse(
                    self.env[model].with_user(self.care_manager).has_access(right)
                )

    def test_each_company_its_own(self):
        self.four_and_one()
        team_b = self.env["crm.care.team"].create(
            {"name": "B", "company_id": self.company_b.id}
        )
        team_b.resource_calendar_id = False
        self.answered("2026-03-16 08:00", "2026-03-16 20:00", team_id=team_b.id)
        both = (self.company_a + self.company_b).ids
        self.care_manager.company_ids = [Command.set(both)]
        report = self.env[CASE].with_user(self.care_manager)
        for companies, found in (([both[0]], [5]), ([both[1]], [12]), (both, [5, 12])):
            rows = report.with_context(
                allowed_company_ids=companies
            ).formatted_read_group([], ["company_id"], [HOURS["median"]])
            self.assertEqual(sorted(row[HOURS["median"]] for row in rows), found)
        [total] = report.with_context(allowed_company_ids=both).formatted_read_group(
            [], [], [HOURS["median"]]
        )
        # 1, 2, 5, 9, 12, 30.
        self.assertEqual(total[HOURS["median"]], 7)

    def test_archived_cases_are_left_out_unless_asked_for(self):
        case = self.answered("2026-03-16 08:00", "2026-03-16 10:00")
        case.active = False
        self.assertEqual(self.total(CASE, "__count"), [0])
        self.assertEqual(self.total(BACKLOG, "__count"), [0])
        archived = [("active", "=", False)]
        self.assertEqual(self.total(CASE, "__count", domain=archived), [1])

    # -- Speed

    def test_queries_do_not_grow_with_cases(self):
        self.sla(4, metric="first_response")
        asked = (
            (CASE, [[], ["team_id"], ["team_id", "opened_date:month"]]),
            (SLA, [[], ["sla_id"], ["sla_id", "user_id"]]),
            (BACKLOG, [["date:week", "team_id"]]),
        )
        counts = []
        # Once to fill caches.
        for _ in range(3):
            self.four_and_one()
            self.env.flush_all()
            counts.append([])
            for model, groups in asked:
                counts[-1].append(self.count_queries(model, groups))
        self.assertEqual(counts[1], counts[2])

    def count_queries(self, model, groups):
        """Of two times the fewer: after many tests Odoo's caches are full, and what it has
        dropped from them is asked for once more."""
        found = []
        for _ in range(2):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.ask(model, groups, "__count", user=self.care_manager)
            found.append(self.env.cr.sql_log_count - before)
        return min(found)

    def test_a_row_opens_its_case(self):
        self.sla(4)
        case = self.answered("2026-03-16 08:00", "2026-03-16 09:00")
        for model in (CASE, SLA):
            row = self.env[model].search([("case_id", "=", case.id)])
            self.assertEqual(row.action_open_case()["res_id"], case.id)
            self.assertEqual(row.display_name, case.display_name)

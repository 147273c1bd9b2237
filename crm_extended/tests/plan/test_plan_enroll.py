import hashlib
from datetime import date, datetime, timedelta

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import mute_logger

from .common import PlanCommon


class TestPlanEnroll(PlanCommon):
    """Who is enrolled, by what, and who is not."""

    def enrolled(self, plan):
        return self.of(plan).partner_id

    # -- Segments

    def scored(self):
        """Customers with a score, after two updates by the same settings."""
        self.old = self.customer("Old")
        self.buy(self.old, 500, days_ago=300)
        for number in range(1, 6):
            other = self.customer(f"Other {number}")
            for days in range(number):
                self.buy(other, 100 * number, days_ago=200 - 30 * days)
        self.refresh()
        self.refresh()

    def segment_of(self, customer):
        return self.score(customer).segment_id

    def test_moved_to_a_segment(self):
        self.scored()
        was = self.segment_of(self.old)
        everywhere = self.env["crm.rfm.segment"].search(
            [("company_id", "in", (False, self.company_a.id)), ("id", "!=", was.id)]
        )
        plan = self.new_plan(self.log(), trigger="segment", segment_ids=everywhere.ids)
        left = self.new_plan(self.log(), trigger="segment_left", segment_ids=was.ids)
        first = self.new_plan(self.log(), trigger="first_purchase")
        for _each in range(3):
            self.buy(self.old, 900)
        self.buy(new := self.customer("New"), 10)
        self.buy(late := self.customer("Late"), 10, days_ago=100)
        self.refresh()
        self.assertNotEqual(self.segment_of(self.old), was)
        self.assertIn(self.old, self.enrolled(plan))
        self.assertEqual(self.enrolled(left), self.old)
        self.assertEqual(self.enrolled(first), new)
        self.assertNotIn(late, self.enrolled(first))

    def moving(self):
        """A plan that each customer with a new segment enters, and one who will move."""
        self.scored()
        plan = self.new_plan(
            self.log(),
            trigger="segment",
            segment_ids=self.env["crm.rfm.segment"].search([]).ids,
        )
        for _each in range(3):
            self.buy(self.old, 900)
        return plan

    def test_other_days_and_definitions_enroll_no_one(self):
        plan = self.moving()
        self.refresh(as_of=self.today - timedelta(days=1))
        self.assertFalse(self.of(plan))
        self.company_a.rfm_definition_changed = True
        self.refresh()
        self.assertFalse(self.of(plan))

    def test_changed_settings_enroll_no_one(self):
        plan = self.moving()
        self.company_a.rfm_bins = 3
        self.refresh()
        self.assertFalse(self.of(plan))
        # The next update is by the settings of the one before.
        self.buy(new := self.customer("New"), 10)
        self.refresh()
        self.assertIn(new, self.enrolled(plan))

    def test_changed_grid_enrolls_no_one(self):
        plan = self.moving()
        segment = self.segment_of(self.old)
        segment.copy({"sequence": -5, "company_id": self.company_a.id})
        self.refresh()
        self.assertFalse(self.of(plan))

    def test_an_update_enrolls_once(self):
        plan = self.moving()
        plan.reentry = "after_exit"
        refresh = self.refresh()
        enrollment = self.of(plan).filtered(lambda each: each.partner_id == self.old)
        self.assertEqual(len(enrollment), 1)
        enrollment.action_exit()
        changes = self.env["crm.rfm.change"].search(
            [
                ("id", ">=", refresh.first_change_id),
                ("company_id", "=", self.company_a.id),
            ]
        )
        changes._start_plans()
        self.assertEqual(len(self.of(plan, self.old)), 1)

    # -- Cases and tiers

    def test_solved_cases(self):
        solved = self.new_plan(self.log(), trigger="case_solved")
        complaint = self.new_plan(self.log(), trigger="complaint_solved")
        stopped = self.new_plan(
            self.log(), trigger="case_solved", company=self.company_b
        )
        cases = self.env["crm.care.case"].create(
            [
                {
                    "name": "Broken",
                    "partner_id": self.customer(kind).id,
                    "team_id": self.team.id,
                    "type": kind,
                }
                for kind in ("request", "complaint")
            ]
        )
        self.assertFalse(self.of(solved))
        cases[1].write(
            {"cause": "x", "corrective_action": "y", "stage_id": self.solved.id}
        )
        cases[0].stage_id = self.solved
        self.assertEqual(self.enrolled(solved), cases.partner_id)
        self.assertEqual(self.enrolled(complaint), cases[1].partner_id)
        self.assertFalse(self.of(stopped))

    def test_tiers_by_reason(self):
        tiers = self.env["crm.loyalty.tier"].create(
            [
                {"name": name, "company_id": self.company_a.id, "sequence": number}
                for number, name in enumerate(("Base", "Top"), 90)
            ]
        )
        up = self.new_plan(self.log(), trigger="tier_up")
        down = self.new_plan(self.log(), trigger="tier_down", tier_ids=tiers[1].ids)
        people = dict(
            zip(
                ("earned", "fell", "ladder_changed", "by_hand"),
                self.customers(4),
                strict=True,
            )
        )
        changes = self.env["crm.loyalty.change"].create(
            [
                {
                    "partner_id": customer.id,
                    "company_id": self.company_a.id,
                    "date": self.today,
                    "reason": reason,
                    "old_tier_id": tiers[reason == "fell"].id,
                    "new_tier_id": tiers[reason != "fell"].id,
                }
                for reason, customer in people.items()
            ]
        )
        changes._dispatch()
        self.assertEqual(self.enrolled(up), people["earned"])
        self.assertEqual(self.enrolled(down), people["fell"])

    # -- Who

    def test_one_open_enrollment(self):
        plan = self.new_plan(self.log(1), reentry="after_exit")
        customer = self.customer()
        self.assertEqual(plan.enroll(customer), 1)
        self.assertEqual(plan.enroll(customer), 0)
        enrollment = self.of(plan)
        self.assertEqual(enrollment.event_count, 2)
        with (
            self.assertRaises(IntegrityError),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            enrollment.copy()
        enrollment.action_exit()
        self.assertEqual(enrollment.exit_reason, "manual")
        self.assertEqual(plan.enroll(customer), 1)

    def test_reentry(self):
        never = self.new_plan(self.log())
        days = self.new_plan(self.log(), reentry="after_days", reentry_days=30)
        customer = self.customer()
        for plan in never | days:
            plan.enroll(customer)
        self.run_due()
        for later, count in ((10, 1), (31, 2)):
            with freeze_time(datetime.now() + timedelta(days=later)):
                for plan in never | days:
                    plan.enroll(customer)
            self.assertEqual(len(self.of(days)), count)
        self.assertEqual(len(self.of(never)), 1)

    def test_exclusion_group(self):
        group = self.env["crm.care.plan.group"].create(
            {"name": "One at a time", "company_id": self.company_a.id}
        )
        first, second = (
            self.new_plan(self.log(1), exclusion_group_id=group.id) for _each in "ab"
        )
        customer = self.customer()
        self.assertEqual(first.enroll(customer), 1)
        self.assertEqual(second.enroll(customer), 0)
        self.run_due(days=2)
        self.assertEqual(second.enroll(customer), 1)

    def test_who_it_is_for(self):
        plan = self.new_plan(self.log(), domain="[('ref', '=', 'vip')]")
        vip, other, archived = self.customers(3)
        (vip | archived).ref = "vip"
        archived.active = False
        person = self.customer("Person", parent_id=vip.id)
        self.assertEqual(plan.enroll(person | other | archived), 1)
        self.assertEqual(self.enrolled(plan), vip)
        with self.assertRaises(ValidationError):
            plan.domain = "[('nonsense', '=', 1)]"

    def test_refusals(self):
        consents = self.env["crm.consent"]
        profiling = self.env.ref("crm_extended.purpose_profiling")
        self.scored()
        segment = self.segment_of(self.old)
        chosen = self.new_plan(self.log(), segment_ids=segment.ids)
        plain = self.new_plan(self.log())
        consents.create(
            {
                "partner_id": self.old.id,
                "company_id": self.company_a.id,
                "purpose_id": profiling.id,
                "state": "refused",
            }
        )
        self.assertEqual(chosen.enroll(self.old), 0)
        self.assertEqual(plain.enroll(self.old), 1)
        consents.create(
            {
                "partner_id": self.old.id,
                "company_id": self.company_a.id,
                "purpose_id": self.purpose.id,
                "state": "refused",
            }
        )
        self.assertEqual(self.of(plain).exit_reason, "opted_out")
        plain.reentry = "after_exit"
        self.assertEqual(plain.enroll(self.old), 0)

    def test_most_a_day(self):
        plan = self.new_plan(self.log(), max_per_day=2)
        customers = self.customers(5)
        for number, customer in enumerate(customers, 1):
            self.buy(customer, 100 * number)
        self.refresh()
        plan.enroll(customers)
        first = self.of(plan).filtered(lambda each: each.state == "running")
        self.assertEqual(first.partner_id, customers[3:])
        self.run_due()
        engine = self.enrollments.with_company(self.company_a)
        engine._let_in()
        self.assertEqual(
            self.of(plan).filtered(lambda each: each.state == "waiting").partner_id,
            customers[:3],
        )
        with freeze_time(datetime.now() + timedelta(days=1)):
            engine._let_in()
        self.assertEqual(
            self.of(plan).filtered(lambda each: each.state == "running").partner_id,
            customers[1:3],
        )

    def test_control_group(self):
        plan = self.new_plan(self.tagging(), control_percent=50)
        customers = self.customers(60)
        plan.enroll(customers)
        expected = customers.filtered(
            lambda customer: (
                int(
                    hashlib.sha256(f"{plan.salt}:{customer.id}".encode()).hexdigest()[
                        :8
                    ],
                    16,
                )
                < 0.5 * 2**32
            )
        )
        control = self.of(plan).filtered(lambda each: each.arm == "control")
        self.assertEqual(control.partner_id.sorted(), expected.sorted())
        self.run_due(days=5)
        self.assertFalse(expected.category_id)
        self.assertEqual((customers - expected).category_id, self.tag)
        with freeze_time(datetime.now() + timedelta(days=31)):
            self.env["crm.care.plan.run"]._end_goals(plan)
        self.assertEqual(set(control.mapped("state")), {"done"})

    def test_also_those_who_match(self):
        customers = self.customers(3)
        customers[:2].ref = "match"
        plan = self.new_plan(self.log(), start=False, domain="[('ref', '=', 'match')]")
        plan.action_start()
        self.assertFalse(self.of(plan))
        plan.action_end()
        self.assertEqual(plan._count_matching(), 2)
        plan.action_start(also_matching=True)
        self.assertEqual(self.enrolled(plan), customers[:2])

    # -- States

    def test_pause_and_resume(self):
        plan = self.new_plan(self.log(3))
        plan.enroll(self.customer())
        enrollment = self.of(plan)
        planned = enrollment.planned_date
        plan.action_pause()
        self.assertEqual(enrollment.state, "held")
        self.assertEqual(self.run_due(days=30), 0)
        self.assertEqual(
            plan.enroll(self.customer()) if plan.state == "running" else 0, 0
        )
        with freeze_time(datetime.now() + timedelta(days=20, hours=5)):
            plan.action_resume()
        self.assertEqual(enrollment.state, "running")
        self.assertEqual(enrollment.planned_date, planned + timedelta(days=20))
        self.assertEqual(enrollment.next_date, enrollment.planned_date)

    def test_ended_plan_lets_all_leave(self):
        plan = self.new_plan(self.log(3))
        plan.enroll(self.customers(2))
        plan.action_end()
        self.assertEqual(set(self.of(plan).mapped("exit_reason")), {"ended"})
        with self.assertRaises(UserError):
            plan.enroll(self.customer())

    def test_stopped_company(self):
        plan = self.new_plan(self.log())
        self.company_a.care_plans_stopped = True
        self.assertEqual(plan.enroll(self.customer()), 0)
        self.company_a.care_plans_stopped = False
        self.env["crm.feature"]._switch(plans=False)
        self.assertEqual(plan.enroll(self.customer()), 0)

    def test_versions(self):
        plan = self.new_plan(self.log(1), self.tagging(7))
        first, second = self.customers(2)
        plan.enroll(first)
        with self.assertRaises(UserError):
            plan.version_id.step_ids[0].name = "Other"
        old = plan.version_id
        new = plan._get_draft()
        self.assertEqual(new.number, 2)
        new.step_ids[1].unlink()
        self.add_steps(new, {"sequence": 9, **self.activity(3)})
        new.action_publish()
        plan.enroll(second)
        self.assertEqual(self.of(plan, first).version_id, old)
        self.assertEqual(self.of(plan, second).version_id, new)
        self.assertEqual(new.action_move_here(), 1)
        self.assertEqual(self.of(plan, first).step_id, new.step_ids[0])
        self.run_due(days=30)
        self.assertFalse((first | second).category_id)
        self.assertEqual(len((first | second).activity_ids), 2)
        # Whose step is not in the next version finishes theirs.
        self.assertEqual(self.of(plan).mapped("state"), ["done", "done"])

    # -- Leaving

    def test_archived_moved_and_goal(self):
        plan = self.new_plan(self.log(1), goal="purchase", goal_amount=50)
        archived, moved, buyer, small = self.customers(4)
        plan.enroll(archived | moved | buyer | small)
        archived.active = False
        self.assertEqual(self.of(plan, archived).exit_reason, "archived")
        moved.parent_id = self.customer("Company", is_company=True)
        for customer, amount in ((buyer, 60), (small, 40)):
            self.buy(customer, amount, days_ago=-1)
        self.run_due(days=3)
        self.assertEqual(self.of(plan, moved).exit_reason, "moved")
        self.assertEqual(self.of(plan, buyer).exit_reason, "goal")
        self.assertEqual(self.of(plan, small).state, "done")

    def test_exit_condition(self):
        plan = self.new_plan(self.log(1), exit_domain="[('ref', '=', 'out')]")
        stays, leaves = self.customers(2)
        plan.enroll(stays | leaves)
        leaves.ref = "out"
        self.run_due(days=2)
        self.assertEqual(self.of(plan, leaves).exit_reason, "condition")
        self.assertEqual(self.of(plan, stays).state, "done")
        # As the editor leaves it when all rules are removed.
        empty = self.new_plan(self.log(), exit_domain="[]", domain="[]")
        empty.enroll(stays)
        self.run_due()
        self.assertEqual(self.of(empty).state, "done")

    def test_merged(self):
        plan = self.new_plan(self.log(), self.tagging(7))
        other = self.new_plan(self.log(1))
        behind, ahead = self.customers(2)
        plan.enroll(ahead)
        self.run_due()
        plan.enroll(behind)
        other.enroll(ahead)
        kept = self.of(plan, ahead)
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (ahead | behind).ids, behind, extra_checks=False
        )
        self.env.invalidate_all()
        self.assertEqual(kept.partner_id, behind)
        self.assertEqual(kept.state, "running")
        self.assertEqual((self.of(plan) - kept).mapped("exit_reason"), ["merged"])
        self.assertEqual(self.of(other).partner_id, behind)
        self.assertEqual(self.of(other).state, "running")

    # -- The nightly look

    def look(self, plan, day=0):
        with freeze_time(
            datetime.combine(self.today, datetime.min.time())
            + timedelta(days=day, hours=3)
        ):
            return self.env["crm.care.plan.run"]._look(plan)

    def test_days_after_a_purchase(self):
        plan = self.new_plan(self.log(), trigger="purchase", trigger_days=10)
        exact, early, late = self.customers(3)
        for customer, days in ((exact, 10), (early, 9), (late, 11)):
            self.buy(customer, days_ago=days)
        self.assertEqual(self.look(plan).enrolled_count, 1)
        self.assertEqual(self.enrolled(plan), exact)
        # Each day once.
        self.assertFalse(self.look(plan))
        # Three days back at most.
        run = self.look(plan, day=6)
        self.assertEqual(run.date_from, self.today + timedelta(days=3))
        self.assertEqual(run.skipped_days, 2)
        self.assertNotIn(early, self.enrolled(plan))

    def test_inactive(self):
        plan = self.new_plan(self.log(), trigger="inactive", trigger_days=30)
        inactive, active = self.customers(2)
        for customer, days in ((inactive, 30), (active, 30), (active, 2)):
            self.env["crm.interaction"].create(
                {
                    "partner_id": customer.id,
                    "company_id": self.company_a.id,
                    "channel": "phone",
                    "date": self.now() - timedelta(days=days),
                    "summary": "Called",
                }
            )
        self.env["crm.last.contact"]._flush_pending()
        self.look(plan)
        self.assertEqual(self.enrolled(plan), inactive)

    def test_dates_of_persons(self):
        kind = self.env["crm.customer.date.kind"].create(
            {"name": "Birthday", "company_id": self.company_a.id}
        )
        plan = self.new_plan(self.log(), trigger="date", date_kind_id=kind.id)
        company = self.customer("Company", is_company=True)
        leap, person, young = (
            self.customer("Leap"),
            self.customer("Person", parent_id=company.id),
            self.customer("Young"),
        )
        for customer, day in (
            (leap, date(2024, 2, 29)),
            (person, date(1990, 2, 28)),
            (young, date(2027, 2, 28)),
        ):
            self.env["crm.customer.date"].create(
                {
                    "partner_id": customer.id,
                    "company_id": self.company_a.id,
                    "kind_id": kind.id,
                    "date": day,
                }
            )
        with freeze_time("2027-02-28 03:00"):
            self.env["crm.care.plan.run"]._look(plan)
        self.assertEqual(self.enrolled(plan), leap | company)

    def test_anniversary_and_regular(self):
        anniversary = self.new_plan(self.log(), trigger="anniversary")
        regular = self.new_plan(
            self.log(), trigger="regular", trigger_days=30, domain="[('ref', '=', 'r')]"
        )
        old, new = self.customers(2)
        self.buy(old, days_ago=(self.today - self.today.replace(year=2024)).days)
        self.buy(new)
        self.company_a.rfm_window_months = 0
        self.refresh()
        self.look(anniversary)
        self.assertEqual(self.enrolled(anniversary), old)
        new.ref = "r"
        for day, count in ((0, 1), (1, 1), (29, 1), (31, 2)):
            self.look(regular, day)
            self.run_due(days=day + 1)
            self.assertEqual(len(self.of(regular)), count, day)

    # -- Access

    def test_access(self):
        mine, other = self.customers(2)
        mine.user_id = self.salesman
        plan = self.new_plan(self.log())
        control = self.new_plan(self.log(), control_percent=90)
        plan.enroll(mine | other)
        control.enroll(mine | other)
        self.env.cr.execute(
            "UPDATE crm_care_enrollment SET arm = 'control' WHERE plan_id = %s",
            [control.id],
        )
        self.env.invalidate_all()
        self.run_due()
        seen = self.enrollments.with_user(self.salesman)
        self.assertEqual(
            seen.search([("plan_id", "in", (plan | control).ids)]).partner_id, mine
        )
        self.assertEqual(seen.search([("plan_id", "=", plan.id)]).plan_id, plan)
        self.assertFalse(seen.search([("plan_id", "=", control.id)]))
        lines = self.lines.with_user(self.salesman).search([("plan_id", "=", plan.id)])
        self.assertEqual(lines.partner_id, mine)
        with self.assertRaises(AccessError):
            self.of(plan, mine).with_user(self.salesman).read(["arm"])
        with self.assertRaises(AccessError):
            self.of(plan, mine).with_user(self.salesman).action_exit()
        with self.assertRaises(AccessError):
            plan.with_user(self.salesman).action_pause()
        with self.assertRaises(AccessError):
            self.of(plan, mine).with_user(self.manager).write({"state": "done"})
        all_of_them = self.enrollments.with_user(self.manager)
        self.assertEqual(
            len(all_of_them.search([("plan_id", "in", (plan | control).ids)])), 4
        )
        self.assertFalse(
            self.plans.with_user(self.salesman_b)
            .with_context(allowed_company_ids=self.company_b.ids)
            .search([("id", "=", plan.id)])
        )
        for user in (self.employee, self.portal):
            with self.assertRaises(AccessError):
                self.plans.with_user(user).search([])

    def test_managers_define_plans(self):
        plans = self.plans.with_user(self.manager)
        plan = plans.create(
            {"name": "Mine", "purpose_id": self.purpose.id, "user_id": self.manager.id}
        )
        draft = plan._get_draft()
        self.env["crm.care.plan.step"].with_user(self.manager).create(
            {"version_id": draft.id, "name": "Note", **self.log()}
        )
        plan.action_start()
        self.assertEqual(plan.state, "running")
        self.assertEqual(plan.enroll(self.customer()), 1)
        copied = plan.copy()
        self.assertEqual(copied.state, "draft")
        self.assertEqual(copied.version_ids.step_ids.mapped("kind"), ["log"])
        self.assertNotEqual(copied.sudo().salt, plan.sudo().salt)
        action = self.env["ir.actions.server"].create(
            {
                "name": "Danger",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "state": "code",
            }
        )
        with self.assertRaises(AccessError):
            self.env["crm.care.plan.step"].with_user(self.manager).create(
                {
                    "version_id": copied._get_draft().id,
                    "name": "Act",
                    "kind": "server_action",
                    "server_action_id": action.id,
                }
            )

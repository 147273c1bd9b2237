"""The control group: who is in it, and that nothing is done for them on any path."""

from datetime import datetime, timedelta

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form
from odoo.tools import SQL, mute_logger

from ...analytics.plan.arms import in_control
from .common import PlanCommon


class TestPlanControl(PlanCommon):
    def controls(self, plan, customers):
        return customers.filtered(
            lambda one: in_control(plan.salt, one.id, plan.control_percent / 100)
        )

    def one_of_each(self, plan):
        """A customer in the plan and one in the control group."""
        customers = self.customers(40)
        control = self.controls(plan, customers)[:1]
        treated = (customers - self.controls(plan, customers))[:1]
        self.assertTrue(control and treated)
        return treated, control

    def arm_of(self, plan, customer):
        return self.of(plan, customer)[-1:].arm

    # -- Who is in it

    def test_sql_and_python_agree(self):
        for percent in (0.1, 10, 33.3, 90):
            plan = self.new_plan(self.log(), control_percent=percent)
            rows = self.env.execute_query(
                SQL(
                    "SELECT id, %s FROM generate_series(1, 10000) AS p(id)",
                    plan._drawn(),
                )
            )
            self.assertEqual(
                [arm == "control" for _id, arm in rows],
                [in_control(plan.salt, id_, percent / 100) for id_, _arm in rows],
            )
            share = sum(arm == "control" for _id, arm in rows) / 10000
            self.assertAlmostEqual(share, percent / 100, delta=0.02)

    def test_all_digits_of_the_hash_count_as_a_number(self):
        """Also those from 80000000 on, which would be negative as an integer."""
        self.assertFalse(in_control("salt", 1, 0))
        self.assertTrue(all(in_control("salt", id_, 1) for id_ in range(1000)))

    def test_a_copy_has_another_control_group(self):
        plan = self.new_plan(self.log(), control_percent=50)
        self.assertTrue(plan.salt)
        self.assertNotEqual(plan.copy().salt, plan.salt)
        salt = plan.salt
        plan.action_edit()
        plan.action_publish()
        self.assertEqual(plan.salt, salt)

    def test_a_new_plan_has_none(self):
        self.assertEqual(self.new_plan(self.log()).control_percent, 0)

    def test_the_group_stays_when_the_share_changes(self):
        plan = self.new_plan(
            self.log(), control_percent=50, reentry="after_exit", max_per_day=1000
        )
        treated, control = self.one_of_each(plan)
        plan.enroll(treated | control)
        for percent in (0, 90, 50):
            self.of(plan).filtered(lambda each: each.state == "running")._exit("manual")
            plan.control_percent = percent
            self.assertEqual(plan.enroll(treated | control), 2)
            self.assertEqual(self.arm_of(plan, treated), "plan")
            self.assertEqual(self.arm_of(plan, control), "control")

    def test_the_group_stays_with_regular_plans(self):
        plan = self.new_plan(
            self.log(),
            trigger="regular",
            trigger_days=30,
            control_percent=90,
            domain=f"[('id', 'in', {self.customers(2).ids})]",
        )
        self.env["crm.care.plan.run"]._look(plan)
        before = {each.partner_id: each.arm for each in self.of(plan)}
        self.of(plan)._exit("manual")
        plan.control_percent = 0
        with freeze_time(datetime.now() + timedelta(days=30)):
            self.env["crm.care.plan.run"]._look(plan)
        self.assertEqual(len(self.of(plan)), 4)
        for each in self.of(plan):
            self.assertEqual(each.arm, before[each.partner_id])

    def test_the_group_is_drawn_among_those_the_plan_is_for(self):
        plan = self.new_plan(
            self.log(), control_percent=50, domain="[('ref', '=', 'match')]"
        )
        customers = self.customers(20)
        customers[:10].ref = "match"
        self.assertEqual(plan.enroll(customers), 10)
        control = self.of(plan).filtered(lambda each: each.arm == "control").partner_id
        self.assertEqual(control, self.controls(plan, customers[:10]))

    # -- Nothing is done for them

    def assertUntouched(self, plan, customer):
        self.assertFalse(self.lines.search([("partner_id", "=", customer.id)]))
        self.assertFalse(customer.category_id)
        self.assertFalse(customer.activity_ids)
        self.assertFalse(
            self.env["crm.contact.touch"].search([("partner_id", "=", customer.id)])
        )

    def test_by_the_engine(self):
        found = self.env["crm.customer.list"].create({"name": "List"})
        plan = self.new_plan(
            self.tagging(),
            self.activity(),
            self.mail(),
            self.log(),
            {"kind": "list_add", "list_id": found.id},
            control_percent=50,
        )
        treated, control = self.one_of_each(plan)
        messages = control.message_ids
        plan.enroll(treated | control)
        self.run_due(days=40)
        self.assertUntouched(plan, control)
        self.assertEqual(control.message_ids, messages)
        self.assertEqual(found.added_ids, treated)
        self.assertEqual(treated.category_id, self.tag)

    def test_whatever_gave_them_a_date(self):
        """The engine passes them over, and others behind them are served."""
        for has_step in (True, False):
            plan = self.new_plan(self.tagging(1), control_percent=50)
            treated, control = self.one_of_each(plan)
            plan.enroll(treated | control)
            self.of(plan, control).write(
                {
                    "step_id": has_step and plan.version_id.step_ids.id,
                    "planned_date": "2020-01-01 00:00:00",
                    "next_date": "2020-01-01 00:00:00",
                }
            )
            self.run_due(days=2)
            self.assertUntouched(plan, control)
            self.assertEqual(self.of(plan, control).state, "running")
            self.assertEqual(treated.category_id, self.tag)

    def test_by_trying_again(self):
        plan = self.new_plan(self.tagging(), control_percent=50)
        _treated, control = self.one_of_each(plan)
        plan.enroll(control)
        enrollment = self.of(plan, control)
        for state in ("running", "failed"):
            enrollment.state = state
            enrollment.action_retry()
            self.run_due(days=2)
            self.assertUntouched(plan, control)
            self.assertFalse(enrollment.next_date)

    def test_by_moving_to_another_version(self):
        plan = self.new_plan(self.log(9), control_percent=50)
        treated, control = self.one_of_each(plan)
        plan.enroll(treated | control)
        plan.action_edit()
        self.add_steps(plan._get_draft(), self.tagging(sequence=0))
        plan.action_publish()
        plan.action_move_to_current()
        self.assertEqual(self.of(plan, treated).version_id, plan.version_id)
        self.run_due(days=30)
        self.assertUntouched(plan, control)
        self.assertFalse(self.of(plan, control).step_id)

    def test_by_pausing_and_resuming(self):
        plan = self.new_plan(self.tagging(), control_percent=50)
        treated, control = self.one_of_each(plan)
        plan.enroll(treated | control)
        plan.action_pause()
        with freeze_time(datetime.now() + timedelta(days=30)):
            plan.action_resume()
        self.run_due(days=60)
        self.assertUntouched(plan, control)
        self.assertEqual(self.of(plan, control).state, "running")
        self.assertEqual(treated.category_id, self.tag)

    def test_what_their_list_says_while_the_plan_is_paused(self):
        plan = self.new_plan(self.tagging(), control_percent=50)
        treated, control = self.one_of_each(plan)
        plan.enroll(treated | control)
        plan.action_pause()
        self.assertIn("next: “Step 1”", self.of(plan, treated).status_text)
        self.assertEqual(self.of(plan, control).status_text, "The plan is paused")

    def test_by_waiting_for_a_place(self):
        plan = self.new_plan(self.tagging(), control_percent=50, max_per_day=0)
        treated, control = self.one_of_each(plan)
        plan.enroll(treated | control)
        self.assertEqual(set(self.of(plan).mapped("state")), {"waiting"})
        plan.max_per_day = 10
        self.enrollments.with_company(self.company_a)._let_in()
        self.run_due(days=2)
        self.assertEqual(self.of(plan, control).state, "running")
        self.assertTrue(self.of(plan, control).start_date)
        self.assertUntouched(plan, control)
        self.assertEqual(treated.category_id, self.tag)

    def test_by_a_plan_that_follows(self):
        plan = self.new_plan(self.log(), control_percent=50)
        after = self.new_plan(
            self.tagging(), trigger="plan", trigger_plan_id=plan.id, name="After"
        )
        treated, control = self.one_of_each(plan)
        plan.enroll(treated | control)
        self.run_due(days=2)
        with freeze_time(datetime.now() + timedelta(days=31)):
            self.env["crm.care.plan.run"]._end_goals(plan)
        self.assertEqual(self.of(plan, control).state, "done")
        self.run_due(days=40)
        self.assertEqual(self.of(after).partner_id, treated)
        self.assertUntouched(plan, control)

    def test_by_merging(self):
        """A customer in the plan and one in the control group turn out to be one."""
        for first in (True, False):
            plan = self.new_plan(self.tagging(2), control_percent=50)
            treated, control = self.one_of_each(plan)
            plan.enroll(treated | control)
            kept = control if first else treated
            self.env["base.partner.merge.automatic.wizard"]._merge(
                (treated | control).ids, kept
            )
            self.env.invalidate_all()
            self.run_due(days=40)
            self.assertUntouched(plan, kept)
            by_arm = {each.arm: each for each in self.of(plan, kept)}
            self.assertEqual(by_arm["control"].state, "running")
            self.assertEqual(by_arm["plan"].exit_reason, "merged")

    def test_by_merging_after_the_control_group_is_over(self):
        plan = self.new_plan(self.tagging(2), control_percent=50, reentry="after_exit")
        treated, control = self.one_of_each(plan)
        plan.enroll(control)
        self.of(plan, control).write({"state": "done"})
        plan.enroll(treated)
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (treated | control).ids, treated
        )
        self.env.invalidate_all()
        self.assertFalse(self.of(plan, treated)._open())
        # They stay of that group, too.
        plan.enroll(treated)
        self.assertEqual(self.arm_of(plan, treated), "control")
        self.run_due(days=40)
        self.assertUntouched(plan, treated)

    def test_merging_customers_of_one_group_changes_nothing(self):
        plan = self.new_plan(self.tagging(2), control_percent=0)
        one, other = self.customers(2)
        plan.enroll(one | other)
        self.env["base.partner.merge.automatic.wizard"]._merge((one | other).ids, one)
        self.env.invalidate_all()
        self.run_due(days=3)
        self.assertEqual(one.category_id, self.tag)

    def test_other_pages_name_no_plan(self):
        plan = self.new_plan(self.activity(), control_percent=50)
        _treated, control = self.one_of_each(plan)
        control.user_id = self.salesman
        plan.enroll(control)
        self.run_due(days=2)
        for user in (self.salesman, self.manager):
            timeline = self.as_user(user, "crm.timeline")
            entries = timeline.fetch("res.partner", control.id)["entries"]
            self.assertFalse([each for each in entries if each["kind"] == "plan"])
            reasons = self.as_user(user, "mail.activity").search(
                [("res_model", "=", "res.partner"), ("res_id", "=", control.id)]
            )
            self.assertFalse(reasons)
            rows = self.as_user(user, "res.partner").browse(control.id)._get_plan_rows()
            self.assertFalse(rows)

    def test_enrolling_counts_no_control_group(self):
        """A salesperson who enrolls sees as many as they find in the plan."""
        plan = self.new_plan(self.log(), control_percent=50)
        treated, control = self.one_of_each(plan)
        (treated | control).user_id = self.salesman
        values = {
            "plan_id": plan.id,
            "partner_ids": [Command.set((treated | control).ids)],
        }
        wizard = self.as_user(self.salesman, "crm.care.plan.enroll.wizard")
        wizard = wizard.create(values)
        self.assertEqual(wizard.enrolled_count, 1)
        self.assertIn("1 of 2", wizard.summary)
        self.assertIn(": 1", wizard.action_enroll()["params"]["message"])
        self.assertEqual(len(self.of(plan)), 2)
        manager = self.as_user(self.manager, "crm.care.plan.enroll.wizard")
        other = self.new_plan(self.log(), control_percent=50)
        wizard = manager.create({**values, "plan_id": other.id})
        self.assertEqual(wizard.enrolled_count, 2)

    # -- Where it is offered

    def test_never_where_customers_have_to_be_heard(self):
        for trigger in ("complaint_solved", "case_solved", "bad_rating"):
            with self.subTest(trigger=trigger):
                with self.assertRaisesRegex(ValidationError, "cared for"):
                    self.new_plan(self.log(), trigger=trigger, control_percent=10)
                plan = self.new_plan(self.log(), trigger=trigger)
                with self.assertRaisesRegex(ValidationError, "to 0%"):
                    plan.control_percent = 5
                follows = self.new_plan(
                    self.log(), trigger="plan", trigger_plan_id=plan.id
                )
                with self.assertRaises(ValidationError):
                    follows.control_percent = 5
                self.assertEqual(plan._offer_control()[0], 0)

    def test_never_for_contract_dates(self):
        contract = self.env.ref("crm_extended.date_kind_contract_end")
        birthday = self.env.ref("crm_extended.date_kind_birthday")
        plan = self.new_plan(
            self.log(), trigger="date", date_kind_id=birthday.id, control_percent=10
        )
        with self.assertRaisesRegex(ValidationError, "contract"):
            plan.date_kind_id = contract
        plan.write({"date_kind_id": contract.id, "control_percent": 0})
        self.assertIn("contract", plan.no_control_reason)

    def test_a_plan_that_is_followed_becomes_one_about_complaints(self):
        plan = self.new_plan(self.log())
        self.new_plan(
            self.log(), trigger="plan", trigger_plan_id=plan.id, control_percent=10
        )
        with self.assertRaises(ValidationError):
            plan.trigger = "complaint_solved"

    def test_plans_that_follow_one_another_in_a_circle(self):
        plan = self.new_plan(self.log())
        other = self.new_plan(self.log(), trigger="plan", trigger_plan_id=plan.id)
        plan.write({"trigger": "plan", "trigger_plan_id": other.id})
        plan.control_percent = 10
        self.assertFalse(plan.no_control_reason)

    def dialog(self, plan):
        return Form(
            self.env["crm.care.plan.start.wizard"].with_context(default_plan_id=plan.id)
        )

    def expect(self, count):
        """Let so many customers a quarter be expected."""
        plans = type(self.plans)
        self.patch(plans, "_expected_per_quarter", lambda plan: count)

    def test_offered_where_it_can_show_something(self):
        self.expect(500)
        plan = self.new_plan(self.log(), start=False)
        dialog = self.dialog(plan)
        self.assertEqual(dialog.control_percent, 10)
        self.assertIn("500 customers a quarter", dialog.control_reason)
        dialog.save().action_start()
        self.assertEqual(plan.control_percent, 10)
        self.assertEqual(plan.state, "running")

    def test_not_offered_where_it_cannot(self):
        self.expect(499)
        plan = self.new_plan(self.log(), start=False)
        dialog = self.dialog(plan)
        self.assertEqual(dialog.control_percent, 0)
        self.assertIn("About 499 customers", dialog.control_reason)
        dialog.save().action_start()
        self.assertEqual(plan.control_percent, 0)

    def test_what_a_manager_chose_stays(self):
        self.expect(1000)
        for percent in (0, 25):
            plan = self.new_plan(self.log(), control_percent=percent)
            plan.action_end()
            self.assertEqual(self.dialog(plan).control_percent, percent)

    def test_a_call_without_the_dialog_changes_nothing(self):
        self.expect(1000)
        plan = self.new_plan(self.log(), start=False, control_percent=25)
        self.env["crm.care.plan.start.wizard"].create(
            {"plan_id": plan.id}
        ).action_start()
        self.assertEqual(plan.control_percent, 25)

    def test_a_share_that_cannot_be(self):
        plan = self.new_plan(self.log(), start=False)
        for percent in (-1, 91, 100):
            wizard = self.env["crm.care.plan.start.wizard"].create(
                {"plan_id": plan.id, "control_percent": percent}
            )
            with (
                mute_logger("odoo.sql_db"),
                self.assertRaises(IntegrityError),
                self.env.cr.savepoint(),
            ):
                wizard.action_start()
                self.env.flush_all()

    def test_the_dialog_is_for_managers(self):
        plan = self.new_plan(self.log(), start=False)
        wizard = self.env["crm.care.plan.start.wizard"].create({"plan_id": plan.id})
        with self.assertRaises(UserError):
            wizard.with_user(self.salesman).action_start()

    def test_changing_the_share_of_a_running_plan_warns(self):
        plan = self.new_plan(self.log(), control_percent=10)
        plan.control_percent = 20
        changed = plan.new({"control_percent": 30}, origin=plan)
        self.assertIn("from now on", str(changed._onchange_control_percent()))
        draft = self.new_plan(self.log(), start=False)
        changed = draft.new({"control_percent": 30}, origin=draft)
        self.assertIsNone(changed._onchange_control_percent())

    def test_the_form_asks_managers_only(self):
        plan = self.new_plan(self.log(), control_percent=10)
        view = self.env.ref("crm_extended.crm_care_plan_view_form")
        arch = self.as_user(self.manager, "crm.care.plan").get_view(view.id)["arch"]
        self.assertIn("control_percent", arch)
        arch = self.as_user(self.salesman, "crm.care.plan").get_view(view.id)["arch"]
        self.assertNotIn("control_percent", arch)
        with Form(self.as_user(self.manager, "crm.care.plan").browse(plan.id)) as form:
            form.control_percent = 12.5
        self.assertEqual(plan.control_percent, 12.5)

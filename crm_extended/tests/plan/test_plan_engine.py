from datetime import datetime, timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tools import mute_logger

from .common import PlanCommon


class TestPlanEngine(PlanCommon):
    """What is due is done once, in order, and says why where it is not."""

    def test_steps_are_done_in_order(self):
        customer = self.customer("Ada")
        plan = self.new_plan(self.log(1), self.tagging(7))
        self.assertEqual(plan.enroll(customer), 1)
        enrollment = self.of(plan)
        self.assertEqual(enrollment.state, "running")
        planned = enrollment.planned_date
        self.assertAlmostEqual(
            planned, self.now() + timedelta(days=1), delta=timedelta(minutes=2)
        )
        self.assertEqual(self.run_due(), 0)
        self.assertEqual(self.run_due(days=1.5), 1)
        self.assertIn("Noted", customer.message_ids[0].body)
        self.assertFalse(customer.category_id)
        # From the planned moment of the step before: nothing drifts.
        self.assertEqual(enrollment.planned_date, planned + timedelta(days=7))
        self.assertEqual(self.run_due(days=9), 1)
        self.assertEqual(customer.category_id, self.tag)
        self.assertEqual(enrollment.state, "done")
        self.assertEqual(self.run_due(days=30), 0)
        lines = enrollment.step_ids.sorted("id")
        self.assertEqual(lines.mapped("outcome"), ["done", "done"])
        self.assertEqual(lines[0].mail_message_id, customer.message_ids[0])
        self.assertEqual(lines[0].planned_date, planned)

    def test_all_steps_of_a_late_engine(self):
        plan = self.new_plan(self.log(), self.tagging(7))
        customers = self.customers(3)
        plan.enroll(customers)
        self.assertEqual(self.run_due(days=60), 6)
        self.assertEqual(set(self.of(plan).mapped("state")), {"done"})

    def test_one_failure_keeps_no_other_back(self):
        self.template.body_html = (
            "<p t-if='object.ref'><t t-out='1 / (len(object.ref) - 3)'/></p>"
        )
        plan = self.new_plan(self.mail(), self.log())
        customers = self.customers(7, email="a@example.com")
        customers[4].ref = "bad"
        plan.enroll(customers)
        with mute_logger("odoo.addons.mail.models.mail_render_mixin"):
            self.assertEqual(self.run_due(), 7 + 6)
        failing = self.of(plan, customers[4])
        self.assertEqual((failing.state, failing.attempts), ("running", 1))
        self.assertIn("division by zero", failing.error)
        self.assertEqual(set((self.of(plan) - failing).mapped("state")), {"done"})
        touches = self.env["crm.contact.touch"].search(
            [("contact_id", "in", customers.ids)]
        )
        self.assertEqual(touches.contact_id, customers - customers[4])
        self.assertEqual(
            self.lines.search([("touch_id", "in", touches.ids)]).touch_id, touches
        )
        # Five attempts, then it is left to a person.
        with mute_logger("odoo.addons.mail.models.mail_render_mixin"):
            for number, hours in enumerate((0.1, 2, 9, 40), 2):
                self.assertEqual(self.run_due(hours=hours), 1)
                self.assertEqual(failing.attempts, min(number, 4))
        self.assertEqual(failing.state, "failed")
        self.assertFalse(failing.next_date)
        self.assertEqual(failing.step_ids.outcome, "failed")
        customers[4].ref = "good!"
        failing.action_retry()
        self.run_due(days=3)
        self.assertEqual(failing.state, "done")

    def test_mails_are_queued_and_not_sent(self):
        plan = self.new_plan(self.mail())
        customer = self.customer("Ada", email="ada@example.com")
        customer.user_id = self.salesman
        self.salesman.email = "sam@example.com"
        plan.enroll(customer)
        self.run_due()
        line = self.of(plan).step_ids
        mail = self.env["mail.mail"].search(
            [("mail_message_id", "=", line.mail_message_id.id)]
        )
        self.assertEqual(mail.state, "outgoing")
        self.assertEqual(mail.recipient_ids, customer)
        self.assertIn("sam@example.com", mail.email_from)
        self.assertEqual(line.touch_id.contact_id, customer)
        self.assertEqual(line.touch_id.res_id, self.of(plan).id)

    def test_nothing_is_done_when_the_transaction_fails(self):
        plan = self.new_plan(self.mail())
        plan.enroll(self.customer("Ada", email="ada@example.com"))
        with (
            self.assertRaises(KeyboardInterrupt),
            self.env.cr.savepoint(),
            patch.object(
                type(self.enrollments), "_go_on", side_effect=KeyboardInterrupt
            ),
        ):
            self.run_due()
        self.env.invalidate_all()
        self.assertFalse(self.of(plan).step_ids)
        self.run_due()
        self.assertEqual(len(self.of(plan).step_ids), 1)

    def test_without_address_the_rest_goes_on(self):
        plan = self.new_plan(self.mail(), self.tagging())
        customer = self.customer("Ada")
        plan.enroll(customer)
        self.run_due()
        lines = self.of(plan).step_ids.sorted("id")
        self.assertEqual(lines.mapped("outcome"), ["skipped", "done"])
        self.assertEqual(lines[0].reason, "no_address")
        self.assertEqual(customer.category_id, self.tag)

    def test_mails_can_be_refused(self):
        """By a link at the end, and by the button of mail programs."""
        partner = self.customer(email="refuses@example.com")
        plan = self.new_plan(self.mail())
        plan.enroll(partner)
        self.run_due()
        mail = self.env["mail.mail"].search([("recipient_ids", "in", partner.ids)])
        self.assertEqual(len(mail), 1)
        self.assertIn(f"/contact/preferences/{partner.id}/", mail.body_html)
        self.assertIn(f"/contact/unsubscribe/{partner.id}/", mail.headers)
        self.assertIn("List-Unsubscribe-Post", mail.headers)

    def test_mail_waits_for_quiet_hours(self):
        self.company_a.write({"contact_quiet_from": 20, "contact_quiet_to": 8})
        plan = self.new_plan(self.mail(), self.log(1))
        night = datetime(2026, 11, 23, 22)
        with freeze_time(night):
            plan.enroll(self.customer("Ada", email="ada@example.com", tz="UTC"))
        enrollment = self.of(plan)
        self.run_due(at=night)
        self.assertEqual(enrollment.state, "running")
        self.assertEqual(enrollment.wait_reason, "quiet")
        self.assertEqual(enrollment.next_date, datetime(2026, 11, 24, 8))
        self.assertFalse(enrollment.step_ids)
        self.run_due(at=datetime(2026, 11, 24, 8, 1))
        self.assertEqual(enrollment.step_ids.outcome, "done")
        self.assertFalse(enrollment.wait_reason)
        # The mail was moved, the plan was not.
        self.assertEqual(enrollment.planned_date, night + timedelta(days=1))

    def test_three_plans_and_the_touch_limit(self):
        self.company_a.contact_limit = 2
        customer = self.customer("Ada", email="ada@example.com")
        plans = self.plans.union(
            *(self.new_plan(self.mail(), priority=each) for each in (1, 2, 3))
        )
        # The one of the lowest priority has been due longest, and by the same run.
        for minutes, plan in zip((3, 2, 1), plans, strict=True):
            with freeze_time(datetime.now() - timedelta(minutes=minutes)):
                plan.enroll(customer)
        self.run_due()
        done = self.lines.search(
            [("partner_id", "=", customer.id), ("outcome", "=", "done")]
        )
        self.assertEqual(set(done.plan_id), set(plans[1:]))
        waiting = self.enrollments.search(
            [("partner_id", "=", customer.id), ("state", "=", "running")]
        )
        self.assertEqual((waiting.plan_id, waiting.wait_reason), (plans[0], "limit"))
        # It waits for its turn, and has it.
        self.run_due(days=8)
        self.assertEqual(waiting.state, "done")

    def test_nothing_waits_forever_for_a_higher_priority(self):
        low = self.new_plan(self.log(), priority=1)
        high = self.new_plan(self.log(), priority=9)
        customer = self.customer()
        with freeze_time(datetime.now() - timedelta(days=2)):
            low.enroll(customer)
        high.enroll(customer)
        engine = self.enrollments.with_company(self.company_a)
        self.assertEqual(engine._run_next(), 1)
        self.assertEqual((self.of(low).state, self.of(high).state), ("done", "running"))

    def test_activity_goes_to_the_salesperson(self):
        plan = self.new_plan(self.activity(), self.activity(1))
        mine, other = self.customers(2)
        mine.user_id = self.salesman
        gone = self.new_user("gone", "sales_team.group_sale_salesman")
        other.user_id = gone
        gone.active = False
        plan.enroll(mine | other)
        self.run_due()
        first = self.lines.search([("plan_id", "=", plan.id)])
        self.assertEqual(
            {line.partner_id: line.activity_id.user_id for line in first},
            {mine: self.salesman, other: plan.user_id},
        )
        # One of a plan at a time.
        mine.activity_ids.action_feedback()
        self.run_due(days=2)
        second = self.lines.search([("plan_id", "=", plan.id)]) - first
        self.assertEqual(
            {line.partner_id: (line.outcome, line.reason) for line in second},
            {mine: ("done", False), other: ("skipped", "open_activity")},
        )

    def test_who_is_on_leave(self):
        plan = self.new_plan(self.activity(), user_id=self.manager.id)
        customer = self.customer()
        customer.user_id = self.salesman
        plan.enroll(customer)
        with patch.object(
            type(self.salesman),
            "_on_leave",
            lambda users: users & self.salesman,
        ):
            self.run_due()
        self.assertEqual(customer.activity_ids.user_id, plan.user_id)

    def test_activities_of_who_left(self):
        leader = self.new_user("leader", "sales_team.group_sale_manager")
        gone, new = (
            self.new_user(login, "sales_team.group_sale_salesman")
            for login in ("gone", "new")
        )
        self.env["crm.team"].create(
            {"name": "Team", "user_id": leader.id, "member_ids": gone.ids}
        )
        plan = self.new_plan(self.activity(), self.activity(10))
        first, second, moved = everyone = self.customers(3)
        everyone.user_id = gone
        plan.enroll(everyone)
        self.run_due()
        self.assertEqual(everyone.activity_ids.user_id, gone)
        moved.activity_ids.user_id = self.salesman
        # As the button does, which deletes what is still theirs.
        gone.action_archive()
        self.assertEqual((first | second).activity_ids.user_id, leader)
        self.assertEqual(len(everyone.activity_ids), 3)
        everyone.user_id = new
        self.assertEqual((first | second).activity_ids.user_id, new)
        self.assertEqual(moved.activity_ids.user_id, self.salesman)
        # What comes later finds the new one.
        everyone.activity_ids.action_feedback()
        self.run_due(days=11)
        self.assertEqual(everyone.activity_ids.user_id, new)

    def test_case_and_server_action(self):
        action = self.env["ir.actions.server"].create(
            {
                "name": "Mark",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "state": "code",
                "code": "records.write({'ref': 'marked'})",
            }
        )
        plan = self.new_plan(
            {"kind": "case", "summary": "Ask how it went"},
            {"kind": "server_action", "server_action_id": action.id},
        )
        customers = self.customers(3)
        plan.enroll(customers)
        self.run_due()
        cases = self.env["crm.care.case"].search([("partner_id", "in", customers.ids)])
        self.assertEqual(cases.mapped("name"), ["Ask how it went"] * 3)
        self.assertEqual(customers.mapped("ref"), ["marked"] * 3)
        lines = self.lines.search([("plan_id", "=", plan.id)])
        self.assertEqual(lines.case_id, cases)

    def test_deleted_definitions_are_skipped(self):
        tag = self.env["res.partner.category"].create({"name": "Short-lived"})
        plan = self.new_plan(
            {"kind": "tag", "tag_ids": tag.ids},
            self.mail(),
            self.activity(),
            self.log(),
        )
        self.template.unlink()
        tag.unlink()
        plan.enroll(self.customer("Ada", email="ada@example.com"))
        self.run_due()
        lines = self.of(plan).step_ids.sorted("id")
        self.assertEqual(
            lines.mapped("outcome"), ["skipped", "skipped", "done", "done"]
        )
        self.assertEqual(lines[0].reason, "definition_gone")

    def test_condition_and_branch(self):
        plan = self.new_plan(
            self.log(),
            self.tagging(2, condition="bought", is_last=True),
            self.activity(),
        )
        draft = plan._get_draft()
        first, thanked, called = draft.step_ids.sorted("sequence")
        thanked.write({"condition_step_id": first.id, "else_step_id": called.id})
        draft.action_publish()
        buyer, other = self.customers(2)
        plan.enroll(buyer | other)
        self.run_due()
        self.env["crm.purchase.history"].create(
            {
                "partner_id": buyer.id,
                "company_id": self.company_a.id,
                "date": self.today + timedelta(days=1),
                "amount": 5,
            }
        )
        self.run_due(days=3)
        self.assertEqual(buyer.category_id, self.tag)
        self.assertFalse(buyer.activity_ids)
        self.assertFalse(other.category_id)
        self.assertEqual(other.activity_ids.summary, "Call them")
        skipped = self.of(plan, other).step_ids.filtered(
            lambda line: line.outcome == "skipped"
        )
        self.assertEqual(skipped.reason, "condition")

    def test_answered(self):
        plan = self.new_plan(self.tagging(1, condition="not_answered"))
        called, mailed, asked, quiet = everyone = self.customers(4)
        with freeze_time(datetime.now() - timedelta(hours=1)):
            plan.enroll(everyone)
        self.env["crm.interaction"].create(
            {
                "partner_id": called.id,
                "company_id": self.company_a.id,
                "direction": "in",
                "channel": "phone",
                "summary": "Called",
            }
        )
        mailed.message_post(body="Hello", message_type="email", author_id=mailed.id)
        # What was said to them is no answer.
        quiet.message_post(body="Hello", message_type="comment")
        self.env["crm.care.case"].create(
            {"name": "Where is it?", "partner_id": asked.id, "team_id": self.team.id}
        )
        self.run_due(days=2)
        self.assertEqual(everyone.filtered("category_id"), quiet)

    def test_loops_end(self):
        first = self.new_plan(self.log())
        second = self.new_plan(
            self.log(), trigger="plan", trigger_plan_id=first.id, reentry="after_exit"
        )
        first.write(
            {"trigger": "plan", "trigger_plan_id": second.id, "reentry": "after_exit"}
        )
        customer = self.customer("Ada")
        first.enroll(customer)
        with mute_logger("odoo.addons.crm_extended.models.plan.crm_care_plan_enroll"):
            self.assertEqual(self.run_due(), 6)
        self.assertEqual(
            sorted(self.of(first).mapped("depth") + self.of(second).mapped("depth")),
            list(range(6)),
        )

    def test_local_time_over_changes_of_clock(self):
        for zone, moment, expected in (
            ("Europe/Berlin", (2026, 3, 28, 8), (2026, 3, 29, 7)),
            ("Europe/Berlin", (2026, 10, 24, 7), (2026, 10, 25, 8)),
            ("America/New_York", (2026, 3, 7, 14), (2026, 3, 8, 13)),
            ("America/New_York", (2026, 10, 31, 13), (2026, 11, 1, 14)),
        ):
            with self.subTest(zone=zone, moment=moment):
                self.company_a.partner_id.tz = zone
                plan = self.new_plan(self.log(1))
                with freeze_time(datetime(*moment)):
                    plan.enroll(self.customer())
                self.assertEqual(self.of(plan).planned_date, datetime(*expected))

    def test_months_and_working_hours(self):
        self.company_a.resource_calendar_id = self.env["resource.calendar"].create(
            {"name": "Office", "tz": "UTC", "company_id": self.company_a.id}
        )
        months = self.new_plan(
            self.log(1, delay_unit="months", has_time=True, at_time=9.5)
        )
        hours = self.new_plan(self.log(8, delay_unit="working_hours"))
        with freeze_time(datetime(2027, 1, 31, 12)):
            months.enroll(self.customer())
        self.assertEqual(self.of(months).planned_date, datetime(2027, 2, 28, 9, 30))
        # Friday 15:00 and 8 hours: Monday 15:00.
        with freeze_time(datetime(2026, 11, 27, 15)):
            hours.enroll(self.customer())
        self.assertEqual(self.of(hours).planned_date, datetime(2026, 11, 30, 15))

    def test_a_broken_filter_stops_no_other_plan(self):
        broken = self.new_plan(self.log(), exit_domain="[('ref', '=', 'x')]")
        fine = self.new_plan(self.log())
        customer = self.customer()
        (broken | fine).filtered(lambda plan: plan.enroll(customer))
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE crm_care_plan SET exit_domain = %s WHERE id = %s",
            ["[('no_more', '=', 1)]", broken.id],
        )
        self.env.invalidate_all()
        with mute_logger(
            "odoo.addons.crm_extended.models.plan.crm_care_enrollment_engine"
        ):
            self.run_due()
        self.assertEqual(self.of(fine).state, "done")
        self.assertEqual(
            (self.of(broken).state, self.of(broken).attempts), ("running", 1)
        )
        self.assertIn("no_more", self.of(broken).error)

    def test_stopped_at_once(self):
        plan = self.new_plan(self.log())
        plan.enroll(self.customer())
        self.company_a.care_plans_stopped = True
        self.assertEqual(self.run_due(days=2), 0)
        self.company_a.care_plans_stopped = False
        self.assertEqual(self.run_due(days=2), 1)

    def test_scheduled_actions(self):
        plan = self.new_plan(self.log())
        plan.enroll(self.customer())
        dated = self.new_plan(self.tagging(), trigger="purchase", trigger_days=10)
        self.buy(buyer := self.customer(), days_ago=10)
        with self.enter_registry_test_mode():
            self.env.ref("crm_extended.ir_cron_care_plan_look").method_direct_trigger()
            self.env.ref("crm_extended.ir_cron_care_plan").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(self.of(plan).state, "done")
        self.assertEqual(self.of(dated).partner_id, buyer)
        self.assertEqual(buyer.category_id, self.tag)

    def test_plan_without_steps(self):
        plan = self.new_plan(start=False)
        with self.assertRaises(UserError):
            plan.action_start()

    def test_queries_do_not_grow(self):
        plan = self.new_plan(self.log(), self.tagging())
        counts = []
        for number in (5, 50):
            plan.enroll(self.customers(number))
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.run_due()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLess(counts[1], counts[0] * 1.5)

    def test_queries_of_mails_do_not_grow(self):
        """Odoo makes mails fifty at a time: so many cost no more queries than a few."""
        for rule in ("customer", "invoice", "last_order"):
            plan = self.new_plan(self.mail(), contact_rule=rule)
            counts = []
            for number in (5, 5, 50):
                plan.enroll(self.customers(number))
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                self.run_due()
                counts.append(self.env.cr.sql_log_count - before)
            # The first also reads what stays in memory, as views and templates.
            with self.subTest(rule=rule):
                self.assertLess(counts[2], counts[1] + 10)

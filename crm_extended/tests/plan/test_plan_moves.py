"""What becomes of customers in a plan when plans, steps, groups and contacts change."""

from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo.exceptions import UserError

from .common import PlanCommon


class TestPlanMoves(PlanCommon):
    def publish(self, plan, *order):
        """The same steps in another order, as the next version; customers are moved."""
        draft = plan._get_draft()
        steps = draft.step_ids.sorted("sequence")
        for sequence, index in enumerate(order, 1):
            steps[index].sequence = sequence
        draft.action_publish()
        return draft.action_move_here()

    # -- Versions

    def test_no_step_is_done_again_in_another_version(self):
        """Where a step that was done comes later in the new version, it is skipped."""
        plan = self.new_plan(self.mail(), self.log(1), self.tagging(1))
        inside, new = self.customers(2)
        inside.email, new.email = "a@example.com", "b@example.com"
        plan.enroll(inside)
        self.run_due()
        self.assertEqual(self.publish(plan, 1, 0, 2), 1)
        plan.enroll(new)
        self.run_due(days=5)
        lines = self.of(plan, inside).step_ids.sorted("id")
        self.assertEqual(
            lines.mapped(lambda line: (line.step_id.kind, line.outcome, line.reason)),
            [
                ("mail", "done", False),
                ("log", "done", False),
                ("mail", "skipped", "done_before"),
                ("tag", "done", False),
            ],
        )
        self.assertIn("Done before, in an earlier version", lines[2].reason_text)
        mails = self.env["mail.mail"].search([("recipient_ids", "in", inside.ids)])
        self.assertEqual(len(mails), 1)
        # For who came after it, it is a step like any other.
        kinds = self.of(plan, new).step_ids.sorted("id").mapped("step_id.kind")
        self.assertEqual(kinds, ["log", "mail", "tag"])
        self.assertEqual(set(self.of(plan, new).step_ids.mapped("outcome")), {"done"})

    def test_conditions_know_what_was_done_in_another_version(self):
        plan = self.new_plan(self.activity(), self.log(2), self.tagging(2), start=False)
        draft = plan._get_draft()
        steps = draft.step_ids.sorted("sequence")
        steps[2].write({"condition": "activity_done", "condition_step_id": steps[0].id})
        plan.action_start()
        done, open_ = self.customers(2)
        plan.enroll(done | open_)
        self.run_due()
        done.activity_ids.action_feedback()
        self.assertEqual(self.publish(plan, 0, 1, 2), 2)
        self.run_due(days=9)
        self.assertEqual(done.category_id, self.tag)
        self.assertFalse(open_.category_id)

    def test_since_a_step_of_another_version(self):
        """What was bought before that step does not count after a move, either."""
        plan = self.new_plan(self.log(), self.log(5), self.tagging(5), start=False)
        steps = plan._get_draft().step_ids.sorted("sequence")
        steps[2].write({"condition": "bought", "condition_step_id": steps[1].id})
        plan.action_start()
        customer = self.customer()
        with freeze_time(datetime.now() - timedelta(days=10)):
            plan.enroll(customer)
            self.run_due()
        self.buy(customer, 100, days_ago=8)
        self.run_due(at=datetime.now() - timedelta(days=5) + timedelta(minutes=1))
        self.assertEqual(self.publish(plan, 0, 1, 2), 1)
        self.run_due(days=1)
        self.assertEqual(self.of(plan).state, "done")
        self.assertFalse(customer.category_id)

    # -- Archived, and started anew

    def test_a_plan_at_work_is_not_archived(self):
        plan = self.new_plan(self.log(5))
        plan.enroll(self.customer())
        with self.assertRaisesRegex(UserError, "End Plan first"):
            plan.active = False
        plan.action_pause()
        with self.assertRaisesRegex(UserError, "End Plan first"):
            plan.action_archive()
        plan.action_end()
        plan.action_archive()
        self.assertFalse(plan.active)

    def test_a_plan_that_is_started_anew_makes_up_for_nothing(self):
        """Days on which it had ended are no missed nights."""
        early, late = self.customers(2)
        plan = self.new_plan(self.log(), trigger="purchase", trigger_days=1)
        runs = self.env["crm.care.plan.run"]
        with freeze_time(datetime.now() - timedelta(days=20)):
            self.assertTrue(runs._look(plan))
            plan.action_end()
        self.buy(early, 10, days_ago=3)
        self.buy(late, 10, days_ago=1)
        plan.action_start()
        run = runs._look(plan)
        self.assertEqual(run.date_from, self.today)
        self.assertEqual(run.skipped_days, 0)
        self.assertEqual(self.of(plan).partner_id, late)

    def test_dates_of_people_after_a_plan_is_started_anew(self):
        kind = self.env["crm.customer.date.kind"].create({"name": "Name day"})
        people = self.customers(3)
        for days, person in enumerate(people):
            self.env["crm.customer.date"].create(
                {
                    "partner_id": person.id,
                    "company_id": self.company_a.id,
                    "kind_id": kind.id,
                    "date": self.today - timedelta(days=days),
                    "yearly": False,
                }
            )
        plan = self.new_plan(
            self.log(), trigger="date", date_kind_id=kind.id, trigger_days=0
        )
        runs = self.env["crm.care.plan.run"]
        with freeze_time(datetime.now() - timedelta(days=20)):
            runs._look(plan)
            plan.action_end()
        plan.action_start()
        runs._look(plan)
        self.assertEqual(self.of(plan).partner_id, people[0])

    # -- Groups

    def test_a_group_holds_for_who_is_inside(self):
        group = self.env["crm.care.plan.group"].create({"name": "One at a time"})
        inside, both = self.customers(2)
        first = self.new_plan(self.log(5))
        second = self.new_plan(self.log(5), exclusion_group_id=group.id)
        first.enroll(inside | both)
        second.enroll(both)
        first.exclusion_group_id = group
        self.assertEqual(self.of(first, inside).exclusion_group_id, group)
        # Who is in another plan of it stays in both: nobody is thrown out.
        self.assertFalse(self.of(first, both).exclusion_group_id)
        self.assertEqual(second.enroll(inside), 0)
        first.exclusion_group_id = False
        self.assertEqual(second.enroll(inside), 1)

    # -- Contacts

    def test_two_customers_with_one_invoice_address(self):
        """A company that another one's invoices go to is a customer of its own, and keeps
        nobody back."""
        parent = self.customer("Parent", is_company=True)
        below = self.customer(
            "Below",
            is_company=True,
            parent_id=parent.id,
            type="invoice",
            email="below@example.com",
        )
        parent.email = "parent@example.com"
        person = self.env["res.partner"].create(
            {
                "name": "Office",
                "parent_id": parent.id,
                "type": "invoice",
                "email": "office@example.com",
            }
        )
        self.assertEqual(below.commercial_partner_id, below)
        plan = self.new_plan(self.mail(), contact_rule="invoice")
        plan.enroll(parent | below)
        self.run_due()
        self.assertEqual(set(self.of(plan).mapped("state")), {"done"})
        mails = self.env["mail.mail"].search(
            [("recipient_ids", "in", (parent | below | person).ids)]
        )
        self.assertEqual(mails.recipient_ids, below | person)

    def test_a_case_of_the_plan_is_no_answer(self):
        plan = self.new_plan(
            {"kind": "case", "summary": "Ask them"},
            self.tagging(1, condition="answered"),
        )
        silent, writing = self.customers(2)
        plan.enroll(silent | writing)
        self.run_due()
        with freeze_time(datetime.now() + timedelta(hours=3)):
            self.env["crm.care.case"].create(
                {"name": "Mine", "partner_id": writing.id, "team_id": self.team.id}
            )
        self.run_due(days=2)
        self.assertFalse(silent.category_id)
        self.assertEqual(writing.category_id, self.tag)

    def test_a_refusal_counts_after_a_merge(self):
        plan = self.new_plan(self.log(5))
        kept, refused = self.customers(2)
        plan.enroll(kept)
        self.env["crm.consent"].create(
            {
                "partner_id": refused.id,
                "company_id": self.company_a.id,
                "purpose_id": self.purpose.id,
                "state": "refused",
            }
        )
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (kept | refused).ids, kept, extra_checks=False
        )
        self.env.invalidate_all()
        self.assertEqual(self.of(plan).exit_reason, "opted_out")

    # -- Hours

    def test_a_calendar_without_hours(self):
        calendar = self.env["resource.calendar"].create(
            {"name": "Closed", "company_id": self.company_a.id, "attendance_ids": False}
        )
        step = {**self.log(4), "delay_unit": "working_hours"}
        plan = self.new_plan(step, calendar_id=calendar.id)
        with freeze_time("2026-06-10 12:00:00"):
            plan.enroll(self.customer())
        self.assertEqual(self.of(plan).planned_date, datetime(2026, 6, 10, 16))

    def test_goal_in_the_currency_of_the_company(self):
        """100 of a company's own currency, whatever it was sold in."""
        dollar = self.env["res.currency"].create({"name": "XAD", "symbol": "$"})
        dollar.rate_ids.create(
            {
                "name": self.today - timedelta(days=400),
                "rate": 2,
                "currency_id": dollar.id,
                "company_id": self.company_a.id,
            }
        )
        plan = self.new_plan(self.log(9), goal="purchase", goal_amount=100)
        short, enough = self.customers(2)
        with freeze_time(datetime.now() - timedelta(days=3)):
            plan.enroll(short | enough)
        self.buy(short, 150, days_ago=1, currency_id=dollar.id)
        self.buy(enough, 200, days_ago=1, currency_id=dollar.id)
        self.env["crm.care.plan.run"]._end_goals(plan)
        self.assertEqual(self.of(plan, enough).exit_reason, "goal")
        self.assertEqual(self.of(plan, short).state, "running")

from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from ...models.plan.crm_care_enrollment_engine import RETRIES
from .common import PlanCommon


@tagged("post_install", "-at_install")
class TestPlanFlow(PlanCommon):
    """The picture of a plan: the numbers at its steps, and what they open."""

    def flow(self, plan, user=None):
        self.env.flush_all()
        self.env.invalidate_all()
        return (
            self.as_user(user or self.manager, "crm.care.plan")
            .browse(plan.id)
            .get_flow()
        )

    def opened(self, plan, key, step=None, user=None):
        """What a number opens, as the user sees it."""
        plans = self.as_user(user or self.manager, "crm.care.plan")
        action = plans.browse(plan.id).action_flow_customers(key, step and step.id)
        self.assertFalse(
            [name for name in action["context"] or {} if name.startswith("search_")]
        )
        return self.as_user(user or self.manager, action["res_model"]).search(
            action["domain"]
        )

    def check_opened(self, plan, flow, user=None):
        """Each number opens as many records as it says."""
        count = 0
        for part in ("start", "end", "elsewhere"):
            for key, number in flow[part].items():
                with self.subTest(part=part, key=key):
                    self.assertEqual(len(self.opened(plan, key, user=user)), number)
                    count += 1
        for id_, numbers in flow["steps"].items():
            step = self.env["crm.care.plan.step"].browse(id_)
            for key, number in numbers.items():
                with self.subTest(step=step.name, key=key):
                    opened = self.opened(plan, key, step, user=user)
                    self.assertEqual(len(opened), number)
                    count += 1
        return count

    def failing(self, plan, partner):
        """Let the notes of a plan fail for one customer until they are given up."""
        steps = type(plan.version_id.step_ids)
        run_log = steps._run_log

        def run(step, enrollments):
            if partner in enrollments.partner_id:
                raise UserError("no")
            return run_log(step, enrollments)

        with patch.object(steps, "_run_log", run):
            for days in range(len(RETRIES) + 1):
                self.run_due(days=days)
        self.assertEqual(self.of(plan, partner).state, "failed")

    def plan_at_work(self):
        """A plan of a note, a tag for customers who bought, and a note 90 days later. Of
        six customers, of whom three are the salesperson's, one waits for a place."""
        plan = self.new_plan(
            self.log(),
            self.tagging(condition="bought"),
            self.log(90),
            max_per_day=5,
        )
        customers = self.customers(6)
        customers[:3].user_id = self.salesman
        for customer in customers[1:3]:
            self.buy(customer, days_ago=-1)
        plan.enroll(customers)
        started = self.of(plan).filtered(lambda each: each.state == "running")
        queued = self.of(plan).filtered(lambda each: each.state == "waiting")
        self.assertEqual((len(started), len(queued)), (5, 1))
        return plan, customers

    # -- Numbers

    def test_a_plan_that_never_had_customers_has_no_numbers(self):
        plan = self.new_plan(self.log(), start=False)
        flow = self.flow(plan)
        self.assertEqual(flow["total"], 0)
        self.assertEqual(flow["steps"], {plan.draft_step_ids.id: {}})
        for part in ("start", "end", "elsewhere"):
            self.assertEqual(flow[part], {})

    def test_a_plan_without_steps_is_drawn(self):
        plan = self.new_plan(start=False)
        self.assertEqual(self.flow(plan)["steps"], {})

    def test_numbers_follow_what_the_engine_does(self):
        plan = self.new_plan(self.log(), self.tagging(condition="bought"), self.log(90))
        first, second, third = plan.version_id.step_ids
        bad, buyer, other = self.customers(3)
        plan.enroll(bad | buyer | other)
        self.assertEqual(self.flow(plan)["start"], {"enrolled": 3})
        self.assertEqual(self.flow(plan)["steps"][first.id], {"waiting": 3})
        self.buy(buyer, days_ago=-1)
        self.failing(plan, bad)
        flow = self.flow(plan)
        self.assertEqual(flow["steps"][first.id], {"done": 2, "failed": 1})
        self.assertEqual(flow["steps"][second.id], {"done": 1, "skipped": 1})
        self.assertEqual(flow["steps"][third.id], {"waiting": 2})
        self.assertEqual(flow["end"], {})
        self.of(plan, buyer)._exit("goal")
        self.of(plan, other)._exit("manual")
        self.of(plan, bad).action_retry()
        self.run_due(days=10)
        flow = self.flow(plan)
        self.assertEqual(flow["end"], {"goal": 1, "left": 1})
        # What failed and was done in the end is done.
        self.assertEqual(flow["steps"][first.id], {"done": 3})
        self.run_due(days=200)
        flow = self.flow(plan)
        self.assertEqual(flow["end"], {"completed": 1, "goal": 1, "left": 1})
        self.assertEqual(flow["steps"][third.id], {"done": 1})
        self.assertEqual((flow["total"], flow["start"]), (3, {"enrolled": 3}))
        self.check_opened(plan, flow)

    def test_everyone_is_in_one_place(self):
        plan, customers = self.plan_at_work()
        waiting = (
            self.of(plan).filtered(lambda each: each.state == "waiting").partner_id
        )
        begun = customers - waiting
        self.failing(plan, begun[0])
        self.of(plan, begun[1])._exit("goal")
        flow = self.flow(plan)
        at_steps = sum(
            numbers.get("waiting", 0) + numbers.get("failed", 0)
            for numbers in flow["steps"].values()
        )
        self.assertEqual(flow["start"], {"enrolled": 5, "queued": 1})
        self.assertEqual(at_steps + sum(flow["end"].values()), 5)
        self.assertEqual(flow["total"], len(self.of(plan)))

    def test_customers_of_a_paused_plan_wait(self):
        plan = self.new_plan(self.log(3))
        plan.enroll(self.customers(2))
        plan.action_pause()
        flow = self.flow(plan)
        self.assertEqual(flow["steps"][plan.version_id.step_ids.id], {"waiting": 2})
        self.check_opened(plan, flow)

    # -- Versions

    def test_a_new_version_goes_on_with_the_numbers(self):
        plan = self.new_plan(self.log(), self.log(5))
        old = plan.version_id.step_ids
        plan.enroll(self.customers(2))
        self.run_due()
        before = self.flow(plan)["steps"]
        plan.action_edit()
        draft = plan.draft_step_ids
        flow = self.flow(plan)
        self.assertEqual(
            [flow["steps"][step.id] for step in draft], [{"done": 2}, {"waiting": 2}]
        )
        plan.action_publish()
        plan.enroll(self.customers(1))
        self.run_due()
        flow = self.flow(plan)
        self.assertEqual(
            [flow["steps"][step.id] for step in plan.version_id.step_ids],
            [{"done": 3}, {"waiting": 3}],
        )
        self.assertEqual(
            [before[step.id] for step in old], [{"done": 2}, {"waiting": 2}]
        )
        self.check_opened(plan, flow)

    def test_customers_at_a_step_that_was_deleted_are_elsewhere(self):
        plan = self.new_plan(self.log(), self.log(5), self.log(5))
        plan.enroll(self.customers(3))
        self.run_due()
        plan.action_edit()
        plan.draft_step_ids[1].unlink()
        flow = self.flow(plan)
        self.assertEqual(flow["elsewhere"], {"waiting": 3})
        self.assertFalse(any("waiting" in each for each in flow["steps"].values()))
        plan.action_publish()
        self.of(plan)[0].write({"state": "failed"})
        flow = self.flow(plan)
        self.assertEqual(flow["elsewhere"], {"waiting": 2, "failed": 1})
        self.check_opened(plan, flow)
        action = plan.action_flow_customers("waiting")
        self.assertIn("no longer here", action["name"])

    def test_a_step_done_in_an_earlier_version_is_not_skipped_as_well(self):
        plan = self.new_plan(self.log(), self.log(5))
        plan.enroll(self.customers(1))
        self.run_due()
        plan.action_edit()
        first, second = plan.draft_step_ids
        first.sequence = second.sequence + 1
        plan.action_publish()
        plan.action_move_to_current()
        self.run_due(days=20)
        later = plan.version_id.step_ids.sorted("sequence")[1]
        self.assertEqual(
            self.lines.search([("step_id", "=", later.id)]).reason, "done_before"
        )
        flow = self.flow(plan)
        self.assertEqual(flow["steps"][later.id], {"done": 1})
        self.check_opened(plan, flow)

    # -- Who sees what

    def test_the_control_group_is_never_counted(self):
        plan = self.new_plan(self.log(), self.log(9))
        treated, control = self.customers(2, user_id=self.salesman.id)
        plan.enroll(treated | control)
        self.run_due()
        hidden = self.of(plan, control)
        hidden.arm = "control"
        step = plan.version_id.step_ids[0]
        for user in (self.manager, self.salesman):
            with self.subTest(user=user.login):
                flow = self.flow(plan, user)
                self.assertEqual((flow["total"], flow["start"]), (1, {"enrolled": 1}))
                self.assertEqual(flow["steps"][step.id], {"done": 1})
                self.check_opened(plan, flow, user)
                for key in ("enrolled", "waiting", "failed", "left"):
                    opened = self.opened(plan, key, user=user)
                    self.assertFalse(opened & hidden)
                opened = self.opened(plan, "done", step, user)
                self.assertEqual(opened.partner_id, treated)
        hidden._exit("ended")
        self.assertEqual(self.flow(plan)["end"], {})

    def test_salespeople_see_their_own_customers(self):
        plan, _customers = self.plan_at_work()
        self.run_due()
        mine, everyone = self.flow(plan, self.salesman), self.flow(plan)
        self.assertEqual(everyone["total"], 6)
        self.assertEqual(mine["total"], 3)
        first = plan.version_id.step_ids[0].id
        self.assertLess(mine["steps"][first]["done"], everyone["steps"][first]["done"])
        self.assertTrue(self.check_opened(plan, mine, self.salesman))
        self.assertTrue(self.check_opened(plan, everyone))
        for id_ in mine["steps"]:
            opened = self.opened(
                plan, "done", self.env["crm.care.plan.step"].browse(id_), self.salesman
            )
            self.assertLessEqual(opened.partner_id.user_id, self.salesman)

    def test_other_companies_and_roles_see_nothing(self):
        plan = self.new_plan(self.log())
        plan.enroll(self.customers(1, user_id=self.salesman_b.id))
        for user in (self.salesman_b, self.employee, self.agent, self.portal):
            with self.subTest(user=user.login):
                with self.assertRaises(AccessError):
                    self.flow(plan, user)
                with self.assertRaises(AccessError):
                    self.opened(plan, "enrolled", user=user)

    def test_salespeople_read_the_steps_of_a_draft(self):
        plan = self.new_plan(self.log(), start=False)
        self.assertEqual(self.flow(plan, self.salesman)["total"], 0)

    # -- Hostile and late calls

    def test_only_numbers_of_the_picture_are_opened(self):
        plan, other = self.new_plan(self.log()), self.new_plan(self.log())
        step = other.version_id.step_ids
        for args in (
            ("arm",),
            ("done",),
            ("skipped", step.id),
            ("waiting", step.id),
            ("waiting", -1),
            ("enrolled", 999_999_999),
        ):
            with self.subTest(args), self.assertRaises(UserError):
                plan.action_flow_customers(*args)

    def test_a_step_that_was_discarded_meanwhile_says_so(self):
        plan = self.new_plan(self.log())
        plan.action_edit()
        gone = plan.draft_step_ids.id
        plan.action_discard()
        with self.assertRaisesRegex(UserError, "no longer in the plan"):
            plan.action_flow_customers("waiting", gone)

    # -- Cost

    def count_queries(self, steps):
        plan = self.new_plan(*[self.log()] * steps)
        plan.enroll(self.customers(5))
        self.run_due()
        plan = self.as_user(self.manager, "crm.care.plan").browse(plan.id)
        plan.get_flow()
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        plan.get_flow()
        return self.cr.sql_log_count - before

    def test_the_number_of_queries_does_not_grow_with_the_steps(self):
        few, many = self.count_queries(3), self.count_queries(12)
        self.assertEqual(few, many)
        self.assertLessEqual(many, 8)

    # -- Places

    def test_steps_change_places_all_at_once(self):
        plan = self.new_plan(*[self.log()] * 5, start=False)
        first, second, *others = plan.draft_step_ids
        second.write({"condition": "bought", "condition_step_id": first.id})
        # Alone, the first of these would put the second step before the one it is about.
        commands = [
            Command.update(step.id, {"sequence": number})
            for step, number in (
                (first, 4),
                (second, 5),
                *zip(others, (1, 2, 3), strict=True),
            )
        ]
        boss = self.as_user(self.manager, "crm.care.plan").browse(plan.id)
        boss.write({"draft_step_ids": commands})
        self.assertEqual(
            plan._get_draft().step_ids.sorted("sequence")[-2:], first | second
        )
        with self.assertRaises(ValidationError):
            boss.write({"draft_step_ids": [Command.update(second.id, {"sequence": 0})]})

    # -- Words

    def test_the_trigger_is_said_in_words(self):
        kind = self.env["crm.customer.date.kind"].search([], limit=1)
        product = self.env["product.template"].create({"name": "Tea"})
        segments = self.env["crm.rfm.segment"].search([], limit=2)
        names = " or ".join(segments.mapped("name"))
        other = self.new_plan(start=False, name="Hello")
        for values, text in (
            ({"trigger": "manual"}, "Manual"),
            (
                {"trigger": "inactive", "trigger_days": 90},
                "90 days without interaction",
            ),
            ({"trigger": "inactive", "trigger_days": 1}, "1 day without interaction"),
            ({"trigger": "regular", "trigger_days": 30}, "Every 30 days"),
            ({"trigger": "purchase", "trigger_days": 7}, "7 days after a purchase"),
            (
                {
                    "trigger": "purchase",
                    "trigger_days": 7,
                    "product_tmpl_ids": [Command.set(product.ids)],
                },
                "7 days after a purchase of Tea",
            ),
            (
                {"trigger": "segment", "segment_ids": [Command.set(segments.ids)]},
                f"Moved to {names}",
            ),
            (
                {"trigger": "segment_left", "segment_ids": [Command.set(segments.ids)]},
                f"Moved from {names}",
            ),
            ({"trigger": "plan", "trigger_plan_id": other.id}, "“Hello” completed"),
            ({"trigger": "date", "date_kind_id": kind.id}, kind.name),
            (
                {"trigger": "date", "date_kind_id": kind.id, "trigger_days": 3},
                f"3 days before: {kind.name}",
            ),
            (
                {"trigger": "anniversary", "trigger_days": 3, "trigger_when": "after"},
                "3 days after: Anniversary of the first purchase",
            ),
        ):
            with self.subTest(text):
                plan = self.plans.new({"company_id": self.company_a.id, **values})
                self.assertEqual(plan.trigger_text, text)

    def test_a_trigger_that_is_not_complete_has_its_name(self):
        for trigger in ("segment", "segment_left", "plan", "date", "field"):
            with self.subTest(trigger):
                plan = self.plans.new(
                    {"company_id": self.company_a.id, "trigger": trigger}
                )
                labels = dict(
                    self.plans._fields["trigger"]._description_selection(self.env)
                )
                self.assertEqual(plan.trigger_text, labels[trigger])

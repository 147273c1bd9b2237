from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from ...models.plan.ready_made import ready_made_plans
from .common import PlanCommon


@tagged("post_install", "-at_install")
class TestPlanPages(PlanCommon):
    """What people do on the pages of care plans, and what they see there."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls.new_customer()
        cls.seller = cls.new_user("plan_seller", "sales_team.group_sale_salesman")
        cls.boss = cls.new_user("plan_boss", "sales_team.group_sale_manager")

    @classmethod
    def new_customer(cls, **values):
        return cls.env["res.partner"].create(
            {"name": "Cared For", "email": "cared@example.com", **values}
        )

    def page(self, model, user=None):
        return self.as_user(user or self.boss, model)

    def enrolled(self, *steps, partner=None, **values):
        plan = self.new_plan(*(steps or (self.log(delay=3),)), **values)
        plan.enroll(partner or self.customer)
        return self.of(plan, partner or self.customer)

    # -- Editing steps

    def test_a_plan_with_its_steps_is_made_on_one_page(self):
        with Form(self.page("crm.care.plan")) as form:
            form.name = "Welcome"
            for number in (1, 2, 3):
                with form.draft_step_ids.new() as step:
                    step.name = f"Step {number}"
                    step.kind = "log"
                    step.note = "<p>Noted</p>"
                    step.delay = number
        plan = form.record
        self.assertEqual(len(plan.version_ids), 1)
        self.assertEqual(plan.version_ids.number, 1)
        self.assertEqual(plan.version_ids.step_ids, plan.draft_step_ids)
        self.assertEqual(plan.draft_step_ids.mapped("sequence"), [10, 20, 30])
        self.assertEqual(
            plan.draft_step_ids.mapped("name"), ["Step 1", "Step 2", "Step 3"]
        )
        self.assertEqual(
            plan.draft_step_ids.mapped("when_text"),
            ["1 day later", "2 days later", "3 days later"],
        )

    def test_a_step_is_put_after_those_that_were_moved(self):
        plan = self.new_plan(self.log(), self.log(), start=False)
        first, second = plan.draft_step_ids
        (second | first).write({"sequence": 7})
        second.sequence = 4
        with Form(plan.with_user(self.boss)) as form, form.draft_step_ids.new() as step:
            step.name = "Last"
            step.kind = "log"
            step.note = "<p>Noted</p>"
        new = plan.draft_step_ids - first - second
        self.assertEqual(plan._get_draft()._first_step(), second)
        self.assertEqual(second._next(), first)
        self.assertEqual(first._next(), new)

    def test_changed_steps_are_published_or_discarded(self):
        plan = self.new_plan(self.log())
        in_force = plan.version_id
        self.assertFalse(plan.has_draft)
        self.assertEqual(plan.shown_step_ids, in_force.step_ids)
        plan = plan.with_user(self.boss).with_company(self.company_a)
        plan.action_edit()
        self.assertTrue(plan.has_draft)
        self.assertEqual(plan.draft_step_ids.mapped("name"), ["Step 1"])
        plan.draft_step_ids.name = "Changed"
        self.assertEqual(in_force.step_ids.name, "Step 1")
        plan.action_discard()
        self.assertFalse(plan.has_draft)
        self.assertFalse(plan.draft_step_ids)
        self.assertEqual(plan.version_id, in_force)
        plan.action_edit()
        plan.draft_step_ids.name = "Changed again"
        plan.action_publish()
        self.assertNotEqual(plan.version_id, in_force)
        self.assertEqual(plan.version_id.step_ids.name, "Changed again")
        self.assertFalse(plan.has_draft)

    def test_the_only_version_cannot_be_discarded(self):
        plan = self.new_plan(self.log(), start=False)
        with self.assertRaises(UserError):
            plan.action_discard()
        self.assertEqual(len(plan.draft_step_ids), 1)

    def test_customers_of_older_versions_change_on_purpose(self):
        enrolled = self.enrolled()
        plan = enrolled.plan_id
        self.assertEqual(plan.older_count, 0)
        plan.action_edit()
        plan.action_publish()
        self.assertEqual(plan.older_count, 1)
        answer = plan.action_move_to_current()
        self.assertIn("1", answer["params"]["message"])
        plan.invalidate_recordset()
        self.assertEqual(plan.older_count, 0)
        self.assertEqual(enrolled.version_id, plan.version_id)

    # -- Starting

    def test_the_dialog_starts_for_those_to_come_or_also_for_those_who_match(self):
        self.customer.user_id = self.seller
        domain = repr([("id", "=", self.customer.id)])
        for who, count in (("from_now", 0), ("matching", 1)):
            with self.subTest(who):
                plan = self.new_plan(self.log(delay=1), domain=domain, start=False)
                action = plan.action_start_dialog()
                dialog = Form(
                    self.page(action["res_model"]).with_context(**action["context"])
                )
                self.assertEqual(dialog.matching_count, 1)
                self.assertEqual(dialog.who, "from_now")
                dialog.who = who
                dialog.save().action_start()
                self.assertEqual(plan.state, "running")
                self.assertEqual(len(self.of(plan)), count)

    def test_no_one_gets_birthday_wishes_because_a_plan_starts(self):
        plan = self.new_plan(
            self.log(),
            trigger="date",
            date_kind_id=self.env.ref("crm_extended.date_kind_birthday").id,
            domain=repr([("id", "=", self.customer.id)]),
            start=False,
        )
        wizard = self.env["crm.care.plan.start.wizard"].create(
            {"plan_id": plan.id, "who": "matching"}
        )
        self.assertTrue(wizard.is_on_day)
        wizard.action_start()
        self.assertEqual(plan.state, "running")
        self.assertFalse(self.of(plan))

    def test_a_plan_without_steps_says_so_before_the_dialog(self):
        plan = self.new_plan(start=False)
        with self.assertRaisesRegex(UserError, "Add a step first"):
            plan.action_start_dialog()

    # -- Ready-made plans

    def test_every_ready_made_plan_can_be_started(self):
        self.env["crm.feature"]._switch(plans=True)
        for key in ready_made_plans(self.env):
            with self.subTest(key):
                wizard = Form(self.page("crm.care.plan.ready.wizard"))
                wizard.key = key
                self.assertTrue(wizard.description)
                action = wizard.save().action_create()
                # Regular visits are a plan for each group of tiers.
                made = self.plans.search(
                    action.get("domain") or [("id", "=", action["res_id"])]
                )
                self.assertTrue(made)
                for plan in made:
                    self.assertEqual(plan.state, "draft")
                    self.assertEqual(plan.company_id, self.company_a)
                    plan.action_start()
                    self.assertEqual(plan.state, "running")
                    self.assertTrue(plan.version_id.step_ids)

    def test_ready_made_plans_of_features_that_are_off_are_not_offered(self):
        self.assertLessEqual({"upgraded", "solved"}, set(ready_made_plans(self.env)))
        self.env["crm.feature"]._switch(loyalty=False, care=False)
        self.assertFalse({"upgraded", "solved"} & set(ready_made_plans(self.env)))

    def test_a_company_with_segments_of_its_own_wins_back_those(self):
        mine = self.env["crm.rfm.segment"].create(
            [
                {
                    "name": name,
                    "company_id": self.company_a.id,
                    "grid_bins": 5,
                    "r_min": r_min,
                    "r_max": r_max,
                    "f_min": 4,
                    "f_max": 5,
                }
                for name, r_min, r_max in (("Good", 3, 5), ("Slipped", 1, 2))
            ]
        )
        plan = ready_made_plans(self.env)["win_back"].make_for(self.company_a)
        self.assertEqual(plan.segment_ids, mine[1])

    # -- Figures

    def test_figures_leave_out_the_control_group(self):
        plan = self.new_plan(self.log(delay=3), max_per_day=2)
        partners = self.env["res.partner"].concat(
            *(self.new_customer(name=f"Customer {number}") for number in range(5))
        )
        plan.enroll(partners)
        enrolled = self.of(plan)
        running = enrolled.filtered(lambda each: each.state == "running")
        running[0].arm = "control"
        running[1]._exit("goal")
        plan = plan.with_user(self.boss)
        self.assertEqual(plan.enrollment_count, 3)
        self.assertEqual(plan.waiting_count, 3)
        self.assertEqual(plan.goal_count, 1)
        self.assertEqual(plan.failed_count, 0)
        action = plan.action_goals()
        self.assertEqual(
            self.enrollments.search(action["domain"]), enrolled - running[0]
        )

    def test_a_salesperson_counts_their_own_customers(self):
        plan = self.new_plan(self.log(delay=3))
        other = self.new_customer(name="Of somebody else")
        self.customer.user_id = self.seller
        plan.enroll(self.customer | other)
        self.assertEqual(plan.with_user(self.boss).enrollment_count, 2)
        self.assertEqual(plan.with_user(self.seller).enrollment_count, 1)

    def test_an_empty_page_offers_what_its_reader_may_do(self):
        manager = self.page("crm.care.plan").get_empty_list_help("Help")
        self.assertIn("crm_extended.crm_care_plan_ready_wizard_action", manager)
        salesperson = self.page("crm.care.plan", self.seller).get_empty_list_help(
            "Help"
        )
        self.assertIn("A sales manager", salesperson)
        self.assertNotIn("ready_wizard", salesperson)

    def test_only_managers_start_or_create_plans(self):
        plan = self.new_plan(self.log(), start=False)
        with self.assertRaises(AccessError):
            plan.with_user(self.seller).action_start()
        with self.assertRaises(AccessError):
            plan.with_user(self.seller).action_start_dialog()
        for model in ("crm.care.plan.start.wizard", "crm.care.plan.ready.wizard"):
            self.assertFalse(self.page(model, self.seller).has_access("create"))

    # -- Where customers stand

    def test_the_status_is_a_sentence(self):
        enrolled = self.enrolled(self.mail(delay=3), self.log(delay=1))
        enrolled = enrolled.with_context(tz="UTC")
        day = enrolled.next_date.strftime("%m/%d/%Y")
        self.assertEqual(enrolled.status_text, f"Next: “Step 1” on {day}")
        enrolled.wait_reason = "limit"
        self.assertIn("touch limit", enrolled.status_text)
        enrolled.write({"wait_reason": False, "attempts": 1, "error": "No server."})
        self.assertIn("tried again", enrolled.status_text)
        self.assertIn("No server.", enrolled.status_text)
        enrolled.state = "failed"
        self.assertEqual(enrolled.status_text, "“Step 1” failed: No server.")
        enrolled.plan_id.action_pause()
        enrolled.state = "held"
        self.assertIn("paused", enrolled.status_text)
        enrolled._exit("opted_out")
        self.assertIn("Opted out", enrolled.status_text)
        waiting = self.enrolled(
            partner=self.new_customer(name="One more"), max_per_day=0
        )
        self.assertEqual(waiting.state, "waiting")
        self.assertIn("0 customers a day", waiting.status_text)

    def test_a_skipped_step_says_why(self):
        self.customer.email = False
        enrolled = self.enrolled(self.mail())
        self.run_due()
        self.assertEqual(enrolled.step_ids.reason_text, "Skipped: No email address")

    def test_a_step_with_a_condition_says_whether_it_was_met(self):
        enrolled = self.enrolled(
            self.log(condition="not_bought"), self.log(condition="bought")
        )
        self.run_due()
        done, skipped = enrolled.step_ids.sorted("id")
        self.assertEqual(done.reason_text, "Done: They did not buy")
        self.assertEqual(skipped.reason_text, "Skipped: “They bought” was not the case")

    def test_the_customer_page_shows_their_plans(self):
        enrolled = self.enrolled()
        self.customer.user_id = self.seller
        for user in self.seller | self.boss:
            rows = self.blocks(user)["plans"]
            self.assertEqual(
                [(row["label"], row["text"], row["res_id"]) for row in rows],
                [("Plan", enrolled.with_user(user).status_text, enrolled.id)],
            )
        enrolled.arm = "control"
        self.assertNotIn("plans", self.blocks(self.seller))
        self.assertNotIn("plans", self.blocks(self.boss))

    def test_the_customer_page_says_nothing_of_plans_while_they_are_off(self):
        self.enrolled()
        self.env["crm.feature"]._switch(plans=False)
        self.assertNotIn("plans", self.blocks(self.boss))

    def blocks(self, user):
        partner = self.page("res.partner", user).browse(self.customer.id)
        return {block["name"]: block["rows"] for block in partner.get_customer_page()}

    # -- In the timeline

    def entries(self):
        page = self.page("crm.timeline").get_page("res.partner", self.customer.id)
        return [
            (entry["title"], entry["body"])
            for entry in page["entries"]
            if entry["kind"] == "plan"
        ]

    def test_the_timeline_has_what_leaves_nothing_else_to_see(self):
        enrolled = self.enrolled(self.tagging(), self.log(), self.activity())
        self.run_due()
        self.assertEqual(enrolled.state, "done")
        self.assertEqual(len(enrolled.step_ids), 3)
        found = self.entries()
        self.assertEqual(len(found), 2)
        self.assertIn(("Plan · Step 1", "Done"), found)
        self.assertIn(("Plan", enrolled.status_text), found)

    def test_the_timeline_shows_no_control_group(self):
        enrolled = self.enrolled()
        self.assertEqual(len(self.entries()), 1)
        enrolled.arm = "control"
        self.assertFalse(self.entries())

    def test_the_timeline_shows_no_plans_while_they_are_off(self):
        self.enrolled()
        self.env["crm.feature"]._switch(plans=False)
        self.assertFalse(self.entries())

    # -- In the list of today

    def test_customers_of_the_list_of_today_can_be_enrolled(self):
        agenda = self.page("crm.customer.agenda", self.seller)

        def of_all_reasons():
            actions = agenda.get_today()["actions"]
            return [one for one in actions if "reasons" not in one]

        [action] = of_all_reasons()
        self.assertEqual(action["title"], "Enroll in a Care Plan")
        self.assertTrue(self.env.ref(action["action"]))
        self.env["crm.feature"]._switch(plans=False)
        self.assertEqual(of_all_reasons(), [])

    def test_activities_of_a_plan_say_so_in_the_list_of_today(self):
        self.customer.write({"user_id": self.seller.id, "phone": "+49 30 1234567"})
        self.enrolled(self.activity(), name="Welcome")
        self.run_due()
        activity = self.customer.activity_ids
        activity.date_deadline -= timedelta(days=1)
        other = self.customer.activity_schedule(
            "mail.mail_activity_data_call",
            activity.date_deadline,
            "By hand",
            user_id=self.seller.id,
        )
        self.assertTrue(other)
        self.env.flush_all()
        agenda = self.page("crm.customer.agenda", self.seller)
        said = [sentence for _reason, sentence in agenda._reasons_of(self.customer)]
        of_plan = [sentence for sentence in said if "care plan" in sentence]
        self.assertEqual(len(of_plan), 1)
        self.assertIn("Call them", of_plan[0])
        self.assertIn("(care plan “Welcome”)", of_plan[0])
        self.assertTrue(any("By hand" in sentence for sentence in said))

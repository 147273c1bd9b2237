"""The results of care plans: what the pages say, and to whom."""

import re
from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.tests import Form, new_test_user
from odoo.tools import SQL

from ...analytics.plan.uplift import ArmSums, compare
from ...models.plan.crm_care_plan_uplift import Outcome
from ...report.plan.result_words import ResultWords
from .test_plan_uplift import UpliftCommon

NOBODY = ArmSums()


class TestPlanReport(UpliftCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plan = cls.new_plan(
            cls.log(), cls.tagging(7), goal="purchase", goal_days=30, name="Win back"
        )

    def report(self, plan=None, user=None):
        reports = self.as_user(user or self.manager, "crm.care.plan.report")
        return reports.search([("plan_id", "=", (plan or self.plan).id)])

    def words(self, plan=NOBODY, control=NOBODY, **outcome):
        return ResultWords(self.plan, Outcome(compare(plan, control), **outcome))

    def arm(self, customers, goals, revenue=0, before=None):
        """A group whose customers spent all the same, but one."""
        each = revenue / customers
        before = customers if before is None else before
        return ArmSums(
            customers=customers,
            goals=goals,
            revenue=revenue,
            y=revenue,
            yy=each * each * customers + 1,
            x=before,
            xx=before,
            xy=each * before,
            before=before,
        )

    # -- Sentences

    def test_no_proof_yet(self):
        text = self.words(self.arm(412, 128), self.arm(46, 10)).goal()
        self.assertIn("Of 412 customers in the plan 31% bought within 30 days", text)
        self.assertIn("of 46 in the control group 22%", text)
        self.assertIn(
            "The difference is 9 percentage points, with 95% certainty between −5 and 20.",
            text,
        )
        self.assertIn("This is no proof yet.", text)
        self.assertIn("can be expected to show a difference of", text)
        self.assertNotIn("helped", text)

    def test_it_helped(self):
        text = self.words(self.arm(412, 200), self.arm(100, 20)).goal()
        self.assertIn("The plan helped.", text)
        self.assertNotIn("no proof", text)
        self.assertNotIn("expected to show", text)

    def test_it_did_harm(self):
        words = self.words(self.arm(412, 40), self.arm(100, 40))
        self.assertIn("Fewer did with the plan than without it.", words.goal())
        self.assertRegex(words.short(), r"^−30 points \(−40 to −21\)$")

    def test_small_rates_have_a_decimal(self):
        words = self.words(self.arm(10000, 60), self.arm(10000, 40))
        self.assertEqual(words.short(), "+0.2 points (0.0 to +0.4)")

    def test_all_goals_in_one_group(self):
        text = self.words(self.arm(40, 8), self.arm(20, 0)).goal()
        self.assertIn("20% bought", text)
        self.assertIn("control group 0%", text)

    def test_too_few(self):
        words = self.words(self.arm(412, 3), self.arm(12, 1))
        self.assertIn(
            "Too few yet: of 412 customers in the plan 3 bought", words.goal()
        )
        self.assertIn("It takes 20 customers in each group, and 5", words.goal())
        self.assertIn("difference of", words.goal())
        self.assertEqual(words.short(), "Too few yet")
        self.assertNotIn("certainty", words.goal() + words.revenue())

    def test_so_few_that_nothing_could_be_seen(self):
        text = self.words(self.arm(3, 2), self.arm(1, 1)).goal()
        self.assertIn("too small to show anything", text)

    def test_no_control_group(self):
        words = self.words(self.arm(412, 128, 4120))
        self.assertIn("Without a control group this is no proof", words.goal())
        self.assertEqual(words.short(), "No control group")
        self.assertIn("10.00", words.revenue())
        self.assertNotIn("control group", words.revenue())
        self.assertEqual(words.notes(), "")

    def test_no_control_group_and_nothing_bought(self):
        text = self.words(self.arm(4, 0)).goal()
        self.assertIn("Of 4 customers in the plan 0% bought", text)
        self.assertIn("nothing to compare this with", text)
        self.assertNotIn("anyway", text)

    def test_a_control_group_whose_days_are_not_over(self):
        uplift = compare(self.arm(12, 3, 300), NOBODY, has_control=True)
        words = ResultWords(self.plan, Outcome(uplift, pending=3))
        self.assertIn("Too few yet: of 12 customers in the plan 3 bought", words.goal())
        self.assertIn("not over for any customer in the control group", words.goal())
        self.assertNotIn("Without a control group", words.goal())
        self.assertEqual(words.short(), "Too few yet")

    def test_one_customer(self):
        for control in (NOBODY, self.arm(1, 0)):
            words = self.words(self.arm(1, 1, 100), control, pending=1, mixed=1)
            for text in (words.goal(), words.notes()):
                self.assertNotIn("1 customers", text)
            self.assertIn("f 1 customer in the plan", words.goal())
            self.assertIn("are not over: 1 customer.", words.notes())
            self.assertIn("were merged: 1 customer.", words.notes())

    def test_few_in_a_group_are_a_little_less_certain(self):
        plan = self.arm(412, 128, 4120)
        self.assertIn("too narrow", self.words(plan, self.arm(99, 10, 230)).notes())
        self.assertNotIn("too narrow", self.words(plan, self.arm(100, 10, 230)).notes())
        # Nothing is said of a range that is not shown.
        unknown = self.words(plan._replace(before=0), self.arm(99, 10, 230, before=1))
        self.assertFalse(unknown.uplift.revenue_interval)
        self.assertNotIn("too narrow", unknown.notes())

    def test_nobody_yet(self):
        words = self.words()
        self.assertEqual(words.goal(), "No customers have begun the plan yet.")
        self.assertEqual((words.short(), words.revenue(), words.notes()), ("", "", ""))
        words = self.words(pending=3, first_over=self.today)
        self.assertIn("not over for any customer yet", words.goal())
        self.assertIn("First results on", words.short())
        self.assertEqual(words.notes(), "")

    def test_a_goal_of_some_purchases(self):
        self.plan.goal_amount = 50
        text = self.words(self.arm(40, 8), self.arm(20, 0)).goal()
        self.assertIn("20% reached the goal within 30 days", text)

    def test_revenue(self):
        words = self.words(self.arm(412, 128, 4120), self.arm(46, 10, 230))
        text = words.revenue()
        self.assertRegex(
            text, r"10\.00.* in the plan, .*5\.00.* in the control group\."
        )
        self.assertIn("set off against what the customers spent before", text)
        self.assertIn("5.00", text)

    def test_revenue_without_proof(self):
        one, other = self.arm(412, 128, 4120), self.arm(46, 10, 459)
        text = self.words(one, other._replace(yy=50000)).revenue()
        self.assertIn("This is no proof yet.", text)
        self.assertIn("−", text)

    def test_revenue_where_few_bought_before(self):
        text = self.words(
            self.arm(299, 128, 4120, before=10), self.arm(299, 10, 459, before=5)
        ).revenue()
        self.assertIn("fewer than half of these customers bought in the 60 days", text)
        self.assertNotIn("certainty", text)
        text = self.words(
            self.arm(300, 128, 4120, before=10), self.arm(300, 10, 459, before=5)
        ).revenue()
        self.assertNotIn("set off", text)
        self.assertIn("certainty", text)

    def test_no_revenue(self):
        words = self.words(self.arm(40, 8), self.arm(20, 0))
        self.assertEqual(words.revenue(), "They brought no revenue in this time.")

    def test_notes(self):
        notes = self.words(self.arm(40, 8), self.arm(20, 0), pending=7, mixed=2).notes()
        self.assertIn("30 days are not over: 7 customers", notes)
        self.assertIn("merged: 2 customers", notes)
        self.assertIn("false alarms likelier", notes)

    def test_in_another_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        plan = self.plan.with_context(lang="fr_FR")
        words = ResultWords(
            plan, Outcome(compare(self.arm(10000, 60), self.arm(10000, 40)))
        )
        self.assertIn("0,2", words.short())

    # -- The page

    def test_the_page(self):
        groups = self.group(self.plan, "plan", 30), self.group(self.plan, "control", 20)
        self.buy_all(groups[0][:9])
        self.buy_all(groups[1][:2])
        action = self.as_user(self.manager, self.plan).action_results()
        report = self.as_user(self.manager, action["res_model"]).browse(
            action["res_id"]
        )
        form = Form(report)
        self.assertIn("30% bought", form.goal_text)
        self.assertIn("10%", form.goal_text)
        self.assertEqual((form.plan_customers, form.control_customers), (30, 20))
        self.assertEqual((form.enrolled, form.done), (30, 30))
        self.assertAlmostEqual(form.plan_rate, 0.3)
        self.assertEqual(form.plan_revenue, 30)
        self.assertEqual(report.control, 20)

    def test_the_button_comes_with_the_first_customer(self):
        plan = self.as_user(self.manager, self.plan)
        self.assertFalse(plan.has_results)
        self.plan.enroll(self.customer())
        plan.invalidate_recordset()
        self.assertTrue(plan.has_results)

    def test_plans_that_were_never_started_are_not_listed(self):
        draft = self.new_plan(self.log(), start=False)
        self.assertFalse(self.report(draft))
        self.assertTrue(self.report())

    def test_what_it_took(self):
        customers = self.group(self.plan, "plan", 2, state="running", days_ago=14)
        enrolled = self.of(self.plan)
        enrolled[1].write({"state": "exited", "exit_reason": "goal"})
        enrolled[1].end_date = enrolled[1].start_date + timedelta(days=1)
        self.group(self.plan, "control", 3, state="running")
        touches = self.env["crm.contact.touch"].create(
            [
                {
                    "partner_id": customer.id,
                    "contact_id": customer.id,
                    "company_id": self.company_a.id,
                    "channel": "email",
                    "purpose_id": self.purpose.id,
                    "res_model": "crm.care.enrollment",
                    "res_id": one.id,
                }
                for customer, one in zip(customers, enrolled, strict=True)
                for _each in range(3)
            ]
        )
        steps = self.plan.version_id.step_ids
        line = {
            "company_id": self.company_a.id,
            "plan_id": self.plan.id,
            "partner_id": customers[0].id,
            "enrollment_id": enrolled[0].id,
        }
        self.lines.create(
            [
                {**line, "touch_id": touch.id, "outcome": "done", "step_id": False}
                for touch in touches
            ]
            + [
                {**line, "outcome": "skipped", "reason": "limit", "step_id": step.id}
                for step in steps
            ]
        )
        report = self.report()
        self.assertEqual((report.enrolled, report.inside, report.goals), (2, 1, 1))
        # Two weeks and a bit, and one.
        self.assertEqual(report.touches, 6)
        self.assertAlmostEqual(report.touches_per_week, 2, delta=0.2)
        self.assertEqual(report.skipped, 2)
        found = self.as_user(self.manager, "crm.care.enrollment.step").search(
            report.action_skipped()["domain"]
        )
        self.assertEqual(set(found.mapped("reason")), {"limit"})
        # No touch was left for one customer.
        self.assertEqual(report.competing_count, 1)
        self.assertFalse(report.competing_text)

    def test_customers_who_wait_take_no_time(self):
        [customer] = self.group(self.plan, "plan", 1, state="running", days_ago=14)
        enrolled = self.of(self.plan)
        touch = self.env["crm.contact.touch"].create(
            {
                "partner_id": customer.id,
                "contact_id": customer.id,
                "company_id": self.company_a.id,
                "channel": "email",
                "purpose_id": self.purpose.id,
            }
        )
        self.lines.create(
            {
                "company_id": self.company_a.id,
                "plan_id": self.plan.id,
                "partner_id": customer.id,
                "enrollment_id": enrolled.id,
                "touch_id": touch.id,
                "outcome": "done",
            }
        )
        before = self.report().touches_per_week
        self.assertAlmostEqual(before, 0.5, delta=0.1)
        self.group(self.plan, "plan", 20, state="waiting", start_date=False)
        self.env.invalidate_all()
        self.assertAlmostEqual(self.report().touches_per_week, before, delta=0.01)

    def test_customers_who_were_in_the_plan_again_count_once(self):
        customers = self.group(self.plan, "plan", 3, days_ago=90)
        self.enroll_past(self.plan, "plan", customers, days_ago=60)
        self.enroll_past(
            self.plan, "plan", customers, 30, state="exited", exit_reason="goal"
        )
        self.enroll_past(
            self.plan, "plan", customers, 20, state="exited", exit_reason="goal"
        )
        report = self.report()
        self.assertEqual((report.enrolled, report.done, report.goals), (3, 3, 3))

    def test_the_customers_behind_the_numbers(self):
        plan = self.group(self.plan, "plan", 3)
        control = self.group(self.plan, "control", 2)
        self.group(self.plan, "plan", 1, state="waiting", start_date=False)
        report = self.report()
        enrollments = self.as_user(self.manager, "crm.care.enrollment")
        for action, customers, count in (
            (report.action_customers(), plan, report.enrolled),
            (report.action_control(), control, report.control),
        ):
            found = enrollments.search(action["domain"])
            self.assertEqual(found.partner_id, customers)
            self.assertEqual(len(found), count)
        title = report.action_control()["display_name"]
        self.assertEqual(title, "Control Group of Win back")

    def test_plans_for_the_same_customers(self):
        one = self.new_plan(self.log(), name="One")
        other = self.new_plan(self.log(), name="Other")
        customers = self.group(self.plan, "plan", 4, state="running")
        self.enroll_past(one, "plan", customers[:3], days_ago=10, state="running")
        # Over before it began.
        self.enroll_past(
            other,
            "plan",
            customers[3],
            days_ago=90,
            end_date=self.now() - timedelta(days=70),
        )
        self.enroll_past(other, "plan", customers[:1], days_ago=70, state="running")
        # Nothing is done for the control group, so it takes nothing away.
        self.enroll_past(other, "control", customers[1:3], days_ago=10)
        report = self.report()
        self.assertEqual(report.competing_count, 3)
        self.assertEqual(report.competing_text, "One (3), Other (1)")
        self.assertEqual(self.report(other).competing_text, "Win back (1), One (1)")

    def test_plans_between_two_times_in_another_one(self):
        """Who was in a plan twice was not in it in between."""
        other = self.new_plan(self.log(), name="Other")
        customers = self.group(
            self.plan, "plan", 2, days_ago=90, end_date=self.now() - timedelta(days=80)
        )
        self.enroll_past(self.plan, "plan", customers, days_ago=30, state="running")
        between = {"end_date": self.now() - timedelta(days=50)}
        self.enroll_past(other, "plan", customers[0], days_ago=60, **between)
        report = self.report()
        self.assertEqual((report.competing_count, report.competing_text), (0, ""))
        self.enroll_past(other, "plan", customers[1], days_ago=60, state="running")
        self.env.invalidate_all()
        for report, name in (
            (self.report(), "Other"),
            (self.report(other), "Win back"),
        ):
            self.assertEqual(report.competing_count, 1)
            self.assertEqual(report.competing_text, f"{name} (1)")

    def test_a_customer_who_was_in_a_plan_very_often(self):
        """They are not compared with themselves: of 6,000 times, that took 36 million."""
        other = self.new_plan(self.log(), name="Other")
        [customer] = self.group(other, "plan", 1, state="running")
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO crm_care_enrollment (
                       partner_id, company_id, plan_id, version_id, arm, state,
                       start_date, end_date)
                SELECT %s, %s, %s, %s, 'plan', 'done', day, day + interval '1 hour'
                  FROM generate_series(1, 6000) AS number,
                       LATERAL (SELECT now()::timestamp - number * interval '1 day'
                                    AS day) AS day
                """,
                customer.id,
                self.company_a.id,
                self.plan.id,
                self.plan.version_id.id,
            )
        )
        self.env.cr.execute(
            SQL("EXPLAIN (ANALYZE, FORMAT JSON) %s", self.report()._competing_query())
        )

        def rows(node):
            yield node["Actual Rows"] * node["Actual Loops"]
            yield node.get("Rows Removed by Join Filter", 0) * node["Actual Loops"]
            for each in node.get("Plans", ()):
                yield from rows(each)

        [[[plan]]] = self.env.cr.fetchall()
        self.assertLess(max(rows(plan["Plan"])), 100_000)
        self.assertEqual(self.report().competing_text, "Other (1)")

    def test_groups_and_filters(self):
        self.group(self.plan, "plan", 2)
        reports = self.as_user(self.manager, "crm.care.plan.report")
        [(state, enrolled)] = reports._read_group(
            [("plan_id", "=", self.plan.id)], ["state"], ["enrolled:sum"]
        )
        self.assertEqual((state, enrolled), ("running", 2))
        for name in ("state", "user_id", "company_id", "plan_id"):
            reports._read_group([], [name], ["touches_per_week:avg", "__count"])
        self.assertTrue(reports.search([("started_date", ">=", self.today)]))
        self.assertFalse(reports.search([("control", ">", 0)]))

    def test_queries_do_not_grow_with_plans(self):
        names = ["plan_id", "uplift_text", "competing_count", "competing_text"]
        names += ["enrolled", "touches_per_week", "skipped", "goal_text", "note_text"]

        def count():
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            reports = self.as_user(self.manager, "crm.care.plan.report").search([])
            reports.read(names)
            return self.env.cr.sql_log_count - before, len(reports)

        self.group(self.plan, "plan", 2)
        count()
        few = count()
        for number in range(5):
            plan = self.new_plan(self.log(), goal="purchase", name=str(number))
            self.group(plan, "plan", 1)
            self.group(plan, "control", 1)
        count()
        many = count()
        self.assertEqual(many[1], few[1] + 5)
        self.assertEqual(many[0], few[0])

    def test_an_empty_database(self):
        self.plan.action_end()
        self.plan.unlink()
        reports = self.as_user(self.manager, "crm.care.plan.report")
        self.assertFalse(reports.search([]))
        self.assertFalse(reports._read_group([], ["state"], ["enrolled:sum"]))
        action = self.env.ref("crm_extended.crm_care_plan_report_action")
        self.assertIn("No care plan has been started yet", action.help)

    # -- Access

    def test_only_sales_managers(self):
        self.group(self.plan, "control", 2)
        everyone = new_test_user(
            self.env,
            "results_leads",
            "sales_team.group_sale_salesman_all_leads",
            company_id=self.company_a.id,
        )
        for user in (self.employee, self.agent, self.salesman, everyone, self.portal):
            reports = self.as_user(user, "crm.care.plan.report")
            for forbidden in (
                lambda reports=reports: reports.search([]),
                lambda reports=reports: reports.search_count([("control", ">", 0)]),
                lambda reports=reports: reports._read_group([], ["state"], ["__count"]),
                lambda reports=reports: reports.browse(self.plan.id).read(
                    ["goal_text"]
                ),
                lambda reports=reports: reports.browse(self.plan.id).goal_text,
                lambda user=user: self.as_user(user, self.plan).action_results(),
                lambda user=user: self.as_user(user, self.plan).read(["has_results"]),
                lambda user=user: self.as_user(user, "crm.care.plan").search(
                    [("enrollment_ids.arm", "=", "control")]
                ),
                lambda user=user: self.as_user(user, "crm.care.enrollment").search(
                    [("plan_id.enrollment_ids.arm", "=", "control")]
                ),
            ):
                with self.subTest(user=user.login), self.assertRaises(AccessError):
                    forbidden()

    def test_managers_see_their_companies(self):
        other = self.new_plan(self.log(), company=self.company_b)
        self.enroll_past(other, "control", self.customers(2))
        reports = self.as_user(self.manager, "crm.care.plan.report")
        self.assertFalse(reports.search([("plan_id", "=", other.id)]))
        self.assertNotIn(self.company_b, reports.search([]).company_id)
        for forbidden in (
            lambda: reports.browse(other.id).read(["goal_text"]),
            lambda: reports.browse(other.id).goal_text,
            lambda: self.as_user(self.manager, other).action_results(),
            lambda: reports.browse(other.id).action_customers(),
        ):
            with self.assertRaises(AccessError):
                forbidden()

    def test_states_are_named_in_the_language_of_the_reader(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        running = self.env.ref("crm_extended.selection__crm_care_plan__state__running")
        running.with_context(lang="fr_FR").name = "En cours"
        report = self.as_user(self.manager, "crm.care.plan.report")
        found = report.with_context(lang="fr_FR").fields_get(["state"])
        self.assertIn(("running", "En cours"), found["state"]["selection"])

    def test_nothing_is_written(self):
        report = self.report()
        for operation in ("write", "create", "unlink"):
            self.assertFalse(report.has_access(operation))

    def as_user(self, user, model):
        if isinstance(model, str):
            return super().as_user(user, model)
        return super().as_user(user, model._name).browse(model.ids)

    def test_the_views_of_steps_open(self):
        for view in ("list", "pivot", "search"):
            arch = self.as_user(self.manager, "crm.care.enrollment.step").get_view(
                self.env.ref(f"crm_extended.crm_care_enrollment_step_view_{view}").id,
                view,
            )["arch"]
            self.assertTrue(re.search("reason", arch))

"""What a plan would do, found without doing it."""

from collections import Counter
from datetime import date, datetime, timedelta

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form
from odoo.tools import SQL, mute_logger

from ...models.plan.crm_care_plan_forecast import DAYS
from .common import PlanCommon

RENDERING = "odoo.addons.mail.models.mail_render_mixin"
# What a plan writes when it runs.
WRITTEN = (
    "crm_care_enrollment",
    "crm_care_enrollment_step",
    "crm_care_plan",
    "crm_care_plan_step",
    "crm_care_plan_version",
    "crm_care_plan_run",
    "crm_contact_touch",
    "crm_consent",
    "crm_rfm_score",
    "crm_rfm_change",
    "crm_care_case",
    "mail_activity",
    "mail_mail",
    "mail_message",
    "mail_notification",
    "ir_attachment",
    "ir_cron_trigger",
    "ir_sequence",
    "res_partner",
)


class DryRunCommon(PlanCommon):
    def dry_run(self, plan, user=None):
        user = user or self.manager
        plan = self.as_user(user, plan._name).browse(plan.id)
        action = plan.action_dry_run()
        return self.as_user(user, action["res_model"]).browse(action["res_id"])

    def rows(self):
        """What is in the tables, by number and latest version of their rows."""
        self.env.flush_all()
        return {
            table: self.env.execute_query(
                SQL(
                    "SELECT count(*), sum(xmin::text::bigint), sum(hashtext(t::text))"
                    " FROM %s AS t",
                    SQL.identifier(table),
                )
            )
            for table in WRITTEN
        }

    def days_of(self, run):
        """Days from today, name of the step and count of each line."""
        today = run.plan_id._today()
        return [
            ((line.date - today).days, line.step_id.name, line.count)
            for line in run.line_ids
        ]

    def matching(self, customers):
        return repr([("id", "in", customers.ids)])


class TestPlanDryRun(DryRunCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = cls.customers(5, email="a@example.com", lang="en_US")

    def draft(self, *steps, people=None, **values):
        values.setdefault("domain", self.matching(people or self.people))
        return self.new_plan(*steps, start=False, **values)

    # -- Whom it would enroll

    def test_nothing_is_written(self):
        self.template.body_html = '<p t-out=\'object.sudo().write({"ref": "x"})\'/>'
        plan = self.draft(
            self.mail(), self.log(1), self.activity(2), self.tagging(3), max_per_day=3
        )
        self.buy(self.people[0])
        self.refresh()
        before = self.rows()
        sequences = self.env.execute_query(
            SQL("SELECT sequencename, last_value FROM pg_sequences ORDER BY 1")
        )
        run = self.dry_run(plan)
        run.action_check()
        self.assertTrue(run.preview_body)
        run.action_run()
        self.assertEqual((run.begin_count, run.later_count), (3, 2))
        self.assertTrue(run.line_ids)
        self.assertEqual(self.rows(), before)
        self.assertFalse(self.people.filtered("ref"))
        after = self.env.execute_query(
            SQL("SELECT sequencename, last_value FROM pg_sequences ORDER BY 1")
        )
        changed = {
            new[0] for new, old in zip(after, sequences, strict=True) if new != old
        }
        self.assertLessEqual(
            changed,
            {
                "crm_care_plan_dry_run_id_seq",
                "crm_care_plan_dry_run_customer_id_seq",
                "crm_care_plan_dry_run_line_id_seq",
                "crm_care_plan_dry_run_problem_id_seq",
            },
        )

    def test_it_says_whom_the_start_enrolls(self):
        for customer, amount in zip(self.people, (10, 50, 30, 20, 40), strict=True):
            self.buy(customer, amount)
        self.refresh()
        plan = self.draft(self.log(1), max_per_day=2, trigger="first_purchase")
        run = self.dry_run(plan)
        self.assertEqual(run.who, "matching")
        foreseen = run.customer_ids.filtered(lambda one: one.status == "begins")
        self.assertEqual(
            foreseen.partner_id, self.people[1] | self.people[4], "Highest revenue"
        )
        plan.action_start(also_matching=True)
        begun = self.of(plan).filtered(lambda one: one.state == "running")
        self.assertEqual(begun.partner_id, foreseen.partner_id)
        self.assertEqual(len(self.of(plan)), run.begin_count + run.later_count)

    def test_those_who_wait_come_on_the_days_after(self):
        plan = self.draft(self.log(), max_per_day=2)
        run = self.dry_run(plan)
        self.assertEqual(
            self.days_of(run), [(0, "Step 1", 2), (1, "Step 1", 2), (2, "Step 1", 1)]
        )
        today = plan._today()
        self.assertEqual(
            [(day - today).days for day in run.customer_ids.mapped("start_date")],
            [0, 0, 1, 1, 2],
        )

    def test_no_place_at_all(self):
        run = self.dry_run(self.draft(self.log(), max_per_day=0))
        self.assertEqual((run.begin_count, run.later_count), (0, 5))
        self.assertFalse(run.line_ids)
        self.assertFalse(any(run.customer_ids.mapped("start_date")))

    def test_the_control_group_is_counted_apart(self):
        people = self.customers(40, email="a@example.com")
        plan = self.draft(
            self.log(), people=people, control_percent=50, salt="0123456789abcdef"
        )
        run = self.dry_run(plan)
        plan.action_start()
        plan.enroll(people)
        control = self.of(plan).filtered(lambda one: one.arm == "control").partner_id
        self.assertTrue(control)
        self.assertEqual(run.control_count, len(control))
        self.assertEqual(run.begin_count, 40 - len(control))
        listed = run.customer_ids.search(run.action_control()["domain"])
        self.assertEqual(listed.partner_id, control)
        opened = listed[0].action_open_customer()
        self.assertEqual(opened["res_id"], listed[0].partner_id.id)
        self.assertEqual(self.days_of(run), [(0, "Step 1", 40 - len(control))])

    def test_today_s_events_and_those_who_match_are_told_apart(self):
        other, known, *_rest = self.people
        self.buy(known, 10, days_ago=90)
        self.refresh()
        self.buy(other, 10, days_ago=2)
        self.refresh()
        plan = self.draft(self.log(), trigger="first_purchase")
        with freeze_time(datetime.now() + timedelta(days=1)):
            # Yesterday's update is over; the purchase is still recent.
            run = self.dry_run(plan)
            self.assertEqual((run.today_count, run.matching_count), (0, 1))
            self.assertEqual(run.who, "matching")
            self.assertIn("match now", run.who_text)
            run.who = "today"
            run.action_run()
            self.assertEqual(run.begin_count, 0)
        run = self.dry_run(plan)
        self.assertEqual((run.today_count, run.matching_count), (1, 1))
        self.assertEqual(run.who, "today")
        self.assertIn("events", run.who_text)

    def test_todays_events_of_each_kind(self):
        asker = self.asker
        everyone = self.people | asker
        case = self.case(type="complaint")
        case.stage_id = self.solved
        done = self.new_plan(self.log(), domain=self.matching(self.people))
        done.enroll(self.people[0])
        self.run_due()
        for values, count in (
            ({"trigger": "case_solved"}, 1),
            ({"trigger": "complaint_solved"}, 1),
            ({"trigger": "bad_rating"}, 0),
            ({"trigger": "tier_up"}, 0),
            ({"trigger": "tier_down"}, 0),
            ({"trigger": "plan", "trigger_plan_id": done.id}, 1),
        ):
            with self.subTest(values["trigger"]):
                run = self.dry_run(self.draft(self.log(), people=everyone, **values))
                self.assertEqual(run.today_count, count)

    def test_dates_are_those_of_today(self):
        birthday = self.env.ref("crm_extended.date_kind_birthday")
        today = self.plans.with_company(self.company_a)._today()
        for customer, days in zip(self.people[:2], (0, 1), strict=True):
            self.env["crm.customer.date"].create(
                {
                    "partner_id": customer.id,
                    "company_id": self.company_a.id,
                    "kind_id": birthday.id,
                    "date": fields.Date.subtract(
                        today + timedelta(days=days), years=30
                    ),
                }
            )
        self.people.tz = "UTC"
        run = self.dry_run(
            self.draft(self.log(), trigger="date", date_kind_id=birthday.id)
        )
        self.assertEqual(run.customer_ids.partner_id, self.people[0])
        self.assertFalse(run.has_choice)
        self.assertIn("day is today", run.who_text)

    def test_who_was_enrolled_by_the_event_is_not_enrolled_again(self):
        plan = self.new_plan(
            self.log(), trigger="purchase", trigger_days=5, reentry="after_exit"
        )
        self.buy(self.people[0], 10, days_ago=5)
        self.buy(self.people[1], 10, days_ago=3)
        self.refresh()
        self.env["crm.care.plan.run"]._look(plan)
        self.run_due()
        self.assertEqual(self.of(plan).mapped("state"), ["done"])
        self.assertEqual(self.dry_run(plan).today_count, 0)
        with freeze_time(datetime.now() + timedelta(days=2)):
            run = self.dry_run(plan)
            self.assertEqual(run.customer_ids.partner_id, self.people[1])

    def test_a_filter_that_cannot_be_used_any_more_is_said(self):
        plan = self.draft(self.log())
        listed = self.env["crm.customer.list"].create(
            {
                "name": "Broken",
                "company_id": self.company_a.id,
                "user_id": self.manager.id,
                "is_filtered": True,
            }
        )
        by_list = self.draft(self.log(), domain=False, list_id=listed.id)
        self.env.flush_all()
        gone = repr([("field_that_is_no_more", "=", 1)])
        for table, record in (("crm_care_plan", plan), ("crm_customer_list", listed)):
            self.cr.execute(
                SQL(
                    "UPDATE %s SET domain = %s WHERE id = %s",
                    SQL.identifier(table),
                    gone,
                    record.id,
                )
            )
        self.env.invalidate_all()
        for broken in (plan, by_list):
            for use in (
                lambda: self.dry_run(broken),  # noqa: B023
                lambda: broken.matching_count,  # noqa: B023
                broken.action_start,
                lambda: broken._reasons_against(broken._matching()),  # noqa: B023
            ):
                with self.assertRaisesRegex(UserError, "cannot be used"):
                    use()
            self.assertEqual(broken.state, "draft")
            self.assertTrue(broken.get_flow())

    def test_a_draft_is_tried_before_it_is_published(self):
        plan = self.new_plan(self.log(), domain=self.matching(self.people))
        plan.action_edit()
        plan.draft_step_ids.name = "Changed"
        self.assertEqual(self.days_of(self.dry_run(plan)), [(0, "Changed", 5)])

    def test_a_paused_plan_goes_on_as_if_it_were_resumed(self):
        plan = self.new_plan(self.log(5), domain=self.matching(self.people))
        plan.enroll(self.people)
        plan.action_pause()
        with freeze_time(datetime.now() + timedelta(days=10)):
            run = self.dry_run(plan)
            self.assertEqual(self.days_of(run), [(5, "Step 1", 5)])
            self.assertEqual(run.inside_count, 5)
            self.assertIn("paused", run.hint)

    def test_who_is_no_customer_any_more_leaves_before_the_next_step(self):
        plan = self.new_plan(self.log(1), domain=self.matching(self.people))
        plan.enroll(self.people)
        self.people[0].active = False
        self.people[1].parent_id = self.people[2]
        self.people[3].company_id = self.company_b
        run = self.dry_run(plan)
        self.assertEqual(run.inside_count, 2)
        self.assertEqual(self.days_of(run), [(1, "Step 1", 2)])
        self.run_due(days=1)
        self.assertEqual(len(self.of(plan).step_ids), 2)

    def test_who_is_no_customer_any_more_takes_a_place_and_nothing_else(self):
        plan = self.new_plan(
            self.log(), domain=self.matching(self.people[:3]), max_per_day=1
        )
        plan.enroll(self.people[:3])
        waiting = self.of(plan).filtered(lambda one: one.state == "waiting")
        waiting[0].partner_id.parent_id = self.people[4]
        self.assertEqual(
            self.days_of(self.dry_run(plan)), [(0, "Step 1", 1), (2, "Step 1", 1)]
        )

    def test_an_ended_plan_is_not_tried(self):
        plan = self.new_plan(self.log())
        plan.action_end()
        with self.assertRaises(UserError):
            self.dry_run(plan)

    def test_empty_pages_say_why(self):
        nobody = self.draft(domain=repr([("id", "=", 0)]))
        run = self.dry_run(nobody)
        self.assertIn("no steps", run.hint)
        self.assertIn("No customer matches", run.hint)
        self.assertFalse(run.line_ids)
        self.assertIn("no messages", run.check_text)
        with self.assertRaises(UserError):
            run.action_send_test()
        nobody = self.draft(self.mail(), domain=repr([("id", "=", 0)]))
        self.assertIn("no customers to check", self.dry_run(nobody).check_text)
        incomplete = self.draft({"kind": "mail"})
        self.assertIn("Email Template", self.dry_run(incomplete).hint)

    # -- The days to come

    def test_as_the_engine_does_it(self):
        """What a dry run foresees is what happens, with quiet hours, weekdays, a holiday
        and the touch limit."""
        self.company_a.write(
            {
                "contact_quiet_from": 20,
                "contact_quiet_to": 9.5,
                "contact_limit": 1,
                "contact_wait_days": 5,
                "contact_weekdays": "0,1,2,3,4",
            }
        )
        self.env["crm.contact.quiet.day"].create(
            {"company_id": self.company_a.id, "date": "2027-03-08", "name": "Holiday"}
        )
        self.people[0].email = False
        self.people[1].tz = "Asia/Tokyo"
        start = datetime(2027, 3, 1, 7)
        with freeze_time(start):
            plan = self.draft(
                self.mail(),
                self.mail(2, at_time=10, has_time=True),
                self.mail(3),
                self.log(4, delay_unit="hours"),
                self.mail(2, delay_unit="weeks"),
                max_per_day=3,
            )
            plan.action_start()
            plan.enroll(self.people)
            self.env["crm.contact.policy"]._record_touches(
                self.people[2], self.purpose, "email"
            )
            run = self.dry_run(plan)
            foreseen = Counter()
            for line in run.line_ids:
                for key, count in {
                    "done": line.count,
                    **(line.reasons or {}),
                }.items():
                    foreseen[line.date, line.step_id.name, key] += count
        for hour in range(DAYS * 24):
            with freeze_time(start + timedelta(hours=hour)):
                self.enrollments.with_company(self.company_a)._let_in()
            self.run_due(at=start + timedelta(hours=hour, minutes=31))
        end = datetime(2027, 3, 1) + timedelta(days=DAYS)
        happened = Counter(
            (line.date.date(), line.step_id.name, line.reason or line.outcome)
            for line in self.of(plan).step_ids
            if line.date < end
        )
        foreseen = Counter({key: count for key, count in foreseen.items() if count})
        self.assertEqual(foreseen, happened)
        reasons = {key for *_rest, key in happened}
        self.assertLessEqual({"done", "late", "no_address"}, reasons)

    def test_working_hours_end_on_the_same_day_as_those_of_the_engine(self):
        """A working day is eight hours."""
        self.company_a.resource_calendar_id.tz = "UTC"
        start = datetime(2027, 3, 1, 8, 8)
        with freeze_time(start):
            plan = self.draft(self.log(), self.log(8, delay_unit="working_hours"))
            run = self.dry_run(plan)
            plan.action_start()
            plan.enroll(self.people)
            self.run_due(at=start)
            planned = set(self.of(plan).mapped("planned_date"))
        self.assertEqual({moment.date() for moment in planned}, {date(2027, 3, 2)})
        self.assertEqual(run.line_ids[-1].date, date(2027, 3, 2))

    def test_what_waits_is_said(self):
        self.company_a.write({"contact_limit": 1, "contact_wait_days": 10})
        plan = self.draft(self.mail(), self.mail(3))
        run = self.dry_run(plan)
        self.assertEqual(self.days_of(run), [(0, "Step 1", 5), (7, "Step 2", 5)])
        self.assertEqual(run.line_ids.mapped("moved_count"), [0, 5])

    def test_what_waits_already_goes_on_waiting(self):
        self.company_a.write({"contact_limit": 1, "contact_wait_days": 10})
        self.env["crm.contact.policy"]._record_touches(
            self.people, self.purpose, "email"
        )
        plan = self.new_plan(self.mail(), domain=self.matching(self.people))
        plan.enroll(self.people)
        self.run_due()
        self.assertEqual(set(self.of(plan).mapped("wait_reason")), {"limit"})
        line = self.dry_run(plan).line_ids
        self.assertEqual((line.count, line.moved_count), (5, 5))
        self.assertEqual(line.date, plan._today() + timedelta(days=7))

    def test_reasons_for_skipping(self):
        self.people[0].email = False
        self.env["crm.consent"].create(
            {
                "partner_id": self.people[1].id,
                "company_id": self.company_a.id,
                "purpose_id": self.env.ref("crm_extended.purpose_marketing").id,
                "state": "given",
            }
        )
        plan = self.draft(
            self.mail(), purpose_id=self.env.ref("crm_extended.purpose_marketing").id
        )
        line = self.dry_run(plan).line_ids
        self.assertEqual((line.count, line.skipped_count), (1, 4))
        self.assertEqual(line.reasons, {"no_address": 1, "no_consent": 3})
        self.assertIn("No consent: 3", line.reason_text)

    def test_steps_that_can_no_longer_be_done_are_skipped(self):
        plan = self.new_plan(
            self.mail(),
            self.tagging(),
            {"kind": "case", "summary": "Ask"},
            self.log(),
            domain=self.matching(self.people),
        )
        plan.enroll(self.people[0])
        self.template.unlink()
        self.tag.unlink()
        self.env["crm.feature"]._switch(care=False)
        foreseen = [
            (line.step_id, next(iter(line.reasons or {}), "done"))
            for line in self.dry_run(plan).line_ids
        ]
        self.run_due()
        happened = [
            (line.step_id, line.reason or line.outcome)
            for line in self.of(plan).step_ids.sorted("id")
        ]
        self.assertEqual(foreseen, happened)
        self.assertEqual(
            [key for _step, key in foreseen],
            ["definition_gone", "definition_gone", "feature_off", "done"],
        )

    def test_a_second_activity_is_foreseen_as_if_the_first_were_done(self):
        plan = self.draft(self.activity(), self.activity(1))
        run = self.dry_run(plan)
        self.assertEqual(self.days_of(run), [(0, "Step 1", 5), (1, "Step 2", 5)])
        self.assertIn("activity is assumed to be done", run.assumptions)
        alone = self.dry_run(self.draft(self.activity(), self.log(1)))
        self.assertNotIn("activity is assumed", alone.assumptions)

    def test_conditions_are_taken_as_met_and_marked(self):
        plan = self.draft(
            self.log(1, condition="bought", is_last=True), self.log(1, name="Other")
        )
        plan.draft_step_ids[0].else_step_id = plan.draft_step_ids[1]
        run = self.dry_run(plan)
        self.assertEqual(self.days_of(run), [(1, "Step 1", 5)])
        self.assertEqual(run.line_ids.if_text, "They bought")
        self.assertIn("assumed to be met", run.assumptions)
        self.assertIn("Other", run.assumptions)

    def test_queries_do_not_depend_on_the_number_of_customers(self):
        def count(people):
            plan = self.draft(self.mail(), self.mail(1), people=people)
            plan = plan.sudo().with_company(self.company_a)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            source = plan._matching_source()
            plan._forecast(plan._queue(plan._candidates(source)))
            return self.cr.sql_log_count - before

        few = count(self.people[:2])
        many = count(self.customers(200, email="b@example.com"))
        self.assertLessEqual(many, few + 2)

    # -- How messages come out

    def test_empty_placeholders_are_found(self):
        self.template.write(
            {
                "subject": "For {{ object.ref }}, {{ object.phone ||| you }}",
                "body_html": "<p t-if='object.ref'>If <t t-out='object.ref or \"\"'/>"
                "</p><p><t t-out='object.function'>Boss</t> <t t-out='0'/></p>",
            }
        )
        self.people[0].write({"ref": "A", "function": "Chief"})
        run = self.dry_run(self.draft(self.mail()))
        found = {one.detail: one.count for one in run.problem_ids}
        self.assertEqual(found, {"object.ref": 4, "object.function": 4})
        self.assertEqual(set(run.problem_ids.mapped("kind")), {"empty"})
        action = run.problem_ids[0].action_open()
        opened = self.env["res.partner"].search(action["domain"])
        self.assertEqual(opened, self.people[1:])

    def test_one_of_a_thousand_cannot_be_rendered(self):
        people = self.customers(1000, email="a@example.com")
        people[617].ref = "bad"
        self.template.body_html = (
            "<p t-if='object.ref'><t t-out='1 / (len(object.ref) - 3)'/></p>"
        )
        run = self.dry_run(self.draft(self.mail(), people=people, max_per_day=1000))
        self.assertEqual((run.checked_count, run.to_check_count), (0, 1000))
        with mute_logger(RENDERING):
            run.action_check()
        self.assertEqual((run.checked_count, run.to_check_count), (1000, 0))
        problem = run.problem_ids
        self.assertEqual((problem.kind, problem.count), ("error", 1))
        self.assertEqual(problem.detail, "ZeroDivisionError: division by zero")
        self.assertEqual(problem.examples, people[617].ids)
        self.assertEqual(run.line_ids.count, 1000)

    def test_missing_addresses(self):
        self.people[:2].email = False
        run = self.dry_run(self.draft(self.mail()))
        self.assertEqual(
            [(one.kind, one.count) for one in run.problem_ids], [("no_address", 2)]
        )
        self.assertEqual(set(run.problem_ids.examples), set(self.people[:2].ids))

    def test_the_person_who_is_addressed_is_rendered(self):
        firm = self.customer("Firm")
        invoice = self.customer(
            "Books", parent_id=firm.id, type="invoice", email="books@example.com"
        )
        plan = self.draft(self.mail(), people=firm, contact_rule="invoice")
        run = self.dry_run(plan)
        self.assertFalse(run.problem_ids)
        self.assertEqual(run.preview_subject, f"Hello {invoice.name}")

    def test_languages(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.env["res.lang"]._activate_lang("de_DE")
        self.template.with_context(lang="fr_FR").subject = "Bonjour {{ object.name }}"
        self.people[0].lang = "fr_FR"
        self.people[1].lang = "de_DE"
        run = self.dry_run(self.draft(self.mail()))
        self.assertEqual(
            [(one.kind, one.detail, one.count) for one in run.problem_ids],
            [("untranslated", "German / Deutsch", 1)],
        )
        run.preview_partner_id = self.people[0]
        self.assertEqual(run.preview_subject, "Bonjour Customer 0")

    def test_a_preview_that_fails_says_why(self):
        self.template.body_html = (
            "<p t-if='object.name == \"Customer 0\"' t-out='1 / 0'/>"
        )
        with mute_logger(RENDERING):
            run = self.dry_run(self.draft(self.mail()))
            self.assertIn("division by zero", run.preview_error)
            with self.assertRaisesRegex(UserError, "^ZeroDivisionError"):
                run.action_send_test()
        self.assertFalse(run.preview_body)

    def test_another_customer_is_chosen_on_the_page(self):
        for customer in self.people:
            self.buy(customer, 10, days_ago=2)
        self.refresh()
        run = self.dry_run(self.draft(self.mail(), trigger="first_purchase"))
        self.assertTrue(run.has_choice)
        other = self.people - run.preview_partner_id
        with Form(run) as page:
            page.who = "matching"
            for customer in other[:2]:
                page.preview_partner_id = customer
                self.assertEqual(page.preview_partner_id, customer)
                self.assertIn(customer.name, page.preview_body)
                self.assertEqual(page.preview_step_id, run.preview_step_id)
                self.assertEqual(page.who, "matching")
        self.assertEqual(run.preview_partner_id, other[1])

    def test_a_template_that_was_deleted(self):
        plan = self.draft(self.mail())
        run = self.dry_run(plan)
        self.template.unlink()
        run.action_run()
        self.assertFalse(run.preview_body)
        self.assertIn("Email Template", run.hint)
        with self.assertRaises(UserError):
            run.action_send_test()

    # -- A test to oneself

    def test_it_goes_to_the_user_alone(self):
        customer = self.people[0]
        customer.user_id = self.salesman
        self.manager.email = "boss@example.com"
        self.salesman.email = "sales@example.com"
        self.template.email_cc = "others@example.com"
        run = self.dry_run(self.draft(self.mail()))
        run.preview_partner_id = customer
        before = self.rows()
        messages = customer.message_ids
        last = self.env["mail.mail"].search([], order="id desc", limit=1)
        triggers = self.env["ir.cron.trigger"]
        waiting = triggers.search([])
        action = run.action_send_test()
        self.assertEqual(
            (triggers.search([]) - waiting).cron_id,
            self.env.ref("mail.ir_cron_mail_scheduler_action"),
            "It does not wait for the next hour.",
        )
        self.assertIn("boss@example.com", action["params"]["message"])
        mail = self.env["mail.mail"].search([("id", ">", last.id)])
        self.assertEqual(mail.recipient_ids, self.manager.partner_id)
        self.assertFalse(mail.email_to or mail.email_cc)
        self.assertFalse(mail.partner_ids)
        self.assertEqual(mail.state, "outgoing")
        self.assertEqual(mail.subject, "[Test] Hello Customer 0")
        self.assertIn("Customer 0", mail.body_html)
        self.assertEqual(mail.email_from, self.salesman.email_formatted)
        # It is on no record, and the link at its end is the user's own.
        self.assertFalse(mail.model or mail.res_id)
        self.assertEqual(customer.message_ids, messages)
        self.assertIn(f"/{self.manager.partner_id.id}/", mail.body_html)
        self.assertNotIn(f"/contact/preferences/{customer.id}/", mail.body_html)
        self.assertNotIn(f"/{customer.id}/", mail.headers or "")
        after = self.rows()
        changed = {table for table, rows in after.items() if rows != before[table]}
        self.assertLessEqual(changed, {"mail_mail", "mail_message", "ir_cron_trigger"})

    def test_a_user_without_address(self):
        self.manager.email = False
        with self.assertRaises(UserError):
            self.dry_run(self.draft(self.mail())).action_send_test()

    # -- Access

    def test_only_managers(self):
        plan = self.draft(self.mail())
        mine = self.dry_run(plan)
        for user in (self.salesman, self.employee, self.portal, self.agent):
            with self.subTest(user=user.login):
                with self.assertRaises(AccessError):
                    self.dry_run(plan, user)
                for model in ("", ".customer", ".line", ".problem"):
                    name = f"crm.care.plan.dry.run{model}"
                    for operation in ("read", "write", "create", "unlink"):
                        self.assertFalse(self.as_user(user, name).has_access(operation))
        other = self.new_user("other_boss", "sales_team.group_sale_manager")
        theirs = self.as_user(other, mine._name)
        self.assertFalse(theirs.search([("id", "=", mine.id)]))
        for method in ("action_run", "action_check", "action_send_test"):
            with self.assertRaises(AccessError):
                getattr(theirs.browse(mine.id), method)()
        for name in ("customer", "line", "problem"):
            rows = self.as_user(other, f"{mine._name}.{name}")
            self.assertFalse(rows.search([("run_id", "=", mine.id)]))

    def test_gone_while_off(self):
        run = self.dry_run(self.draft(self.mail()))
        self.env["crm.feature"]._switch(plans=False)
        with self.assertRaises(AccessError):
            run.action_run()

    def test_other_companies(self):
        theirs = self.customer("B", email="b@example.com", company_id=self.company_b.id)
        plan_b = self.new_plan(self.log(), company=self.company_b, start=False)
        with self.assertRaises(AccessError):
            self.dry_run(plan_b)
        # Nor by creating the page oneself.
        pages = self.as_user(self.manager, "crm.care.plan.dry.run")
        with self.assertRaises(AccessError):
            pages.create({"plan_id": plan_b.id}).action_run()
        plan = self.draft(self.mail(), people=self.people | theirs)
        run = self.dry_run(plan)
        self.assertEqual(run.customer_ids.partner_id, self.people)
        with self.assertRaises(UserError):
            run.preview_partner_id = theirs
            run.action_send_test()

    def test_two_companies_in_their_own_currencies(self):
        both = self.new_user("both", "sales_team.group_sale_manager")
        both.company_ids = [Command.link(self.company_b.id)]
        customer = self.people[0]
        self.buy(customer, 100)
        self.buy(customer, 700, company=self.company_b)
        self.refresh()
        self.refresh(self.company_b)
        for company, revenue in ((self.company_a, 100), (self.company_b, 700)):
            plan = self.new_plan(
                self.log(),
                company=company,
                start=False,
                domain=self.matching(customer),
            )
            plans = plan.with_user(both).with_context(
                allowed_company_ids=(self.company_a | self.company_b).ids
            )
            action = plans.action_dry_run()
            run = plans.env[action["res_model"]].browse(action["res_id"])
            one = run.customer_ids
            self.assertEqual(
                (one.revenue, one.currency_id), (revenue, company.currency_id)
            )

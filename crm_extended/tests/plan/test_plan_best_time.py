"""Steps at the customer's best time: emails wait for it, and activities are due then."""

from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo.tests import Form, tagged

from .common import PlanCommon

MONDAY = datetime(2026, 11, 23)
TUESDAY, WEDNESDAY = MONDAY + timedelta(days=1), MONDAY + timedelta(days=2)


@tagged("post_install", "-at_install")
class TestPlanBestTime(PlanCommon):
    """It is Monday; all customers write on Thursdays at 15, Ada on Wednesdays at 10."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["crm.best.time"].search([]).unlink()
        cls.startClassPatcher(freeze_time(MONDAY + timedelta(hours=12)))
        cls.ada, cls.eve, cls.other = (
            cls.customer(name, email=f"{name.lower()}@example.com", tz="UTC")
            for name in ("Ada", "Eve", "Other")
        )
        cls.wrote(cls.other, 3, 15, 30)
        cls.wrote(cls.ada, 2, 10, 12)
        cls.call = cls.env.ref("mail.mail_activity_data_call")
        cls.env["crm.best.time"]._refresh(cls.company_a)

    @classmethod
    def moments(cls, weekday, hour, count):
        day = MONDAY + timedelta(days=weekday - 7, hours=hour, minutes=30)
        return [day - timedelta(weeks=number % 40) for number in range(count)]

    @classmethod
    def wrote(cls, partner, weekday, hour, count):
        cls.env["mail.message"].create(
            [
                {
                    "model": "res.partner",
                    "res_id": partner.id,
                    "author_id": partner.id,
                    "message_type": "email",
                    "subtype_id": cls.env.ref("mail.mt_comment").id,
                    "date": moment,
                }
                for moment in cls.moments(weekday, hour, count)
            ]
        )

    @classmethod
    def called(cls, partner, weekday, hour, count):
        cls.env["crm.interaction"].create(
            [
                {
                    "partner_id": partner.id,
                    "company_id": cls.company_a.id,
                    "channel": "phone",
                    "date": moment,
                }
                for moment in cls.moments(weekday, hour, count)
            ]
        )

    def enroll(self, plan, *partners):
        plan.enroll(self.env["res.partner"].union(*partners))
        return [self.of(plan, partner) for partner in partners]

    def test_emails_wait_for_the_hours_of_each_customer(self):
        plan = self.new_plan(self.mail(1, at_best_time=True), self.log(1))
        [ada, eve] = self.enroll(plan, self.ada, self.eve)
        due = TUESDAY + timedelta(hours=12)
        self.assertEqual(ada.next_date, due)
        self.run_due(at=due)
        self.assertEqual(ada.next_date, WEDNESDAY + timedelta(hours=9))
        # Without mails of their own: when all customers write.
        self.assertEqual(eve.next_date, MONDAY + timedelta(days=3, hours=14))
        self.assertEqual(set((ada + eve).mapped("wait_reason")), {"best_time"})
        self.assertIn("waits for the best time", ada.status_text)
        self.assertFalse((ada + eve).step_ids)
        self.run_due(at=WEDNESDAY + timedelta(hours=9, minutes=3))
        self.assertEqual(ada.step_ids.outcome, "done")
        self.assertFalse(ada.wait_reason)
        self.assertFalse(eve.step_ids)
        # The next step is counted from then.
        self.assertEqual(ada.next_date, WEDNESDAY + timedelta(days=1, hours=9))

    def test_within_the_hours_they_are_sent_at_once(self):
        plan = self.new_plan(self.mail(2, at_best_time=True))
        self.wrote(self.eve, 2, 12, 12)
        [eve] = self.enroll(plan, self.eve)
        self.run_due(at=WEDNESDAY + timedelta(hours=12))
        self.assertEqual(eve.state, "done")

    def test_a_fixed_time_is_for_those_of_whom_too_little_is_known(self):
        values = {"has_time": True, "at_time": 16, "at_best_time": True}
        plan = self.new_plan(self.mail(2, **values))
        self.refuse_profiling(self.eve)
        [ada, eve] = self.enroll(plan, self.ada, self.eve)
        # The day begins: hours before the fixed time can be chosen, too.
        self.assertEqual(ada.next_date, WEDNESDAY)
        self.run_due(at=WEDNESDAY + timedelta(minutes=1))
        self.assertEqual(ada.next_date, WEDNESDAY + timedelta(hours=9))
        self.assertEqual(eve.next_date, WEDNESDAY + timedelta(hours=16))
        self.run_due(at=WEDNESDAY + timedelta(hours=16))
        self.assertEqual((ada + eve).mapped("state"), ["done", "done"])

    def refuse_profiling(self, partner):
        self.env["crm.consent"].create(
            {
                "partner_id": partner.id,
                "company_id": self.company_a.id,
                "purpose_id": self.env.ref("crm_extended.purpose_profiling").id,
                "state": "refused",
            }
        )

    def test_without_analytics_steps_keep_their_time(self):
        values = {"has_time": True, "at_time": 16, "at_best_time": True}
        plan = self.new_plan(
            self.mail(2, **values), self.activity(0, at_best_time=True)
        )
        self.env["crm.feature"]._switch(insight=False)
        [ada] = self.enroll(plan, self.ada)
        self.run_due(at=WEDNESDAY + timedelta(minutes=1))
        self.assertEqual(ada.next_date, WEDNESDAY + timedelta(hours=16))
        self.run_due(at=WEDNESDAY + timedelta(hours=16, minutes=1))
        self.assertEqual(ada.state, "done")
        step = plan.version_id.step_ids[0]
        self.assertNotIn("best time", step.when_text)
        self.assertFalse(step.can_use_best_time)

    def test_no_one_ever_wrote(self):
        self.env["crm.best.time"].search([]).unlink()
        plan = self.new_plan(self.mail(1, at_best_time=True))
        [ada] = self.enroll(plan, self.ada)
        self.run_due(at=TUESDAY + timedelta(hours=12))
        self.assertEqual(ada.state, "done")

    def test_quiet_hours_of_the_contact_policy(self):
        self.company_a.write({"contact_quiet_from": 9, "contact_quiet_to": 12})
        self.wrote(self.ada, 4, 13, 10)
        plan = self.new_plan(self.mail(1, at_best_time=True))
        [ada] = self.enroll(plan, self.ada)
        self.run_due(at=TUESDAY + timedelta(hours=12))
        self.assertEqual(ada.next_date, MONDAY + timedelta(days=4, hours=12))

    def test_a_day_without_contacts(self):
        self.env["crm.contact.quiet.day"].create(
            {"company_id": self.company_a.id, "date": WEDNESDAY.date()}
        )
        plan = self.new_plan(self.mail(1, at_best_time=True))
        [ada] = self.enroll(plan, self.ada)
        self.run_due(at=TUESDAY + timedelta(hours=12))
        self.assertEqual(ada.next_date, MONDAY + timedelta(days=3, hours=14))

    def test_who_waited_once_does_not_wait_again(self):
        plan = self.new_plan(self.mail(1, at_best_time=True))
        [ada] = self.enroll(plan, self.ada)
        self.run_due(at=TUESDAY + timedelta(hours=12))
        # Meanwhile they write on Fridays.
        self.wrote(self.ada, 4, 13, 40)
        self.run_due(at=WEDNESDAY + timedelta(hours=13))
        self.assertEqual(ada.state, "done")

    def test_activities_are_due_on_the_best_day(self):
        self.called(self.other, 3, 15, 25)
        self.called(self.ada, 2, 10, 8)
        self.env["crm.best.time"]._refresh(self.company_a)
        call = {"activity_type_id": self.call.id, "note": "<p>Ask</p>"}
        plan = self.new_plan(
            self.activity(0, at_best_time=True, **call),
            self.tagging(0),
        )
        todo = self.new_plan(self.activity(0, at_best_time=True))
        [ada, eve] = self.enroll(plan, self.ada, self.eve)
        [other] = self.enroll(todo, self.other)
        self.run_due()
        self.assertEqual((ada + eve).mapped("state"), ["done", "done"])
        first, second = (each.step_ids.activity_id for each in (ada, eve))
        self.assertEqual(first.date_deadline, WEDNESDAY.date())
        self.assertEqual(second.date_deadline, (MONDAY + timedelta(days=3)).date())
        self.assertIn("Best time: Wednesdays", first.note)
        self.assertIn("Ask", first.note)
        self.assertNotIn("calls", first.note)
        # A to-do is no contact.
        self.assertEqual(other.step_ids.activity_id.date_deadline, MONDAY.date())

    def test_activities_with_days_to_do_them(self):
        self.called(self.other, 3, 15, 25)
        self.env["crm.best.time"]._refresh(self.company_a)
        call = {"activity_type_id": self.call.id}
        plan = self.new_plan(
            self.activity(0, at_best_time=True, activity_days=5, **call)
        )
        [ada] = self.enroll(plan, self.ada)
        self.run_due()
        # Saturday, and the Thursday after it.
        self.assertEqual(
            ada.step_ids.activity_id.date_deadline, (MONDAY + timedelta(days=10)).date()
        )

    def test_other_steps_do_not_wait(self):
        plan = self.new_plan(
            self.log(0, at_best_time=True),
            self.mail(1, delay_unit="hours", at_best_time=True),
        )
        [ada] = self.enroll(plan, self.ada)
        self.run_due(hours=2)
        self.assertEqual(ada.state, "done")

    def test_versions_keep_their_setting(self):
        plan = self.new_plan(self.mail(1, at_best_time=True))
        draft = plan._get_draft()
        self.assertTrue(draft.step_ids.at_best_time)
        draft.step_ids.at_best_time = False
        self.assertTrue(plan.version_id.step_ids.at_best_time)
        self.assertTrue(plan.copy()._get_draft().step_ids.at_best_time)
        self.assertIn("best time", plan.version_id.step_ids.when_text)

    def test_the_form(self):
        plan = self.new_plan(self.mail(1), start=False)
        step = plan._get_draft().step_ids
        self.assertFalse(step.at_best_time)
        manager = self.manager
        form = Form(self.as_user(manager, "crm.care.plan.step").browse(step.id))
        self.assertTrue(form.can_use_best_time)
        form.at_best_time = True
        self.assertEqual(form.when_text, "1 day later, at the customer's best time")
        form.delay_unit = "hours"
        self.assertFalse(form.can_use_best_time)

    def test_the_dry_run_takes_the_ordinary_time(self):
        values = {"has_time": True, "at_time": 16, "at_best_time": True}
        plan = self.new_plan(self.mail(2, **values))
        step = plan.version_id.step_ids
        self.assertEqual(
            step._planned_after(self.now()), WEDNESDAY + timedelta(hours=16)
        )
        self.assertEqual(step._opens_after(self.now()), WEDNESDAY)
        self.assertEqual(
            step._after_in_forecast()(self.now()), WEDNESDAY + timedelta(hours=16)
        )

    def test_as_many_queries_for_many(self):
        def count(partners):
            plan = self.new_plan(self.mail(1, at_best_time=True))
            self.enroll(plan, *partners)
            self.env.flush_all()
            self.env.invalidate_all()
            due = TUESDAY + timedelta(hours=12)
            with freeze_time(due):
                before = self.env.cr.sql_log_count
                done = self.enrollments.with_company(self.company_a)._run_next()
                queries = self.env.cr.sql_log_count - before
            self.assertEqual(done, len(partners))
            self.assertEqual(set(self.of(plan).mapped("wait_reason")), {"best_time"})
            plan.action_end()
            return queries

        people = [
            self.customer(f"Customer {number}", email=f"{number}@example.com")
            for number in range(15)
        ]
        count(people[:2])
        self.assertEqual(count(people[:3]), count(people[3:]))

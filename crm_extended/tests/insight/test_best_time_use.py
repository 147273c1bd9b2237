"""Where the best time is used: the agenda, and activities that are scheduled."""

from odoo import Command, fields
from odoo.tests import Form, new_test_user, tagged

from ...analytics.common.clock import wall_clock
from .best_time_common import THURSDAY, TUESDAY, ZONE, BestTimeCommon


@tagged("post_install", "-at_install")
class TestBestTimeUse(BestTimeCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.everyone()
        cls.calls(cls.ada, TUESDAY, 10, 9, 1)
        cls.update()
        cls.ada.activity_schedule(
            "mail.mail_activity_data_call",
            date_deadline=cls.today,
            user_id=cls.salesman.id,
        )

    # -- Agenda

    def hints(self, user=None):
        self.env["crm.agenda.item"].search([]).unlink()
        return {row["name"]: row["hint"] for row in self.today_of(user)["rows"]}

    def test_the_agenda_says_when_to_call(self):
        hint = self.hints()["Ada"]
        self.assertTrue(
            hint["text"].startswith(
                "Best time to call: Tuesdays 9:00\u202fAM–11:00\u202fAM"
            )
        )
        self.assertIn("reached in 9 of 10 calls", hint["title"])

    def test_without_contacts_of_their_own_there_is_no_hint(self):
        self.activity(self.mine("Eve"))
        hints = self.hints()
        self.assertTrue(hints["Ada"])
        self.assertFalse(hints["Eve"])

    def test_mails_where_no_call_is_possible(self):
        eve = self.mine("Eve", phone=False)
        self.activity(eve)
        self.writes(eve, THURSDAY, 9, 25)
        self.update()
        self.assertIn("Best time to write: Thursdays", self.hints()["Eve"]["text"])

    def test_hours_of_today_are_still_to_come(self):
        times = self.times(self.ada)
        for hour in (0, 8, 9, 10, 15, 23):
            now = self.at(THURSDAY, hour, minute=30)
            if found := times.of_today("phone", now):
                start, end = (wall_clock(each, ZONE) for each in found)
                self.assertEqual(start.date(), wall_clock(now, ZONE).date())
                self.assertGreaterEqual(start.hour, hour)
                self.assertEqual((end - start).seconds, 7200)
        self.assertIsNone(times.of_today("phone", self.at(THURSDAY, 23)))

    def test_a_failure_leaves_the_list(self):
        sources = self.env["crm.best.time"]._best_time_sources()

        def fails(scope):
            raise ValueError("No.")

        broken = {"broken": sources["sale"]._replace(events=fails)}
        self.patch(
            type(self.env["crm.best.time"]), "_best_time_sources", lambda self: broken
        )
        with self.assertLogs("odoo.addons.crm_extended.models.agenda", "ERROR"):
            self.assertEqual(self.hints(), {"Ada": False})

    def test_off_means_gone(self):
        self.env["crm.feature"]._switch(insight=False)
        self.env.registry.clear_cache("groups")
        self.assertEqual(self.hints(), {"Ada": False})

    # -- Activities

    def scheduler(self, record, kind="call", user=None):
        scheduler = self.as_user(user or self.salesman, "mail.activity.schedule")
        kind = self.env.ref(f"mail.mail_activity_data_{kind}")
        return Form(
            scheduler.with_context(
                active_model=record._name,
                active_id=record.id,
                active_ids=record.ids,
                default_activity_type_id=kind.id,
                tz=ZONE,
            )
        )

    def test_a_call_is_scheduled_for_the_best_day(self):
        before = self.ada.activity_ids
        form = self.scheduler(self.ada)
        self.assertIn("reached in 9 of 10 calls", form.best_time_text)
        usual = form.date_deadline
        form.at_best_time = True
        self.assertEqual(form.date_deadline.weekday(), TUESDAY)
        self.assertTrue(0 <= (form.date_deadline - fields.Date.today()).days <= 7)
        form.at_best_time = False
        self.assertEqual(form.date_deadline, usual)
        form.at_best_time = True
        form.note = "<p>Ask about tea</p>"
        form.save().action_schedule_activities()
        activity = self.ada.activity_ids - before
        self.assertEqual(activity.date_deadline.weekday(), TUESDAY)
        self.assertIn("Best time: Tuesdays", activity.note)
        self.assertIn("Ask about tea", activity.note)

    def test_without_it_nothing_changes(self):
        before = self.ada.activity_ids
        form = self.scheduler(self.ada)
        form.save().action_schedule_activities()
        self.assertNotIn("Best time", (self.ada.activity_ids - before).note or "")

    def test_leads_and_other_kinds(self):
        lead = self.lead(self.ada)
        self.assertTrue(self.scheduler(lead).best_time_text)
        self.assertFalse(self.scheduler(lead, "todo").best_time_text)
        self.assertFalse(self.scheduler(self.ada, "email").best_time_text)
        product = self.env["product.template"].create({"name": "Tea"})
        self.assertFalse(self.scheduler(product, user=self.env.user).best_time_text)

    def test_many_records_and_strange_ones(self):
        wizard = self.as_user(self.salesman, "mail.activity.schedule")
        call = self.env.ref("mail.mail_activity_data_call")
        hidden = self.customer("Hidden", company_id=self.company_b.id)
        gone = self.customer("Gone")
        gone.unlink()
        eve = self.mine("Eve")
        for ids in ((self.ada + eve).ids, hidden.ids, gone.ids, []):
            one = wizard.new(
                {
                    "res_model": "res.partner",
                    "res_ids": str(ids),
                    "activity_type_id": call.id,
                    "at_best_time": True,
                }
            )
            self.assertFalse(one.best_time_text)

    def test_care_agents_see_nothing_of_it(self):
        agent = new_test_user(
            self.env,
            login="best_time_agent",
            groups="crm_extended.group_care_agent",
            company_id=self.company_a.id,
            company_ids=[Command.set(self.company_a.ids)],
        )
        wizard = self.as_user(agent, "mail.activity.schedule")
        view = wizard.get_view(
            self.env.ref("mail.mail_activity_schedule_view_form").id, "form"
        )
        self.assertNotIn("best_time", view["arch"])
        one = wizard.create(
            {
                "res_model": "res.partner",
                "res_ids": str(self.ada.ids),
                "activity_type_id": self.env.ref("mail.mail_activity_data_call").id,
            }
        )
        before = self.ada.activity_ids
        one.action_schedule_activities()
        self.assertEqual(len(self.ada.activity_ids - before), 1)

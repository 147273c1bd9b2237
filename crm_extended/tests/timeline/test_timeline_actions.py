"""What readers do with entries, as far as they may do it elsewhere."""

from datetime import timedelta

from odoo.exceptions import AccessError, UserError

from .common import TimelineCommon


class TestTimelineActions(TimelineCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.own = cls.new_user("acts_on_own", "sales_team.group_sale_salesman")

    def actions(self, record, entry_id, user=None):
        entries = self.fetch(record, user, limit=100)["entries"]
        [entry] = [entry for entry in entries if entry["id"] == entry_id]
        return entry["actions"]

    def act(self, user, *args):
        return self.timeline(user).act("res.partner", self.contact.id, *args)

    def activity(self, record=None, user=None, **values):
        return (record or self.contact).activity_schedule(
            "mail.mail_activity_data_call",
            self.today,
            summary="Ask",
            user_id=(user or self.salesman).id,
            **values,
        )

    def test_an_activity_is_marked_as_done_with_feedback(self):
        activity = self.activity()
        entry_id = f"activity-{activity.id}"
        self.assertEqual(self.actions(self.contact, entry_id), ["done", "reschedule"])
        head = self.timeline().head("res.partner", self.contact.id)
        self.assertEqual(head["upcoming"][0]["actions"], ["done", "reschedule"])
        self.assertIs(
            self.act(None, entry_id, "done", {"feedback": "They agree"}), True
        )
        self.assertFalse(activity.exists() and activity.active)
        [done] = self.fetch(self.contact, kinds=["activity"])["entries"]
        self.assertIn("They agree", done["body"])
        with self.assertRaises(UserError):
            self.act(None, entry_id, "done")

    def test_an_activity_is_rescheduled(self):
        activity = self.activity()
        entry_id = f"activity-{activity.id}"
        later = self.today + timedelta(days=9)
        self.act(None, entry_id, "reschedule", {"date": str(later)})
        self.assertEqual(activity.date_deadline, later)
        for bad in (
            {},
            {"date": "tomorrow"},
            {"date": 5},
            {"date": ["2026-01-01"]},
            {"user_id": 1},
            "later",
            {"date": "2026-01-01", "feedback": 5},
        ):
            with self.assertRaises(UserError, msg=str(bad)):
                self.act(None, entry_id, "reschedule", bad)
        self.assertEqual(activity.date_deadline, later)

    def test_a_meeting_ahead_is_rescheduled_in_its_form(self):
        ahead, past = self.meeting(self.contact, -3), self.meeting(self.contact, 3)
        entry_id = f"meeting-{ahead.id}"
        self.assertEqual(self.actions(self.contact, entry_id), ["reschedule"])
        self.assertEqual(self.actions(self.contact, f"meeting-{past.id}"), [])
        action = self.act(None, entry_id, "reschedule")
        self.assertEqual(
            (action["res_model"], action["res_id"], action["target"]),
            ("calendar.event", ahead.id, "new"),
        )
        with self.assertRaises(AccessError):
            self.act(None, f"meeting-{past.id}", "reschedule")

    def test_a_reply_goes_to_the_writer_on_the_same_record(self):
        lead = self.lead(self.contact)
        self.contact.email = "ann@example.com"
        mail = self.message(
            lead, 1, message_type="email", author_id=self.contact.id, subject="Offer?"
        )
        entry_id = f"message-{mail.id}"
        self.assertEqual(self.actions(self.contact, entry_id), ["reply"])
        action = self.act(None, entry_id, "reply")
        self.assertEqual(action["res_model"], "mail.compose.message")
        composer = (
            self.as_user(self.salesman, "mail.compose.message")
            .with_context(**action["context"])
            .create({"body": "<p>Here it is</p>"})
        )
        self.assertEqual(
            (composer.model, composer.partner_ids, composer.subject),
            ("crm.lead", self.contact, "Re: Offer?"),
        )
        composer.action_send_mail()
        answer = lead.message_ids.sorted("id")[-1]
        self.assertEqual(answer.parent_id, mail)
        self.assertIn(self.contact, answer.partner_ids)
        for kind in (self.note, self.env["mail.message.subtype"]):
            note = self.message(lead, 2, subtype_id=kind.id)
            self.assertEqual(self.actions(self.contact, f"message-{note.id}"), [])

    def test_a_request_is_answered_on_its_case(self):
        case = self.env["crm.care.case"].create(
            {
                "name": "My lamp",
                "partner_id": self.contact.id,
                "company_id": self.company_a.id,
                "team_id": False,
                "user_id": self.manager.id,
            }
        )
        asked = self.message(case, 0, date=case.opened_date, author_id=self.contact.id)
        manager = self.new_user("answers_cases", "crm_extended.group_care_manager")
        page = self.fetch(self.contact, manager)
        [entry] = [one for one in page["entries"] if one["id"] == f"case-{case.id}"]
        self.assertEqual(entry["actions"], ["reply"])
        [part] = [one for one in entry["parts"] if one["actions"]]
        self.assertEqual(part["id"], f"message-{asked.id}")
        action = self.act(manager, part["id"], "reply")
        self.assertEqual(action["context"]["default_model"], "crm.care.case")
        self.assertEqual(action["context"]["default_res_ids"], case.ids)
        # Who may read a case, and no more, does not answer it.
        reader = self.new_user("reads_cases", "sales_team.group_sale_manager")
        page = self.fetch(self.contact, reader)
        for entry in page["entries"]:
            if entry["id"] == f"case-{case.id}":
                self.assertEqual(entry["actions"], [])
                with self.assertRaises(AccessError):
                    self.act(reader, part["id"], "reply")

    def test_nobody_acts_on_what_they_may_not_change(self):
        lead = self.lead(self.contact, user_id=self.manager.id)
        hidden = self.activity(lead, self.manager)
        mail = self.message(lead, 1, message_type="email", author_id=self.contact.id)
        for entry_id, name in (
            (f"activity-{hidden.id}", "done"),
            (f"message-{mail.id}", "reply"),
            ("nothing-1", "done"),
            ("activity-99999999", "done"),
            (5, "done"),
            (None, "done"),
        ):
            with self.assertRaises(UserError, msg=f"{entry_id}"):
                self.act(self.own, entry_id, name)
        self.assertTrue(hidden.exists())
        call = self.interaction(self.contact)
        for name in ("done", "unlink", "actions", None, ["done"], {}):
            with self.assertRaises(AccessError, msg=f"{name}"):
                self.act(None, f"interaction-{call.id}", name)
        activity = self.activity()
        for user in (self.portal, self.env.ref("base.public_user")):
            with self.assertRaises(AccessError):
                self.act(user, f"activity-{activity.id}", "done")
        # Not in the stream of another customer, either.
        with self.assertRaises(UserError):
            self.timeline().act(
                "res.partner", self.stranger.id, f"activity-{activity.id}", "done"
            )
        self.assertTrue(activity.active)

    def test_a_new_mail_is_for_the_customer(self):
        self.contact.email = "ann@example.com"
        lead = self.lead(self.contact)
        for record in (self.contact, lead):
            head = self.timeline().head(record._name, record.id)
            self.assertIs(head["can_post"], True)
            action = self.timeline().compose(record._name, record.id)
            context = action["context"]
            self.assertEqual(context["default_partner_ids"], self.contact.ids)
            self.assertEqual(context["default_model"], record._name)
            self.assertEqual(context["default_res_ids"], record.ids)
        portal = self.new_user("no_composer", "base.group_portal")
        partner = portal.partner_id
        self.assertIs(
            self.timeline(portal).head("res.partner", partner.id)["can_post"], False
        )
        for user, record in (
            (portal, partner),
            (self.own, self.lead(user_id=self.manager.id)),
        ):
            with self.assertRaises(AccessError):
                self.timeline(user).compose(record._name, record.id)

    def test_queries_do_not_grow_with_actions(self):
        def fill(partner, number):
            for _n in range(number):
                self.activity(partner)
                self.message(self.lead(partner), 1, author_id=partner.id)

        def queries(partner):
            self.fetch(partner, limit=30)
            timeline = self.timeline()
            before = self.env.cr.sql_log_count
            timeline.fetch("res.partner", partner.id, limit=30)
            return self.env.cr.sql_log_count - before

        few, many = self.customers(2)
        fill(few, 2)
        fill(many, 9)
        self.assertLessEqual(queries(many), queries(few) + 3)

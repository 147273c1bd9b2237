"""Logging a contact from a customer, a lead, or from anywhere."""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form

from ..common import CustomerValueCommon


class TestInteractionWizard(CustomerValueCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner = cls.customer("Called")
        cls.lead = cls.env["crm.lead"].create(
            {
                "name": "Deal",
                "type": "opportunity",
                "partner_id": cls.partner.id,
                "user_id": cls.salesman.id,
                "company_id": cls.company_a.id,
            }
        )

    def open(self, record=None, user=None):
        """The dialog as the button on a record opens it."""
        wizard = self.as_user(user or self.salesman, "crm.interaction.wizard")
        if record:
            wizard = wizard.with_context(
                active_model=record._name, active_id=record.id, active_ids=record.ids
            )
        return Form(wizard)

    def logged(self):
        return self.env["crm.interaction"].search(
            [("partner_id", "=", self.partner.id)]
        )

    def test_called_and_nobody_there(self):
        form = self.open(self.partner)
        self.assertTrue(form.is_known)
        action = form.save().action_nobody_there()
        self.assertIn("Called", action["params"]["message"])
        self.assertRecordValues(
            self.logged(),
            [
                {
                    "channel": "phone",
                    "direction": "out",
                    "outcome": "no_answer",
                    "duration": 0,
                    "summary": False,
                    "user_id": self.salesman.id,
                    "lead_id": False,
                    "calendar_event_id": False,
                }
            ],
        )
        self.assertFalse(self.partner.activity_ids)

    def test_from_a_lead(self):
        self.open(self.lead).save().action_log()
        self.assertEqual(self.logged().lead_id, self.lead)
        self.lead.partner_id = False
        self.open(self.lead).save().action_nobody_there()
        without = self.env["crm.interaction"].search(
            [("lead_id", "=", self.lead.id), ("partner_id", "=", False)]
        )
        self.assertEqual(without.outcome, "no_answer")

    def test_from_anywhere_the_customer_must_be_chosen(self):
        form = self.open()
        self.assertFalse(form.is_known)
        with self.assertRaises(AssertionError):
            form.save()
        wizard = self.as_user(self.salesman, "crm.interaction.wizard").create({})
        with self.assertRaises(ValidationError):
            wizard.action_log()

    def test_it_becomes_a_meeting_only_if_wanted(self):
        start = fields.Datetime.now() - timedelta(hours=2)
        mails = self.env["mail.mail"].search_count([])
        with self.open(self.lead) as form:
            form.channel = "visit"
            form.date = start
            form.duration = 1.5
            form.summary = "<b>Samples</b>"
            form.has_event = True
        form.record.action_log()
        event = self.logged().calendar_event_id
        self.assertRecordValues(
            event,
            [
                {
                    "start": start.replace(microsecond=0),
                    "stop": start.replace(microsecond=0) + timedelta(hours=1.5),
                    "user_id": self.salesman.id,
                    "opportunity_id": self.lead.id,
                }
            ],
        )
        self.assertEqual(
            event.partner_ids, self.partner + self.salesman.partner_id, "who was there"
        )
        self.assertIn("&lt;b&gt;", event.description)
        self.assertEqual(self.env["mail.mail"].search_count([]), mails)

        wizard = self.open(self.partner)
        wizard.has_event = True
        wizard.channel = "letter"
        wizard.save().action_log()
        self.assertFalse(self.logged()[0].calendar_event_id, "a letter is no meeting")

    def test_the_next_step_is_an_activity_for_the_user(self):
        with self.open(self.lead) as form:
            form.outcome = "callback"
            self.assertEqual(
                form.next_type_id, self.env.ref("mail.mail_activity_data_call")
            )
            form.next_date = self.today + timedelta(days=3)
            form.next_summary = "After the fair"
        form.record.action_log()
        self.assertRecordValues(
            self.lead.activity_ids,
            [
                {
                    "date_deadline": self.today + timedelta(days=3),
                    "summary": "After the fair",
                    "user_id": self.salesman.id,
                }
            ],
        )
        with self.open(self.partner) as form:
            form.next_type_id = self.env.ref("mail.mail_activity_data_todo")
        form.record.action_log()
        self.assertEqual(self.partner.activity_ids.user_id, self.salesman)

    def test_who_may_not(self):
        for user in (self.employee, self.portal):
            with self.assertRaises(AccessError, msg=user.login):
                self.as_user(user, "crm.interaction.wizard").create({})
        wizard = self.as_user(self.salesman_b, "crm.interaction.wizard").create(
            {"lead_id": self.lead.id}
        )
        with self.assertRaises(AccessError):
            wizard.action_log()

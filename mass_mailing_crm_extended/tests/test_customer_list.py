"""Mailings to a customer list: found when they are sent, and by the contact policy."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged

from .common import MailingToListCommon


@tagged("post_install", "-at_install")
class TestMailingToList(MailingToListCommon):
    def recipients(self):
        return set(self.mailing._get_recipients())

    def test_found_when_it_is_sent(self):
        self.assertEqual(self.recipients(), {self.bert.id, self.cleo.id})
        dora = self.customer("Dora", email="dora@example.com", city="Bench City")
        self.given(dora)
        self.cleo.city = "Elsewhere"
        self.assertEqual(self.recipients(), {self.bert.id, dora.id})

    def test_nobody_who_is_not_on_the_list(self):
        self.mailing.mailing_domain = "[]"
        self.assertEqual(self.recipients(), {self.bert.id, self.cleo.id})

    def test_who_refused_is_left_out(self):
        self.answer("refused", self.cleo)
        self.assertEqual(self.recipients(), {self.bert.id})

    def test_who_must_wait_is_mailed_later(self):
        later = fields.Datetime.now() + timedelta(hours=9)
        policies = self.env.registry["crm.contact.policy"]
        real = policies._check

        def check(policy, contacts, *args, **kwargs):
            answers = real(policy, contacts, *args, **kwargs)
            for id_ in answers:
                if id_ == self.cleo.id:
                    answers[id_] = {"allowed": False, "date": later, "reason": "quiet"}
            return answers

        with patch.object(policies, "_check", check):
            self.mailing.action_send_mail()
            self.assertEqual(self.mailing.state, "in_queue")
            self.assertEqual(self.mailing.schedule_date, later)
            mailed = self.mailing.mailing_trace_ids.mapped("res_id")
            self.assertEqual(mailed, [self.bert.id])
            # All who are left wait.
            self.mailing.schedule_date = fields.Datetime.now()
            self.mailing._wait_for_allowed()
            self.assertEqual(self.mailing.schedule_date, later)
        self.mailing.action_send_mail()
        self.assertEqual(self.mailing.state, "done")
        mailed = self.mailing.mailing_trace_ids.mapped("res_id")
        self.assertEqual(set(mailed), {self.bert.id, self.cleo.id})

    def test_only_contacts(self):
        self.mailing.mailing_model_id = self.env["ir.model"]._get_id("crm.lead")
        with self.assertRaises(UserError):
            self.mailing._get_recipients()

    def test_button_of_the_list(self):
        action = self.list.action_new_mailing()
        mailing = self.env["mailing.mailing"].with_context(**action["context"])
        mailing = mailing.create({"subject": "News"})
        self.assertEqual(mailing.customer_list_id, self.list)
        self.assertEqual(set(mailing._get_recipients()), {self.bert.id, self.cleo.id})

    def test_no_filter_by_list_without_the_list(self):
        """It would reach those whom the contact policy holds back."""
        with self.assertRaisesRegex(ValidationError, "contact policy"):
            self.mailing.customer_list_id = False
        with Form(self.mailing) as form:
            form.customer_list_id = self.env["crm.customer.list"]
        self.assertNotIn("customer_list_id", self.mailing.mailing_domain)

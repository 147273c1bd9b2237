"""When the company last had to do with the customers of the watch list."""

from datetime import timedelta

from odoo import fields

from .common import CustomerValueCommon


class TestLastContact(CustomerValueCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.customer("Contacted", is_company=True)
        cls.contact = cls.customer("Contact", parent_id=cls.company.id)
        cls.silent = cls.customer("Silent")
        for partner in (cls.company, cls.silent):
            cls.buy(partner, 10.0)
        cls.refresh()
        cls.activity_types = {
            category: cls.env.ref(f"mail.mail_activity_data_{category}")
            for category in ("call", "meeting", "todo")
        }

    def ago(self, days):
        return fields.Datetime.now() - timedelta(days=days)

    def last(self, partner=None, user=None):
        self.env.invalidate_all()
        movement = self.as_user(user or self.salesman, "crm.rfm.movement").search(
            [("partner_id", "=", (partner or self.company).id)]
        )
        return movement.last_contact_date

    def days_since(self):
        last = self.last()
        return last and (self.ago(0).date() - last).days

    def message(self, days, **values):
        comment = self.env.ref("mail.mt_comment").id
        return self.env["mail.message"].create(
            {
                "date": self.ago(days),
                "message_type": "comment",
                "subtype_id": comment,
                "author_id": self.env.user.partner_id.id,
                "model": "res.partner",
                "res_id": self.company.id,
                **values,
            }
        )

    def test_nothing_is_known(self):
        self.assertFalse(self.last())

    def test_mails_in_both_directions_count(self):
        self.message(30, message_type="email", author_id=self.contact.id)
        self.assertEqual(self.days_since(), 30)
        self.message(20, partner_ids=self.contact.ids, model=False, res_id=False)
        self.assertEqual(self.days_since(), 20)
        self.assertFalse(self.last(self.silent))

    def test_notes_mailings_and_the_system_do_not_count(self):
        note = self.env.ref("mail.mt_note").id
        self.message(5)
        self.message(4, partner_ids=self.contact.ids, subtype_id=note)
        self.message(4, partner_ids=self.contact.ids, is_internal=True)
        self.message(3, partner_ids=self.contact.ids, message_type="email_outgoing")
        self.message(3, partner_ids=self.contact.ids, message_type="notification")
        self.message(2, partner_ids=self.contact.ids, message_type="auto_comment")
        self.assertFalse(self.last())

    def test_calls_and_meetings_marked_as_done_count_and_tasks_do_not(self):
        lead = self.env["crm.lead"].create(
            {"name": "Lead", "partner_id": self.contact.id}
        )
        for record, kind, counts in (
            (self.company, "todo", False),
            (self.company, "call", True),
            (lead, "todo", False),
            (lead, "meeting", True),
        ):
            record.message_ids.sudo().unlink()
            self.env["mail.message"].sudo().search(
                [
                    ("mail_activity_type_id", "!=", False),
                    ("res_id", "in", [self.company.id, lead.id]),
                ]
            ).unlink()
            activity = record.activity_schedule(
                activity_type_id=self.activity_types[kind].id, user_id=self.env.uid
            )
            self.assertFalse(self.last(), "scheduled is not done")
            activity.action_feedback()
            self.assertEqual(bool(self.last()), counts, f"{record._name} {kind}")

    def test_meetings_count_once_they_are_over_unless_declined(self):
        def meeting(start, **values):
            return self.env["calendar.event"].create(
                {
                    "name": "Meeting",
                    "start": start,
                    "stop": start + timedelta(hours=1),
                    "partner_ids": self.contact.ids,
                    **values,
                }
            )

        meeting(self.ago(-1))
        self.assertFalse(self.last())
        declined = meeting(self.ago(3))
        declined.attendee_ids.filtered(
            lambda attendee: attendee.partner_id == self.contact
        ).state = "declined"
        meeting(self.ago(4), active=False)
        self.assertFalse(self.last())
        meeting(self.ago(40))
        self.assertEqual(self.days_since(), 40)

    def test_contacts_the_reader_may_not_see_tell_nothing(self):
        self.message(7, author_id=self.contact.id)
        self.contact.company_id = self.company_b
        self.assertFalse(self.last())

    def test_a_page_is_one_query(self):
        for partner in self.customers(30):
            self.buy(partner, 5.0)
            self.message(9, author_id=partner.id)
        self.refresh()
        rows = self.as_user(self.salesman, "crm.rfm.movement").search([])
        self.env.invalidate_all()
        rows.mapped("partner_id")
        with self.assertQueryCount(1):
            rows._last_contacts(rows.partner_id)
        self.assertEqual(len([row for row in rows if row.last_contact_date]), 30)

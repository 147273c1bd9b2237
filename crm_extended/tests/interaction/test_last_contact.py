"""What counts as a contact with a customer, and that its date follows what happens."""

from contextlib import suppress
from datetime import timedelta
from unittest.mock import patch

from odoo import Command, fields
from odoo.tests import tagged
from odoo.tools import SQL

from ..common import CustomerValueCommon


class LastContactCommon(CustomerValueCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.customer("Contacted", is_company=True)
        cls.contact = cls.customer("Contact", parent_id=cls.company.id)
        cls.silent = cls.customer("Silent")
        cls.staff = cls.salesman.partner_id
        cls.comment = cls.env.ref("mail.mt_comment")
        cls.note = cls.env.ref("mail.mt_note")
        # No check of the database goes on in the tests.
        cls.env["crm.last.contact"]._set_next_id(0)

    @classmethod
    def ago(cls, days, **more):
        return fields.Datetime.now() - timedelta(days=days, **more)

    @classmethod
    def message(cls, days, **values):
        return cls.env["mail.message"].create(
            {
                "date": cls.ago(days),
                "message_type": "comment",
                "subtype_id": cls.comment.id,
                "author_id": cls.staff.id,
                "model": "res.partner",
                "res_id": cls.company.id,
                **values,
            }
        )

    @classmethod
    def mail_in(cls, days, **values):
        values.setdefault("author_id", cls.contact.id)
        return cls.message(days, message_type="email", **values)

    @classmethod
    def mail_out(cls, days, **values):
        values.setdefault("partner_ids", cls.contact.ids)
        return cls.message(days, **values)

    @classmethod
    def interaction(cls, days, **values):
        return cls.env["crm.interaction"].create(
            {"partner_id": cls.contact.id, "date": cls.ago(days), **values}
        )

    @classmethod
    def meeting(cls, days, partner=None, **values):
        """A meeting of an hour that ended so many days ago."""
        stop = cls.ago(days)
        return cls.env["calendar.event"].create(
            {
                "name": "Meeting",
                "start": stop - timedelta(hours=1),
                "stop": stop,
                "partner_ids": (partner or cls.contact).ids,
                **values,
            }
        )

    def days(self, partner=None, user=None):
        self.env.invalidate_all()
        partner = partner or self.company
        partner = partner.with_env(
            self.as_user(user or self.salesman, "res.partner").env
        )
        days = partner.days_of_silence if partner.last_contact_date else None
        self.assertEqual(partner.silence_range == "never", days is None)
        return days

    def assert_days(self, days, partner=None, user=None):
        self.assertEqual(self.days(partner, user), days)

    def assert_kept_right(self):
        """What is kept is what a look at everything finds."""
        self.env["crm.last.contact"]._flush_pending()
        shown = self.days()
        Contact = self.env["crm.last.contact"]
        Contact._set_next_id(0)
        Contact._check_all()
        self.assert_days(shown)
        self.assertEqual(Contact._check_all(), [0, 0])


@tagged("at_install", "-post_install")
class TestRealContacts(LastContactCommon):
    def test_nothing_is_known(self):
        self.assert_days(None)

    def test_mails_in_both_directions_count_for_the_company_and_its_contacts(self):
        self.mail_in(30)
        for partner in (self.company, self.contact):
            self.assert_days(30, partner)
        self.mail_out(20)
        self.assert_days(20)
        self.mail_out(10, model=False, res_id=False)
        self.assert_days(10)
        self.assert_days(None, self.silent)
        self.assert_kept_right()

    def test_who_is_notified_as_follower_was_sent_the_message(self):
        lead = self.env["crm.lead"].create(
            {"name": "Lead", "partner_id": self.contact.id}
        )
        lead.message_subscribe(self.contact.ids)
        lead.with_user(self.salesman).sudo().message_post(
            body="Offer", message_type="comment", subtype_xmlid="mail.mt_comment"
        )
        self.assert_days(0)
        self.assert_kept_right()

    def test_notes_mailings_staff_and_the_system_do_not_count(self):
        self.message(5)
        self.mail_out(4, subtype_id=self.note.id)
        self.mail_out(4, is_internal=True)
        self.mail_in(4, subtype_id=self.note.id)
        self.mail_out(4, partner_ids=self.manager.partner_id.ids)
        for kind in (
            "email_outgoing",
            "notification",
            "auto_comment",
            "user_notification",
            "out_of_office",
        ):
            self.mail_out(3, message_type=kind)
        self.mail_out(3, author_id=self.env.ref("base.partner_root").id)
        self.mail_out(3, author_id=self.silent.id)
        self.company.with_user(self.manager).sudo().message_post(body="Own chatter")
        self.company.phone = "+1 555 0100"
        self.assert_days(None)
        self.assert_days(3, self.silent)
        self.assert_kept_right()

    def test_interactions_in_both_directions_count_where_somebody_was_there(self):
        self.interaction(9, outcome="no_answer")
        self.assert_days(None)
        self.interaction(8, direction="out", outcome="left_message", channel="phone")
        self.assert_days(8)
        call = self.interaction(7, direction="in", channel="letter")
        self.assert_days(7)
        call.date = self.ago(6)
        self.assert_days(6)
        call.outcome = "no_answer"
        self.assert_days(8)
        call.write({"outcome": "done", "partner_id": self.silent.id})
        self.assert_days(8)
        self.assert_days(6, self.silent)
        self.assert_kept_right()

    def test_an_interaction_with_a_lead_counts_once_the_lead_has_a_customer(self):
        lead = self.env["crm.lead"].create({"name": "Lead", "partner_name": "New"})
        self.interaction(5, partner_id=False, lead_id=lead.id)
        self.assert_days(None)
        lead.partner_id = self.contact
        self.assert_days(5)
        self.assert_kept_right()

    def test_meetings_count_once_they_are_over_unless_declined_or_cancelled(self):
        future = self.meeting(-1)
        self.assert_days(None)
        declined = self.meeting(3)
        declined.attendee_ids.filtered(
            lambda attendee: attendee.partner_id == self.contact
        ).state = "declined"
        self.meeting(4, active=False)
        self.assert_days(None)
        held = self.meeting(40)
        self.assert_days(40)
        future.write({"start": self.ago(2, hours=1), "stop": self.ago(2)})
        self.assert_days(2)
        future.active = False
        self.assert_days(40)
        held.partner_ids = [Command.set(self.silent.ids)]
        self.assert_days(None)
        self.assert_days(40, self.silent)
        held.unlink()
        self.assert_days(None, self.silent)
        self.assert_kept_right()

    def test_time_itself_makes_a_meeting_count(self):
        meeting = self.meeting(-1)
        self.mail_out(20)
        self.assert_days(20)
        # Two days later, for the rows there are.
        self.env["crm.last.contact"]._flush_pending()
        self.env.cr.execute(
            SQL(
                "UPDATE crm_last_contact SET date = date - interval '2 days' "
                "WHERE source = 'meeting' AND source_id = %s",
                meeting.id,
            )
        )
        self.assert_days(1)

    def test_calls_and_meetings_marked_as_done_count_and_tasks_do_not(self):
        lead = self.env["crm.lead"].create(
            {"name": "Lead", "partner_id": self.contact.id}
        )
        order = self.env["sale.order"].create({"partner_id": self.contact.id})
        for record, kind, counts in (
            (self.company, "todo", False),
            (self.company, "call", True),
            (lead, "todo", False),
            (lead, "meeting", True),
            (order, "call", True),
        ):
            self.env["mail.message"].search(
                [("mail_activity_type_id", "!=", False)]
            ).unlink()
            activity = record.activity_schedule(
                f"mail.mail_activity_data_{kind}", user_id=self.salesman.id
            )
            self.assert_days(None)
            activity.action_feedback()
            self.assert_days(0 if counts else None)
        self.assert_kept_right()


@tagged("at_install", "-post_install")
class TestContactsChange(LastContactCommon):
    def test_a_deleted_message_gives_back_the_one_before(self):
        self.mail_in(50)
        middle = self.mail_out(20)
        last = self.mail_in(10)
        middle.unlink()
        self.assert_days(10)
        last.unlink()
        self.assert_days(50)
        self.assert_kept_right()

    def test_a_changed_message_counts_as_what_it_is_now(self):
        self.mail_in(50)
        message = self.mail_out(20)
        message.date = self.ago(60)
        self.assert_days(50)
        message.write({"date": self.ago(5), "partner_ids": self.silent.ids})
        self.assert_days(50)
        self.assert_days(5, self.silent)
        message.is_internal = True
        self.assert_days(None, self.silent)
        self.assert_kept_right()

    def test_old_mails_that_are_imported_change_nothing_newer(self):
        self.mail_in(10)
        self.mail_in(400)
        self.assert_days(10)
        self.mail_in(300, author_id=self.silent.id)
        self.assert_days(300, self.silent)
        self.assert_kept_right()

    def test_a_contact_takes_its_contacts_along_to_another_company(self):
        other = self.customer("Other", is_company=True)
        self.mail_in(30, author_id=self.company.id)
        self.mail_in(10)
        self.contact.parent_id = other
        self.assert_days(30)
        self.assert_days(10, other)
        self.contact.parent_id = False
        self.assert_days(None, other)
        self.assert_days(10, self.contact)
        self.assert_kept_right()

    def test_merged_customers_have_the_later_contact(self):
        self.mail_in(30, author_id=self.silent.id)
        other = self.customer("Same", email="same@example.com")
        self.mail_in(10, author_id=other.id)
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.silent + other).ids, self.silent)
        self.assertFalse(other.exists())
        self.assert_days(10, self.silent)
        wizard._merge((self.silent + self.contact).ids, self.contact)
        self.assert_days(10)
        self.assert_kept_right()

    def test_a_message_moved_to_another_record_keeps_its_people(self):
        message = self.mail_in(10)
        done = self.company.activity_schedule(
            "mail.mail_activity_data_call", user_id=self.salesman.id
        )
        done.action_feedback()
        self.assert_days(0)
        self.company.message_ids.filtered("mail_activity_type_id").write(
            {"res_id": self.silent.id}
        )
        self.assert_days(10)
        self.assert_days(0, self.silent)
        message.res_id = self.silent.id
        self.assert_days(10)
        self.assert_kept_right()

    def test_what_is_rolled_back_leaves_nothing(self):
        self.mail_in(10)
        with self.assertRaises(ZeroDivisionError), self.env.cr.savepoint():
            self.mail_in(1)
            raise ZeroDivisionError
        self.assert_days(10)
        self.assert_kept_right()

    def test_the_nightly_check_puts_right_what_no_change_has_told(self):
        self.mail_in(30)
        mail = self.mail_in(10)
        self.assert_days(10)
        self.env.cr.execute(
            SQL("UPDATE mail_message SET is_internal = TRUE WHERE id = %s", mail.id)
        )
        self.assert_days(10)
        _added, removed = self.env["crm.last.contact"]._check_all()
        self.assertTrue(removed)
        self.assertEqual(self.env["crm.last.contact"]._get_next_id(), 1)
        self.assert_days(30)

    def test_the_check_goes_on_where_it_was_stopped(self):
        Contact = self.env["crm.last.contact"]
        Contact._flush_pending()
        Contact._check_all()
        self.env.cr.execute("DELETE FROM crm_last_contact")
        self.mail_in(10)
        Contact._flush_pending()
        self.env.cr.execute("DELETE FROM crm_last_contact")
        Contact._set_next_id(self.company.id + 1)
        self.assertEqual(Contact._get_next_id(), self.company.id + 1)
        Contact._check_all()
        self.assert_days(None)
        self.assertEqual(Contact._get_next_id(), 1, "the next one begins anew")
        Contact._check_all()
        self.assert_days(10)

    def test_a_portion_that_fails_is_the_first_of_the_next_check(self):
        Contact = self.env["crm.last.contact"]
        self.mail_in(10)
        Contact._flush_pending()
        self.env.cr.execute("DELETE FROM crm_last_contact")
        rebuild, portions = type(Contact)._rebuild, []

        def fail_at_second(contact, which):
            portions.append(which)
            if len(portions) == 2:
                raise ZeroDivisionError
            return rebuild(contact, which)

        module = "odoo.addons.crm_extended.models.interaction.crm_last_contact"
        with (
            patch.object(type(Contact), "_rebuild", fail_at_second),
            patch(f"{module}.PORTION", self.company.id - 1),
            # Not `assertRaises`, which would undo the first portion.
            suppress(ZeroDivisionError),
        ):
            Contact._check_all()
        self.assertEqual(len(portions), 2)
        self.assertEqual(Contact._get_next_id(), self.company.id)
        self.assert_days(None)
        with patch.object(
            type(Contact), "_rebuild", autospec=True, side_effect=rebuild
        ) as rebuilt:
            Contact._check_all()
        self.assertEqual(rebuilt.call_count, 1, "what was done is not done again")
        self.assert_days(10)

    def test_superseded_contacts_are_cleared_away(self):
        for days in (30, 20, 10):
            self.mail_in(days)
            self.env["crm.last.contact"]._flush_pending()
        rows = self.env["crm.last.contact"].search(
            [("partner_id", "=", self.company.id)]
        )
        self.assertEqual(len(rows), 3)
        self.env["crm.last.contact"]._check_all()
        self.assertEqual(rows.exists().mapped("source"), ["message"])
        self.assert_days(10)


class TestContactsAndCompanies(LastContactCommon):
    def test_each_company_knows_its_own_contacts_and_those_of_none(self):
        self.mail_in(30, record_company_id=False)
        self.mail_in(20, record_company_id=self.company_b.id)
        self.mail_in(25, record_company_id=self.company_a.id)
        self.assert_days(25)
        self.assert_days(20, user=self.salesman_b)
        self.mail_in(10, record_company_id=False)
        self.assert_days(10)
        self.assert_days(10, user=self.salesman_b)
        self.interaction(5)
        self.assert_days(5)
        self.assert_days(10, user=self.salesman_b)
        self.assert_kept_right()

    def test_contacts_of_a_person_of_another_company_tell_nothing(self):
        self.mail_in(7)
        self.assert_days(7)
        self.contact.company_id = self.company_b
        self.assert_days(None)
        self.assert_days(7, user=self.salesman_b)
        self.assert_kept_right()

    def test_the_watch_list_tells_the_same(self):
        for partner in (self.company, self.silent):
            self.buy(partner, 10.0, days_ago=120)
            self.buy(partner, 10.0, days_ago=120, company=self.company_b)
        both_companies = self.company_a + self.company_b
        # There is something to compare with.
        self.refresh(both_companies, as_of=self.today - timedelta(days=100))
        self.refresh(both_companies)
        self.mail_in(7, record_company_id=self.company_a.id)
        both = self.salesman
        both.sudo().company_ids += self.company_b
        rows = self.as_user(both, "crm.rfm.movement").search([])
        self.assertEqual(len(rows), 4)
        self.env["crm.last.contact"]._flush_pending()
        rows.mapped("last_contact_date")
        rows.invalidate_model(["last_contact_date"])
        rows.partner_id.invalidate_model(["last_contact_date"])
        # One for each company, however many customers there are.
        with self.assertQueryCount(2):
            last = {
                (row.partner_id, row.company_id): row.last_contact_date for row in rows
            }
        told = {key: day for key, day in last.items() if day}
        self.assertEqual(
            {(partner.id, company.id) for partner, company in told},
            {(self.company.id, self.company_a.id)},
        )


class TestCosts(LastContactCommon):
    def test_a_message_costs_one_statement_and_a_note_none(self):
        partner = self.company.with_user(self.salesman)
        self.env.flush_all()
        self.env["crm.last.contact"]._flush_pending()
        self.message(0)  # fills caches
        for values, statements in (
            ({"partner_ids": self.contact.ids}, 1),
            ({"partner_ids": self.contact.ids, "subtype_id": self.note.id}, 0),
            ({"message_type": "notification"}, 0),
        ):
            self.env.flush_all()
            self.env["crm.last.contact"]._flush_pending()
            for _each in range(3):
                self.message(0, **values)
            self.env.flush_all()
            with self.assertQueryCount(statements):
                self.env["crm.last.contact"]._flush_pending()
        self.assertTrue(partner.message_ids)

    def test_nothing_is_written_to_partners(self):
        self.env.flush_all()
        # Every write moves a row to another place in the table.
        place = SQL("SELECT ctid::text FROM res_partner WHERE id = %s", self.company.id)
        [[old]] = self.env.execute_query(place)
        self.mail_in(1)
        self.interaction(1)
        self.meeting(1)
        self.assert_days(1)
        self.env["crm.last.contact"]._check_all()
        self.assertEqual(self.env.execute_query(place), [(old,)])

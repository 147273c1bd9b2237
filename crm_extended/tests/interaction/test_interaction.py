"""Contacts logged: who may read and change them, and what they may hold."""

from datetime import timedelta

from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ..common import CustomerValueCommon


@tagged("at_install", "-post_install")
class TestInteraction(CustomerValueCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.colleague = cls.new_user("colleague", "sales_team.group_sale_salesman")
        cls.company_partner = cls.customer("Contacted", is_company=True)
        cls.partner = cls.customer("Contact", parent_id=cls.company_partner.id)

    def log(self, user=None, **values):
        return self.as_user(user or self.salesman, "crm.interaction").create(
            {"partner_id": self.partner.id, **values}
        )

    def found(self, user, records):
        return self.as_user(user, "crm.interaction").search([("id", "in", records.ids)])

    def new_lead(self, **values):
        return self.env["crm.lead"].create(
            {"name": "Lead", "company_id": self.company_a.id, **values}
        )

    def test_a_contact_logged_with_nothing_said(self):
        before = fields.Datetime.now()
        call = self.log()
        self.assertRecordValues(
            call,
            [
                {
                    "channel": "phone",
                    "direction": "out",
                    "outcome": "reached",
                    "duration": 0,
                    "user_id": self.salesman.id,
                    "company_id": self.company_a.id,
                    "commercial_partner_id": self.company_partner.id,
                }
            ],
        )
        self.assertGreaterEqual(call.date, before.replace(microsecond=0))
        self.assertEqual(call.display_name, "Phone: Contacted, Contact")

    def test_the_outcome_follows_the_channel_unless_it_says_more(self):
        letter = self.log(channel="letter")
        self.assertEqual(letter.outcome, "done")
        letter.channel = "visit"
        self.assertEqual(letter.outcome, "reached")
        letter.outcome = "no_answer"
        letter.channel = "letter"
        self.assertEqual(letter.outcome, "no_answer")
        with Form(self.as_user(self.salesman, "crm.interaction")) as form:
            form.partner_id = self.partner
            form.channel = "fax"
            self.assertEqual(form.outcome, "done")

    def test_salespeople_change_their_own(self):
        call = self.log()
        call.summary = "Will order"
        theirs = call.with_user(self.colleague)
        self.assertEqual(theirs.summary, "Will order")
        for attempt in (
            lambda: theirs.write({"summary": "No"}),
            lambda: theirs.unlink(),
            lambda: self.log(self.colleague, user_id=self.salesman.id),
            lambda: call.write({"user_id": self.colleague.id}),
        ):
            with self.assertRaises(AccessError):
                attempt()
        call.unlink()

    def test_managers_change_all(self):
        call = self.log().with_user(self.manager)
        call.write({"summary": "Corrected", "user_id": self.colleague.id})
        self.log(self.manager, user_id=self.salesman.id)
        call.unlink()

    def test_nobody_else_sees_one(self):
        call = self.log()
        public = self.env.ref("base.public_user")
        for user in (self.employee, self.portal, public):
            with self.assertRaises(AccessError, msg=user.login):
                call.with_user(user).read(["summary"])
            with self.assertRaises(AccessError, msg=user.login):
                self.env(user=user)["crm.interaction"].search([])

    def test_each_company_its_own(self):
        call = self.log()
        other = self.log(self.salesman_b)
        self.assertEqual(other.company_id, self.company_b)
        both = call + other
        self.assertEqual(self.found(self.salesman, both).ids, call.ids)
        self.assertEqual(self.found(self.salesman_b, both).ids, other.ids)
        with self.assertRaises(AccessError):
            call.with_user(self.salesman_b).read(["summary"])
        with self.assertRaises(AccessError):
            self.log(self.salesman, company_id=self.company_b.id)
        self.partner.company_id = self.company_b
        with self.assertRaises(UserError):
            self.log(self.manager, company_id=self.company_a.id)

    def test_the_company_is_that_of_the_customer(self):
        self.partner.company_id = self.company_b
        self.manager.company_ids += self.company_b
        self.assertEqual(self.log(self.manager).company_id, self.company_b)

    def test_a_customer_who_may_not_be_read_hides_it(self):
        call = self.log()
        self.env["ir.rule"].create(
            {
                "name": "Not this one",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": [("id", "!=", self.partner.id)],
                "groups": [(4, self.env.ref("sales_team.group_sale_salesman").id)],
                "perm_write": False,
            }
        )
        self.env.registry.clear_cache()
        self.assertFalse(self.found(self.colleague, call))
        self.assertFalse(
            self.as_user(self.colleague, "crm.interaction")._read_group(
                [("id", "=", call.id)], ["channel"]
            )
        )
        with self.assertRaises(AccessError):
            call.with_user(self.colleague).read(["summary"])

    def test_a_lead_who_may_not_be_read_hides_it(self):
        lead = self.new_lead(partner_id=self.partner.id, user_id=self.salesman.id)
        call = self.log(lead_id=lead.id)
        general = self.log()
        for seen in (self.salesman, self.manager):
            self.assertEqual(self.found(seen, call + general).ids, (general + call).ids)
        self.assertEqual(self.found(self.colleague, call + general).ids, general.ids)
        with self.assertRaises(AccessError):
            call.with_user(self.colleague).read(["summary"])
        with self.assertRaises(AccessError):
            self.log(self.colleague, lead_id=lead.id)
        lead.action_archive()
        self.assertTrue(self.found(self.salesman, call), "lost leads are history too")

    def test_a_lead_is_contacted_before_there_is_a_customer(self):
        lead = self.new_lead(user_id=self.salesman.id)
        call = self.log(partner_id=False, lead_id=lead.id)
        self.assertEqual(call.display_name, "Phone: Lead")
        self.assertTrue(self.found(self.salesman, call))
        self.assertFalse(self.found(self.colleague, call))
        lead.partner_id = self.partner
        self.assertEqual(call.partner_id, self.partner)
        lead.partner_id = self.company_partner
        self.assertEqual(call.partner_id, self.partner, "it was with the former one")

    def test_leads_merged_and_deleted(self):
        leads = self.new_lead(user_id=self.salesman.id) + self.new_lead()
        calls = self.log(self.manager, partner_id=False, lead_id=leads[0].id)
        calls += self.log(self.manager, partner_id=False, lead_id=leads[1].id)
        kept = leads.merge_opportunity()
        self.assertEqual(calls.lead_id.ids, kept.ids)
        with_customer = self.log(self.manager, lead_id=kept.id)
        kept.unlink()
        self.assertFalse(calls.exists())
        self.assertTrue(with_customer.exists())

    def test_somebody_must_have_been_contacted(self):
        with self.assertRaises(ValidationError):
            self.log(partner_id=False)

    def test_nothing_is_logged_before_it_took_place(self):
        with self.assertRaises(ValidationError):
            self.log(date=fields.Datetime.now() + timedelta(days=1))
        call = self.log()
        with self.assertRaises(ValidationError):
            call.date += timedelta(hours=2)

    @mute_logger("odoo.sql_db")
    def test_durations_that_cannot_be(self):
        for duration in (-0.25, 1000, float("nan"), float("inf")):
            with (
                self.subTest(duration),
                self.assertRaises(IntegrityError),
                self.env.cr.savepoint(),
            ):
                self.log(duration=duration).flush_recordset()

    def test_hostile_summaries_stay_text(self):
        for summary in (
            '<script>alert("x")</script><b>bold</b>',
            "x" * 10_000,
            "%(name)s {0} 'quote' \\ \u202eRTL",
        ):
            call = self.log(summary=summary)
            self.env.invalidate_all()
            self.assertEqual(call.summary, summary)
            self.assertNotIn("script", call.display_name)

    def test_deleted_contacts_leave_it_to_their_company(self):
        call = self.log()
        foreign = self.log(self.salesman_b, summary="Of company B")
        self.assertEqual(foreign.company_id, self.company_b)
        self.partner.unlink()
        calls = (call + foreign).sudo()
        self.assertEqual(calls.partner_id, self.company_partner)
        self.assertEqual(calls[1].summary, "Of company B")

    def test_nothing_is_lost_with_a_customer(self):
        call = self.log(partner_id=self.company_partner.id)
        for customers in (
            self.company_partner,
            # Nor with all that there is of a company.
            self.company_partner + self.partner,
        ):
            with self.assertRaisesRegex(UserError, "has interactions"):
                customers.unlink()
        self.assertTrue(call.exists())
        # The company is not one of company B, whose salesman has called.
        self.company_partner.company_id = self.company_a
        self.partner.company_id = False
        self.log(self.salesman_b)
        with self.assertRaisesRegex(UserError, "has interactions"):
            self.partner.unlink()

    def test_what_was_about_a_lead_stays_with_it(self):
        alone = self.customer("Alone")
        lead = self.new_lead(partner_id=alone.id, user_id=self.salesman.id)
        call = self.log(partner_id=alone.id, lead_id=lead.id)
        alone.unlink()
        self.assertEqual(call.lead_id, lead)
        self.assertFalse(call.partner_id)

    def test_deleting_contacts_costs_the_same_for_many(self):
        counts = []
        for count in (2, 12):
            gone = self.customers(count, parent_id=self.company_partner.id)
            for partner in gone:
                self.log(partner_id=partner.id)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env["res.partner"].browse(gone.ids)._hand_over_interactions(
                self.env["crm.care.case"]
            )
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 2)

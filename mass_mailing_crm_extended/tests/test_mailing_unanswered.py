"""Customers who do not react to mailings: who is listed, for whom, and what can be done."""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import MailingToListCommon


@tagged("post_install", "-at_install")
class TestMailingUnanswered(MailingToListCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["crm.feature"]._switch(insight=True)
        cls.mailing.user_id = cls.manager
        cls.mailings = cls.mailing
        for _number in range(5):
            cls.mailings += cls.mailing.copy()
        for partner in cls.bert + cls.cleo:
            cls.buy(partner, 100.0, days_ago=30)
        cls.refresh()

    @classmethod
    def sent(cls, partner, count=5, status="sent", days=10, **values):
        return cls.env["mailing.trace"].create(
            [
                {
                    "mass_mailing_id": mailing.id,
                    "model": "res.partner",
                    "res_id": partner.id,
                    "email": partner.email_normalized,
                    "trace_status": status,
                    "sent_datetime": fields.Datetime.now() - timedelta(days=days),
                    **values,
                }
                for mailing in cls.mailings[:count]
            ]
        )

    def found(self, user=None):
        self.env.flush_all()
        self.env.invalidate_all()
        rows = self.as_user(user or self.manager, "crm.mailing.unanswered").search([])
        return {row.partner_id.name: row.mailings for row in rows}

    def test_five_mailings_and_no_reaction(self):
        self.sent(self.bert)
        self.sent(self.cleo, 4)
        self.assertEqual(self.found(), {"Bert": 5})
        # The same mailing once more is none more.
        self.sent(self.cleo, 1)
        self.assertEqual(self.found(), {"Bert": 5})

    def test_one_reaction_is_enough(self):
        traces = self.sent(self.bert)
        for values in (
            {"trace_status": "open"},
            {"trace_status": "reply"},
            {"trace_status": "sent", "links_click_datetime": fields.Datetime.now()},
        ):
            traces[2].write(values)
            self.assertEqual(self.found(), {}, values)
        traces[2].write({"links_click_datetime": False})
        self.assertEqual(self.found(), {"Bert": 5})

    def test_what_is_no_mailing_to_them(self):
        self.sent(self.bert, 4)
        for values in (
            {"status": "bounce"},
            {"status": "error"},
            {"is_test_trace": True},
            {"days": 400},
        ):
            extra = self.sent(self.bert, 5, **values)[4]
            self.assertEqual(self.found(), {}, values)
            extra.unlink()

    def test_contacts_and_addresses_count_for_their_customer(self):
        person = self.env["res.partner"].create(
            {"name": "Ed", "parent_id": self.bert.id, "email": "ed@example.com"}
        )
        self.sent(person, 3)
        traces = self.sent(person, 5)[3:]
        traces.write({"model": "mailing.contact", "res_id": 1})
        self.assertEqual(self.found(), {"Bert": 5})

    def test_who_never_bought_is_listed(self):
        dora = self.customer("Dora", email="dora@example.com")
        self.sent(dora, 6)
        self.assertEqual(self.found(), {"Dora": 6})
        [row] = self.as_user(self.manager, "crm.mailing.unanswered").search([])
        self.assertFalse(row.rfm_segment_id)
        self.assertEqual(row.company_id, self.company_a)
        # Each company has a row of its own.
        self.mailings.user_id = False
        self.manager.company_ids += self.company_b
        rows = self.as_user(self.manager, "crm.mailing.unanswered").search([])
        self.assertEqual(rows.company_id, self.company_a + self.company_b)
        self.assertEqual(len(set(rows.ids)), 2)
        self.assertEqual(rows.mapped("mailings"), [6, 6])

    def test_merged_customers_keep_their_mailings(self):
        """Those to the contact, and those to the address."""
        dora = self.customer("Dora", email="dora@example.com")
        self.sent(self.bert, 3)
        listed = self.sent(self.bert, 5)[3:]
        listed.write({"model": "mailing.contact", "res_id": 1})
        self.env["crm.insight.run"]._run_now(self.company_a)
        self.env["base.partner.merge.automatic.wizard"].create({})._merge(
            (self.bert + dora).ids, dora
        )
        dora.email = "new@example.com"
        self.assertEqual(self.found(), {"Dora": 5})

    def test_an_address_is_of_one_customer(self):
        dora = self.customer("Dora", email=self.bert.email)
        self.sent(self.bert, model="mailing.contact", res_id=1)
        self.assertEqual(self.found(), {"Bert": 5})
        self.bert.active = False
        self.assertEqual(self.found(), {"Dora": 5})
        # Once it is noted, it stays.
        self.bert.active = True
        self.env["crm.insight.run"]._run_now(self.company_a)
        self.bert.active = False
        self.assertNotIn(dora.name, self.found())

    def test_the_last_mailing_is_on_a_day_of_the_company(self):
        self.company_a.partner_id.tz = "Asia/Shanghai"
        traces = self.sent(self.bert)
        traces.sent_datetime = fields.Datetime.now().replace(
            hour=20, minute=0
        ) - timedelta(days=10)
        self.assertTrue(self.found())
        [row] = self.as_user(self.manager, "crm.mailing.unanswered").search([])
        self.assertEqual(
            row.last_date, traces[0].sent_datetime.date() + timedelta(days=1)
        )

    def test_own_customers(self):
        self.sent(self.bert)
        self.sent(self.cleo)
        self.bert.user_id = self.salesman
        self.cleo.user_id = self.manager
        self.assertEqual(self.found(self.salesman), {"Bert": 5})
        self.assertEqual(set(self.found()), {"Bert", "Cleo"})
        agent = self.new_user("carer", "base.group_user,crm_extended.group_care_agent")
        with self.assertRaises(AccessError):
            self.found(agent)
        self.env["crm.feature"]._switch(insight=False)
        with self.assertRaises(AccessError):
            self.found()

    def test_mailings_of_another_company(self):
        self.mailing.user_id.company_ids += self.company_b
        foreign = self.new_user("foreign", "base.group_user")
        foreign.write(
            {"company_ids": self.company_b.ids, "company_id": self.company_b.id}
        )
        self.mailings.user_id = foreign
        self.sent(self.bert)
        self.env.flush_all()
        rows = self.as_user(self.manager, "crm.mailing.unanswered").search([])
        self.assertEqual(rows.company_id, self.company_b)
        self.manager.company_ids = self.company_a
        self.assertEqual(self.found(), {})

    def test_who_refused_profiling_is_not_listed(self):
        self.sent(self.bert)
        self.env["crm.consent"].create(
            {
                "partner_id": self.bert.id,
                "company_id": self.company_a.id,
                "purpose_id": self.env.ref("crm_extended.purpose_profiling").id,
                "state": "refused",
                "source": "manual",
            }
        )
        self.assertEqual(self.found(), {})

    def test_ask_for_another_channel(self):
        self.sent(self.bert)
        self.sent(self.cleo)
        self.env.flush_all()
        rows = self.as_user(self.manager, "crm.mailing.unanswered").search([])
        self.bert.activity_schedule(
            "mail.mail_activity_data_call", user_id=self.manager.id
        )
        action = rows.action_ask_for_channel()
        self.assertEqual(action["context"]["active_ids"], self.cleo.ids)
        self.assertEqual(action["res_model"], "mail.activity.schedule")
        wizard = (
            rows.env["mail.activity.schedule"]
            .with_context(**action["context"])
            .create({})
        )
        wizard.action_schedule_activities()
        self.assertEqual(self.cleo.activity_ids.summary, "Ask for another channel")
        self.env.invalidate_all()
        self.assertEqual(rows.action_ask_for_channel()["tag"], "display_notification")

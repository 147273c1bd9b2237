"""A contact purpose and its mailing lists: opting out goes both ways."""

from datetime import timedelta

from odoo import Command, fields
from odoo.tests import tagged

from odoo.addons.crm_extended.tests.consent.common import ConsentCommon

from .common import MailingConsentCommon


@tagged("post_install", "-at_install")
class TestMailingConsent(MailingConsentCommon):
    def test_who_opts_out_refuses(self):
        twin = self.customer("Twin", email="ada@example.com")
        hidden = self.customer(
            "B", email="ada@example.com", company_id=self.company_b.id
        )
        self.subscription.with_user(self.marketer).opt_out = True
        for person in self.person + twin:
            for company in self.company_a + self.company_b:
                answer = self.answers(person, company)
                self.assertEqual((answer.state, answer.source), ("refused", "manual"))
                self.assertIn("Spring", answer.proof)
        self.assertFalse(self.answers(hidden))
        self.assertEqual(self.answers(hidden, self.company_b).state, "refused")
        self.assertNever(self.ask(), "refused")
        self.assertFalse(self.foreign.opt_out)
        # Nothing is refused twice.
        self.subscription.opt_out = False
        self.subscription.opt_out = True
        self.assertEqual(len(self.answers()), 1)

    def test_consent_given_is_withdrawn(self):
        self.answer("given")
        self.contact.list_ids._update_subscription_from_email("ada@example.com")
        self.assertEqual(self.answers()[-1].state, "withdrawn")
        self.assertFalse(self.foreign.list_id in self.marketing.mailing_list_ids)

    def test_a_purpose_of_one_company(self):
        purpose = self.env["crm.consent.purpose"].create(
            {"name": "News", "company_id": self.company_b.id}
        )
        purpose.mailing_list_ids = self.foreign_list
        self.foreign.opt_out = True
        answers = self.env["crm.consent"].search([("purpose_id", "=", purpose.id)])
        self.assertEqual(answers.mapped("company_id"), self.company_b)
        self.assertEqual(answers.partner_id, self.person)

    def test_who_refuses_is_opted_out(self):
        other = self.env["mailing.subscription"].create(
            {"contact_id": self.contact.id, "list_id": self.other_list.id}
        )
        for state in ("refused", "withdrawn"):
            (self.subscription + other).opt_out = False
            self.answer("given")
            self.answer(state)
            self.assertTrue(self.subscription.opt_out and other.opt_out)
        self.assertFalse(self.foreign.opt_out)
        count = len(self.answers())
        self.assertEqual(self.answers()[-1].state, "withdrawn")
        # The answer opted out, which is no answer of its own.
        self.assertEqual(count, 4)

    def test_consent_opts_in_only_where_there_is_a_subscription(self):
        self.answer("refused")
        self.answer("given")
        self.assertFalse(self.subscription.opt_out)
        self.assertEqual(len(self.contact.subscription_ids), 2)
        self.answer("given", self.customer("New", email="new@example.com"))
        self.assertFalse(
            self.env["mailing.contact"].search([("email", "=", "new@example.com")])
        )

    def test_not_while_somebody_else_with_the_address_refuses(self):
        twin = self.customer("Twin", email="ada@example.com")
        self.answer("refused", twin)
        self.answer("given")
        self.assertTrue(self.subscription.opt_out)
        self.answer("given", twin)
        self.assertFalse(self.subscription.opt_out)

    def test_what_does_not_count_changes_nothing(self):
        self.answer("refused")
        self.answer("pending")
        self.assertTrue(self.subscription.opt_out)
        self.answer("given", date=fields.Datetime.now() - timedelta(days=9))
        self.assertTrue(self.subscription.opt_out)

    def test_opting_in_and_leaving_the_blacklist_give_nothing(self):
        self.subscription.opt_out = True
        self.subscription.opt_out = False
        self.assertNever(self.ask(), "refused")
        self.env["mail.blacklist"]._add("ada@example.com")
        self.env["mail.blacklist"]._remove("ada@example.com")
        self.assertNever(self.ask(), "refused")
        self.assertEqual(len(self.answers()), 1)

    def test_who_has_refused_comes_to_a_list_opted_out(self):
        self.answer("refused")
        new = self.env["mailing.subscription"].create(
            {"contact_id": self.contact.id, "list_id": self.other_list.id}
        )
        self.assertTrue(new.opt_out)
        # Also where the list is named later.
        self.assertFalse(self.foreign.opt_out)
        self.marketing.mailing_list_ids += self.foreign_list
        self.assertTrue(self.foreign.opt_out)

    def test_not_added_to_a_list_of_what_they_refused(self):
        self.answer("refused")
        wizard = self.env["crm.customer.to.mailing.list"].with_company(self.company_a)
        wizard = wizard.with_user(self.marketer).with_company(self.company_a)
        bob = self.customer("Bob", email="bob@example.com")
        wizard = wizard.create(
            {
                "partner_ids": [Command.set((self.person + bob).ids)],
                "mailing_list_id": self.other_list.id,
            }
        )
        self.assertEqual((wizard.refused_count, wizard.new_count), (1, 1))

    def test_managers_of_purposes_need_no_mailings(self):
        name = "Newsletter"
        self.marketing.with_user(self.manager).name = name
        self.assertEqual(self.marketing.name, name)
        fields_of = self.env["crm.consent.purpose"].with_user(self.manager).fields_get()
        self.assertNotIn("mailing_list_ids", fields_of)


@tagged("post_install", "-at_install")
class TestMailingTouches(ConsentCommon):
    """Mailings count towards the touch limit."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company_a.contact_limit = 2
        cls.mailing = cls.env["mailing.mailing"].create(
            {
                "subject": "Spring prices",
                "mailing_model_id": cls.env.ref("base.model_res_partner").id,
                "user_id": cls.manager.id,
            }
        )

    def trace(self, **values):
        return self.env["mailing.trace"].create(
            {
                "mass_mailing_id": self.mailing.id,
                "model": "res.partner",
                "res_id": self.person.id,
                "email": "ada@example.com",
                "sent_datetime": fields.Datetime.now(),
                "trace_status": "sent",
                **values,
            }
        )

    def test_mailings_count(self):
        self.touch(ago=timedelta(days=1))
        self.assertAllowed(self.ask(self.loyalty))
        first = self.trace(sent_datetime=fields.Datetime.now() - timedelta(days=6))
        answer = self.ask(self.loyalty)
        self.assertEqual(answer["reason"], "limit")
        self.assertEqual(answer["date"], first.sent_datetime + timedelta(days=7))
        answers = self.policy._claim(self.person, self.loyalty, "email")
        self.assertFalse(answers[self.person.id]["allowed"])
        person = self.person.with_company(self.company_a)
        self.assertIn("2 of 2 touches this week used", person.contact_policy_text)

    def test_which(self):
        self.touch()
        week = fields.Datetime.now() - timedelta(days=7)
        self.trace(sent_datetime=week)
        self.trace(is_test_trace=True)
        self.trace(trace_status="cancel")
        self.trace(trace_status="error")
        self.trace(email="other@example.com", res_id=self.customer("Bob").id)
        other = self.mailing.copy({"user_id": self.salesman_b.id})
        self.trace(mass_mailing_id=other.id)
        self.assertAllowed(self.ask(self.loyalty))
        self.company_a.contact_limit_channels = "sms"
        self.trace()
        self.assertAllowed(self.ask(self.loyalty))

    def test_of_all_people_of_a_customer(self):
        firm = self.customer("Firm", is_company=True)
        one, two = self.env["res.partner"].create(
            [
                {"name": name, "parent_id": firm.id, "email": f"{name}@example.com"}
                for name in ("one", "two")
            ]
        )
        for _number in range(2):
            self.trace(email="one@example.com", model="mailing.contact", res_id=1)
        for person in one + two:
            self.assertEqual(self.ask(self.loyalty, person=person)["reason"], "limit")

    def test_one_query_more(self):
        people = self.customers(50, email="x@example.com")
        self.policy._check(people, self.loyalty, "email")
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(4):
            self.policy._check(people, self.loyalty, "email")

"""Lists and answers in step: whose answer it is, how people come to a list, and whom
*Add to Mailing List* leaves out."""

from datetime import timedelta

from odoo import Command, fields
from odoo.tests import tagged

from .common import MailingConsentCommon


@tagged("post_install", "-at_install")
class TestConsentLists(MailingConsentCommon):
    def test_a_refusal_is_one_company_s_and_one_person_s(self):
        twin = self.customer("Twin", email="ada@example.com")
        for company in self.company_a + self.company_b:
            for person in self.person + twin:
                self.answer("given", person, company_id=company.id)
        # On the page of company A.
        self.person.sudo().with_company(self.company_a)._answer_preferences(
            {self.marketing.id: "refused"}, "link"
        )
        self.assertTrue(self.subscription.opt_out)
        self.assertEqual(self.answers()[-1].state, "withdrawn")
        for person, company in (
            (self.person, self.company_b),
            (twin, self.company_a),
            (twin, self.company_b),
        ):
            self.assertEqual(self.answers(person, company).mapped("state"), ["given"])
        self.answer("given")
        self.assertFalse(self.subscription.opt_out)
        self.assertFalse(self.subscription.opted_out_by_answer)
        # Opting out of the list itself is for all.
        self.subscription.opt_out = True
        for person in self.person + twin:
            for company in self.company_a + self.company_b:
                self.assertEqual(self.answers(person, company)[-1].state, "withdrawn")

    def test_consent_to_one_company_does_not_undo_a_refusal_to_another(self):
        self.answer("refused")
        self.answer("given", company_id=self.company_b.id)
        self.assertTrue(self.subscription.opt_out)
        self.answer("given")
        self.assertFalse(self.subscription.opt_out)

    def test_coming_to_a_list_refuses_nothing(self):
        self.answer("refused")
        self.answer("given", company_id=self.company_b.id)
        new = self.env["mailing.subscription"].create(
            {"contact_id": self.contact.id, "list_id": self.other_list.id}
        )
        self.marketing.mailing_list_ids += self.foreign_list
        self.assertTrue(new.opt_out and self.foreign.opt_out)
        self.assertEqual(len(self.answers()), 1)
        answers = self.answers(company=self.company_b)
        self.assertEqual(answers.mapped("state"), ["given"])

    def test_a_refusal_of_one_purpose_is_none_of_another(self):
        news = self.env["crm.consent.purpose"].create(
            {"name": "News", "company_id": False}
        )
        news.mailing_list_ids = self.list
        self.answer("refused")
        self.assertTrue(self.subscription.opt_out)
        self.assertFalse(news.consent_ids)
        # Also where it names the list later, or again.
        news.mailing_list_ids = False
        news.mailing_list_ids = self.list
        self.assertFalse(news.consent_ids)
        self.answer("given", company_id=self.company_b.id)
        self.marketing.mailing_list_ids -= self.list
        self.marketing.mailing_list_ids += self.list
        answers = self.answers(company=self.company_b)
        self.assertEqual(answers.mapped("state"), ["given"])

    def test_who_opted_out_before_the_list_was_named_refuses(self):
        bob = self.customer("Bob", email="bob@example.com")
        self.answer("given", bob, company_id=self.company_b.id)
        self.env["mailing.contact"].create(
            {
                "email": "bob@example.com",
                "subscription_ids": [Command.create({"list_id": self.foreign_list.id})],
            }
        )
        self.foreign_list.subscription_ids.opt_out = True
        self.assertFalse(self.answers() + self.answers(bob))
        self.marketing.with_user(self.env.user).mailing_list_ids += self.foreign_list
        for company in self.company_a + self.company_b:
            answer = self.answers(company=company)
            self.assertEqual((answer.state, answer.source), ("refused", "manual"))
            self.assertIn("Of no purpose", answer.proof)
        self.assertEqual(self.answers(bob).state, "refused")
        self.assertEqual(self.answers(bob, self.company_b)[-1].state, "withdrawn")
        self.assertNever(self.ask(), "refused")
        # Also by a new purpose, for its company alone.
        news = self.env["crm.consent.purpose"].create(
            {
                "name": "News",
                "company_id": self.company_b.id,
                "mailing_list_ids": [Command.set(self.foreign_list.ids)],
            }
        )
        self.assertEqual(news.consent_ids.company_id, self.company_b)
        self.assertEqual(news.consent_ids.partner_id, self.person + bob)
        self.assertEqual(len(self.answers()), 1)

    def test_consent_after_opting_out_stays(self):
        self.foreign.opt_out = True
        self.foreign.opt_out_datetime = fields.Datetime.now() - timedelta(days=9)
        self.answer("given", date=fields.Datetime.now() - timedelta(days=2))
        self.answer(
            "given",
            date=fields.Datetime.now() - timedelta(days=20),
            company_id=self.company_b.id,
        )
        self.marketing.mailing_list_ids += self.foreign_list
        self.assertEqual(self.answers().state, "given")
        self.assertEqual(self.answers(company=self.company_b)[-1].state, "withdrawn")

    def test_naming_a_list_with_many_takes_few_queries(self):
        def queries(count):
            mailing_list = self.env["mailing.list"].create({"name": f"Of {count}"})
            people = self.env["res.partner"].create(
                [
                    {"name": "Many", "email": f"many{count}.{number}@example.com"}
                    for number in range(count)
                ]
            )
            self.env["mailing.contact"].create(
                [
                    {
                        "email": person.email,
                        "subscription_ids": [
                            Command.create(
                                {"list_id": mailing_list.id, "opt_out": True}
                            )
                        ],
                    }
                    for person in people
                ]
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.marketing.mailing_list_ids += mailing_list
            self.env.flush_all()
            self.assertEqual(self.answers(people[-1]).state, "refused")
            return self.env.cr.sql_log_count - before

        queries(3)
        self.assertLessEqual(queries(60), queries(5) + 3)

    def test_merging_and_importing_opt_nobody_in(self):
        self.env["mailing.contact"].create(
            {
                "email": "left@example.com",
                "subscription_ids": [
                    Command.create({"list_id": self.list.id, "opt_out": True})
                ],
            }
        )
        left = self.list.subscription_ids.filtered("opt_out")
        twin = self.customer("Twin", email="twin@example.com")
        for person in self.person + twin:
            self.answer("given", person)
        self.person.email = "left@example.com"
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.person + twin).ids, self.person)
        answer = self.answers()[-1]
        self.assertEqual((answer.state, answer.source), ("given", "merge"))
        self.assertTrue(left.opt_out)
        self.answer("given", source="import")
        self.assertTrue(left.opt_out)
        # What a user records now, the person has said now.
        self.answer("given")
        self.assertFalse(left.opt_out)

    def test_refusals_that_are_merged_or_imported_opt_out(self):
        self.answer("refused", source="import")
        self.assertTrue(self.subscription.opt_out)

    def test_who_has_refused_comes_opted_out_by_every_way(self):
        self.answer("refused", company_id=self.company_b.id)
        self.subscription.unlink()
        Contact = self.env["mailing.contact"].with_user(self.marketer)
        values = {"name": "Ada", "email": "Ada <ada@example.com>"}
        lists = self.other_list.with_user(self.marketer)

        def opted_out(contact, on=self.other_list):
            subscription = self.env["mailing.subscription"].search(
                [("contact_id", "=", contact.id), ("list_id", "=", on.id)]
            )
            self.assertEqual(len(subscription), 1)
            return subscription.opt_out

        # By the remote interface, and a file.
        made = Contact.create({**values, "list_ids": [Command.link(lists.id)]})
        self.assertTrue(opted_out(made))
        result = Contact.load(
            ["name", "email", "list_ids/.id"],
            [
                ["Ada", "ada@example.com", str(lists.id)],
                ["Zoe", "zoe@example.com", str(lists.id)],
            ],
        )
        ada, zoe = Contact.browse(result["ids"])
        self.assertEqual((opted_out(ada), opted_out(zoe)), (True, False))
        written = Contact.create(values)
        written.list_ids = lists
        self.assertTrue(opted_out(written))
        # By a new address.
        zoe.email = "ADA@example.com"
        self.assertTrue(opted_out(zoe))
        # From the side of the list.
        linked, moved = Contact.create([values, {"name": "Ben", "email": "b@e.com"}])
        lists.contact_ids = [Command.link(linked.id), Command.link(moved.id)]
        self.assertEqual((opted_out(linked), opted_out(moved)), (True, False))
        foreign = self.foreign.with_user(self.marketer)
        foreign.list_id = self.list
        self.assertTrue(foreign.opt_out)
        made = self.env["mailing.list"].create({"name": "New"})
        self.marketing.mailing_list_ids += made
        merged = Contact.create(
            {**values, "email": "ada@EXAMPLE.com", "list_ids": self.foreign_list.ids}
        )
        self.assertFalse(opted_out(merged, self.foreign_list))
        made.with_user(self.marketer).action_merge(self.foreign_list, False)
        self.assertTrue(opted_out(merged, made))
        # Nothing was said by it.
        self.assertFalse(self.answers())
        self.assertEqual(len(self.answers(company=self.company_b)), 1)

    def test_who_opted_in_again_stays(self):
        self.answer("refused")
        self.subscription.opt_out = False
        self.contact.list_ids += self.other_list
        self.contact.email = "Ada <ada@example.com>"
        self.list.contact_ids += self.env["mailing.contact"].create({"name": "Ben"})
        self.assertFalse(self.subscription.opt_out)
        other = self.other_list.subscription_ids
        self.assertTrue(other.opt_out)

    def test_opting_out_by_its_reason_alone_refuses(self):
        reason = self.env["mailing.subscription.optout"].create({"name": "Too many"})
        self.subscription.opt_out_reason_id = reason
        self.assertEqual(self.answers().state, "refused")

    def test_who_refused_profiling_is_not_added_to_any_list(self):
        self.answer("refused", purpose=self.profiling)
        bob = self.customer("Bob", email="bob@example.com")
        values = {
            "partner_ids": [Command.set((self.person + bob).ids)],
            "mailing_list_id": self.foreign_list.id,
        }
        self.foreign.unlink()
        self.marketer.company_ids += self.company_b
        wizard = self.env["crm.customer.to.mailing.list"].with_user(self.marketer)
        counts = {
            company: (made.refused_count, made.new_count)
            for company in self.company_a + self.company_b
            if (made := wizard.with_company(company).create(values))
        }
        self.assertEqual(counts, {self.company_a: (1, 1), self.company_b: (0, 2)})
        wizard.with_company(self.company_a).create(values).action_add()
        added = self.foreign_list.subscription_ids.contact_id
        self.assertEqual(added.mapped("email"), ["bob@example.com"])

    def test_the_company_that_chose_decides_on_profiling(self):
        self.answer("refused", purpose=self.profiling, company_id=self.company_b.id)
        for company in self.company_a + self.company_b:
            self.buy(self.person, company=company)
            self.refresh(company)
        self.marketer.write(
            {
                "company_ids": [Command.link(self.company_b.id)],
                "group_ids": [
                    Command.link(self.env.ref("sales_team.group_sale_manager").id)
                ],
            }
        )
        self.foreign.unlink()
        for company, refused in ((self.company_a, 0), (self.company_b, 1)):
            scores = self.as_user(self.marketer, "crm.rfm.score").search(
                [
                    ("partner_id", "=", self.person.id),
                    ("company_id", "=", company.id),
                ]
            )
            action = scores.action_add_to_mailing_list()
            wizard = scores.env[action["res_model"]].browse(action["res_id"])
            wizard.mailing_list_id = self.foreign_list
            self.assertEqual(wizard.refused_count, refused, company.name)

"""Customers on mailing lists: each address once, and nobody who must not be there."""

from datetime import timedelta

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form

from odoo.addons.crm_extended.tests.common import CustomerValueCommon


class TestMailingList(CustomerValueCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.good, cls.twin, cls.mute, cls.banned, cls.present, cls.left = cls.env[
            "res.partner"
        ].create(
            [
                {"name": "Good", "email": "Good <GOOD@example.com>"},
                {"name": "Twin", "email": "good@example.com"},
                {"name": "Mute"},
                {"name": "Banned", "email": "banned@example.com"},
                {"name": "Present", "email": "present@example.com"},
                {"name": "Left", "email": "left@example.com"},
            ]
        )
        cls.everybody = (
            cls.good + cls.twin + cls.mute + cls.banned + cls.present + cls.left
        )
        for number, partner in enumerate(cls.everybody):
            cls.buy(partner, 100.0 * (9 - number), days_ago=5)
        # The watch list has a day to compare with.
        cls.refresh(as_of=cls.today - timedelta(days=3))
        cls.refresh()
        cls.env["mail.blacklist"].create({"email": "banned@example.com"})
        cls.list = cls.env["mailing.list"].create({"name": "Spring"})
        cls.env["mailing.contact"].create(
            [
                {
                    "name": "Present",
                    "email": "PRESENT@example.com",
                    "subscription_ids": [Command.create({"list_id": cls.list.id})],
                },
                {
                    "name": "Left",
                    "email": "left@example.com",
                    "subscription_ids": [
                        Command.create({"list_id": cls.list.id, "opt_out": True})
                    ],
                },
            ]
        )
        cls.marketer = cls.new_user(
            "marketer",
            "sales_team.group_sale_salesman,mass_mailing.group_mass_mailing_user",
        )

    def wizard(self, records=None, user=None):
        if records is None:
            records = self.as_user(user or self.marketer, "crm.rfm.score").search([])
        action = records.action_add_to_mailing_list()
        wizard = records.env[action["res_model"]].browse(action["res_id"])
        wizard.mailing_list_id = self.list
        return wizard

    def emails(self):
        contacts = self.list.subscription_ids.contact_id
        return sorted(contacts.mapped("email_normalized"))

    def test_each_address_once_and_nobody_who_must_not(self):
        wizard = self.wizard()
        self.assertEqual(wizard.customer_count, 6)
        self.assertEqual(wizard.new_count, 1)
        self.assertEqual(wizard.without_email_count, 1)
        self.assertEqual(wizard.blacklisted_count, 1)
        self.assertEqual(wizard.present_count, 3)
        params = wizard.action_add()["params"]
        self.assertEqual(
            params["message"],
            "Customers added to “Spring”: 1. Already on the list: 3. "
            "Without email address: 1. Blacklisted: 1.",
        )
        self.assertEqual(
            self.emails(),
            ["good@example.com", "left@example.com", "present@example.com"],
        )

    def test_a_list_is_needed(self):
        wizard = self.wizard()
        wizard.mailing_list_id = False
        with self.assertRaisesRegex(UserError, "Choose a mailing list"):
            wizard.action_add()

    def test_adding_again_adds_nobody(self):
        self.wizard().action_add()
        again = self.wizard()
        self.assertEqual(again.new_count, 0)
        self.assertEqual(again.action_add()["params"]["type"], "warning")
        self.assertEqual(len(self.emails()), 3)

    def test_who_opted_out_stays_out(self):
        self.wizard().action_add()
        left = self.list.subscription_ids.filtered(
            lambda subscription: subscription.contact_id.name == "Left"
        )
        self.assertTrue(left.opt_out)

    def test_a_contact_of_another_list_is_used_again(self):
        known = self.env["mailing.contact"].create(
            {"name": "Known", "email": "good@example.com"}
        )
        self.wizard().action_add()
        self.assertIn(known, self.list.subscription_ids.contact_id)
        self.assertEqual(
            self.env["mailing.contact"].search_count(
                [("email_normalized", "=", "good@example.com")]
            ),
            1,
        )

    def test_a_new_contact_is_like_the_customer(self):
        tag = self.env["res.partner.category"].create({"name": "Boat"})
        self.good.write(
            {
                "country_id": self.env.ref("base.be").id,
                "category_id": tag.ids,
                "is_company": True,
            }
        )
        self.wizard().action_add()
        contact = self.env["mailing.contact"].search(
            [("email_normalized", "=", "good@example.com")]
        )
        self.assertEqual(contact.name, "Good")
        self.assertEqual(contact.company_name, "Good")
        self.assertEqual(contact.country_id, self.good.country_id)
        self.assertEqual(contact.tag_ids, tag)

    def test_a_new_list_by_its_name(self):
        wizard = self.wizard()
        name = self.env["mailing.list"].with_user(self.marketer).name_create("Autumn")
        with Form(wizard) as form:
            form.mailing_list_id = self.env["mailing.list"].browse(name[0])
            # Nobody is on it: present and left can be added, too.
            self.assertEqual(form.new_count, 3)
        wizard.action_add()
        self.assertEqual(wizard.mailing_list_id.contact_count, 3)

    def test_from_every_list_and_the_planner(self):
        movements = self.as_user(self.marketer, "crm.rfm.movement").search([])
        self.assertEqual(self.wizard(movements).customer_count, 6)
        pareto = self.as_user(self.marketer, "crm.rfm.pareto").search([], limit=2)
        self.assertEqual(self.wizard(pareto).partner_ids, (self.good + self.twin))
        planner = self.as_user(self.marketer, "crm.rfm.reach.wizard").create(
            {"contact_count": 3, "with_email": True}
        )
        self.assertEqual(
            self.wizard(planner).partner_ids, self.good + self.twin + self.present
        )

    def test_the_button_is_shown_where_it_may_be_pressed(self):
        for user, shown in ((self.marketer, True), (self.salesman, False)):
            for model, kind in (
                ("crm.rfm.score", "list"),
                ("crm.rfm.movement", "list"),
                ("crm.rfm.pareto", "list"),
                ("crm.rfm.reach.wizard", "form"),
            ):
                arch = self.as_user(user, model).get_view(view_type=kind)["arch"]
                self.assertEqual("action_add_to_mailing_list" in arch, shown, model)

    def test_only_who_may_send_mailings(self):
        with self.assertRaises(AccessError):
            self.wizard(user=self.salesman)

    def test_customers_who_cannot_be_seen_are_not_added(self):
        wizard = self.wizard()
        self.good.company_id = self.company_b
        self.twin.company_id = self.company_b
        self.env.invalidate_all()
        self.assertEqual(wizard.new_count, 0)
        wizard.action_add()
        self.assertNotIn("good@example.com", self.emails())

    def test_as_many_queries_for_many_as_for_few(self):
        def queries(count):
            partners = self.env["res.partner"].create(
                [
                    {"name": "Many", "email": f"many{count}.{number}@example.com"}
                    for number in range(count)
                ]
            )
            wizard = self.env["crm.customer.to.mailing.list"].create(
                {
                    "partner_ids": [Command.set(partners.ids)],
                    "mailing_list_id": self.list.id,
                }
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            wizard.action_add()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        queries(5)
        self.assertLessEqual(queries(90), queries(6) + 3)

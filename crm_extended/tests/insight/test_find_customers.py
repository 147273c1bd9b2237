"""Filters on what customers bought: in contacts, customer lists and care plans."""

import ast
from datetime import timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tests import Form, HttpCase, new_test_user, tagged

from ...analytics.insight.replenishment import Line, habit
from ..common import CustomerValueCommon

WIZARD = "crm.customer.find.wizard"


class FindCustomersCommon(CustomerValueCommon):
    """Ann bought tea twice, Bob tea and coffee, Cid coffee, Dan nothing."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.company_a
        cls.tea, cls.coffee = cls.env["product.category"].create(
            [{"name": "Tea"}, {"name": "Coffee"}]
        )
        cls.green, cls.black, cls.mocha = cls.env["product.template"].create(
            [
                {"name": name, "categ_id": category.id}
                for name, category in (
                    ("Green", cls.tea),
                    ("Black", cls.tea),
                    ("Mocha", cls.coffee),
                )
            ]
        )
        cls.ann, cls.bob, cls.cid, cls.dan = cls.four = cls.env["res.partner"].create(
            [{"name": name} for name in ("Ann", "Bob", "Cid", "Dan")]
        )
        cls.bought(cls.ann, cls.green, 90, 3)
        cls.bought(cls.bob, cls.green, 5)
        cls.bought(cls.bob, cls.mocha, 40)
        cls.bought(cls.cid, cls.mocha, 5)

    @classmethod
    def ago(cls, days):
        return cls.today - timedelta(days=days)

    @classmethod
    def bought(cls, partner, product, *days_ago, company=None):
        """As the nightly update writes it."""
        mine = habit([Line(cls.ago(days), 1, 10) for days in days_ago])._asdict()
        until = mine["due_date"] and mine["due_date"] + timedelta(
            days=mine["interval_days"]
        )
        return cls.env["crm.customer.product"].create(
            {
                "partner_id": partner.id,
                "company_id": (company or cls.company_a).id,
                "product_tmpl_id": product.id,
                "due_until": until,
                **mine,
            }
        )

    def contacts(self, user=None, **context):
        user = user or self.manager
        partners = self.env["res.partner"].with_user(user)
        return partners.with_context(allowed_company_ids=user.company_id.ids, **context)

    def names(self, *domain, user=None, among=None):
        """Names of the customers found by a search."""
        among = among or self.four
        contacts = self.contacts(user)
        found = contacts.search([("id", "in", among.ids), *domain], order="name")
        return found.mapped("name")

    def wizard(self, user=None, **values):
        wizards = self.env[WIZARD].with_user(user or self.manager)
        wizards = wizards.with_context(allowed_company_ids=self.company.ids)
        values = {
            name: [Command.set(value.ids)] if hasattr(value, "ids") else value
            for name, value in values.items()
        }
        return wizards.create(values)

    def found_by(self, **values):
        domain = self.wizard(**values).action_find()["domain"]
        return self.names(*domain)


@tagged("post_install", "-at_install")
class TestFindCustomers(FindCustomersCommon):
    def test_bought_and_never_bought(self):
        green, mocha = self.green, self.mocha
        name = "bought_product_ids"
        for domain, expected in (
            ([(name, "in", green.ids)], ["Ann", "Bob"]),
            ([(name, "=", green.id)], ["Ann", "Bob"]),
            ([(name, "not in", green.ids)], ["Cid", "Dan"]),
            ([(name, "!=", green.id)], ["Cid", "Dan"]),
            ([(name, "in", green.ids), (name, "not in", mocha.ids)], ["Ann"]),
            (["!", (name, "in", (green + mocha).ids)], ["Dan"]),
            ([(name, "ilike", "Gree")], ["Ann", "Bob"]),
            ([(name, "not ilike", "Gree")], ["Cid", "Dan"]),
            ([(name, "any", [("categ_id", "=", self.tea.id)])], ["Ann", "Bob"]),
            ([(name, "not any", [("categ_id", "=", self.tea.id)])], ["Cid", "Dan"]),
            ([(f"{name}.categ_id", "=", self.coffee.id)], ["Bob", "Cid"]),
            ([(name, "=", False)], ["Dan"]),
            ([(name, "!=", False)], ["Ann", "Bob", "Cid"]),
            ([(name, "in", [False, green.id])], ["Ann", "Bob", "Dan"]),
            ([(name, "not in", [False, green.id])], ["Cid"]),
            ([(name, "in", [])], []),
            ([(name, "not in", [])], ["Ann", "Bob", "Cid", "Dan"]),
        ):
            with self.subTest(domain):
                self.assertEqual(self.names(*domain), expected)
                if "any" not in str(domain) and "ilike" not in str(domain):
                    mine = self.contacts().browse(self.four.ids)
                    found = mine.filtered_domain(domain).mapped("name")
                    self.assertEqual(found, expected)

    def test_categories_contain_those_below(self):
        above = self.env["product.category"].create({"name": "Drinks"})
        self.tea.parent_id = above
        name = "bought_categ_ids"
        for domain, expected in (
            ([(name, "in", above.ids)], ["Ann", "Bob"]),
            ([(name, "not in", above.ids)], ["Cid", "Dan"]),
            ([(name, "in", self.tea.ids)], ["Ann", "Bob"]),
            ([(name, "=", False)], ["Dan"]),
        ):
            with self.subTest(domain):
                self.assertEqual(self.names(*domain), expected)
                mine = self.contacts().browse(self.four.ids)
                self.assertEqual(mine.filtered_domain(domain).mapped("name"), expected)
        self.assertEqual(self.names((name, "ilike", "Tea")), ["Ann", "Bob"])
        self.assertEqual(self.names((name, "child_of", above.id)), ["Ann", "Bob"])

    def test_in_detail(self):
        green = self.green
        detail = [("product_tmpl_id", "=", green.id), ("purchase_days", ">", 1)]
        for domain, expected in (
            ([("bought_ids", "any", detail)], ["Ann"]),
            ([("bought_ids", "not any", detail)], ["Bob", "Cid", "Dan"]),
            ([("bought_ids.last_date", ">=", self.ago(10))], ["Ann", "Bob", "Cid"]),
            ([("bought_ids", "=", False)], ["Dan"]),
            ([("bought_ids", "!=", False)], ["Ann", "Bob", "Cid"]),
        ):
            with self.subTest(domain):
                self.assertEqual(self.names(*domain), expected)
        self.assertEqual(len(self.contacts().browse(self.bob.id).bought_ids), 2)

    def test_archived_products_and_contacts_of_customers(self):
        green = self.green
        person = self.env["res.partner"].create(
            {"name": "Ann's", "parent_id": self.ann.id}
        )
        green.active = False
        among = self.four + person
        found = self.names(("bought_product_ids", "in", green.ids), among=among)
        self.assertEqual(found, ["Ann", "Ann's", "Bob"])
        found = self.names(("bought_product_ids", "not in", green.ids), among=among)
        self.assertEqual(found, ["Cid", "Dan"])
        shown = self.contacts().browse(person.id).bought_product_ids
        self.assertEqual(shown.ids, green.ids)

    def test_due_for_replenishment(self):
        name = "is_replenishment_due"
        self.assertEqual(self.names((name, "=", True)), [])
        # Each 30 days; due since 4 days, and no longer expected after 34.
        self.bought(self.dan, self.black, 94, 64, 34)
        self.bought(self.cid, self.black, 260, 230, 200)
        for domain, expected in (
            ([(name, "=", True)], ["Dan"]),
            ([(name, "!=", False)], ["Dan"]),
            ([(name, "=", False)], ["Ann", "Bob", "Cid"]),
            ([(name, "in", [True, False])], ["Ann", "Bob", "Cid", "Dan"]),
        ):
            with self.subTest(domain):
                self.assertEqual(self.names(*domain), expected)
                mine = self.contacts().browse(self.four.ids)
                self.assertEqual(mine.filtered_domain(domain).mapped("name"), expected)

    def test_bought_last_year_and_not_this(self):
        scores = self.env["crm.rfm.score"]
        name = "bought_last_year_only"
        year = self.today.year
        for partner, day in (
            (self.ann, f"{year}-01-01"),
            (self.bob, f"{year - 1}-12-31"),
            (self.cid, f"{year - 1}-01-01"),
            (self.dan, f"{year - 2}-12-31"),
        ):
            scores.create(
                {
                    "partner_id": partner.id,
                    "company_id": self.company.id,
                    "first_date": day,
                    "last_date": day,
                }
            )
        never = self.env["res.partner"].create({"name": "Never"})
        among = self.four + never
        self.env.flush_all()
        for domain, expected in (
            ([(name, "=", True)], ["Bob", "Cid"]),
            ([(name, "=", False)], ["Ann", "Dan", "Never"]),
        ):
            with self.subTest(domain):
                self.assertEqual(self.names(*domain, among=among), expected)
                mine = self.contacts().browse(among.ids)
                self.assertEqual(mine.filtered_domain(domain).mapped("name"), expected)
        with freeze_time(f"{year + 1}-06-01"):
            found = self.names((name, "=", True), among=among)
            self.assertEqual(found, ["Ann"])

    def test_each_company_knows_its_own_purchases(self):
        other = self.company_b
        self.manager.company_ids += other
        self.bought(self.dan, self.green, 5, company=other)
        self.env.flush_all()
        domain = [
            ("id", "in", self.four.ids),
            ("bought_product_ids", "in", self.green.ids),
        ]
        contacts = self.env["res.partner"].with_user(self.manager)
        for company, expected in ((self.company, ["Ann", "Bob"]), (other, ["Dan"])):
            context = {"allowed_company_ids": (company | self.company | other).ids}
            found = contacts.with_context(**context).search(domain, order="name")
            self.assertEqual(found.mapped("name"), expected)
            self.assertEqual(found[0].bought_product_ids.ids, self.green.ids)

    # -- Who sees what

    def test_salespeople_find_their_own_customers(self):
        (self.ann + self.dan).user_id = self.salesman
        green = self.green
        name = "bought_product_ids"
        found = self.names((name, "in", green.ids), user=self.salesman)
        self.assertEqual(found, ["Ann"])
        # Of the others they cannot say that they never did.
        found = self.names((name, "not in", green.ids), user=self.salesman)
        self.assertEqual(found, ["Dan"])
        found = self.names((name, "=", False), user=self.salesman)
        self.assertEqual(found, ["Dan"])
        found = self.names(("is_replenishment_due", "=", False), user=self.salesman)
        self.assertEqual(found, ["Ann", "Dan"])
        self.assertFalse(
            self.contacts(self.salesman).browse(self.bob.id).bought_product_ids
        )

    def test_a_filter_in_detail_leads_no_further_than_the_user_sees(self):
        self.ann.user_id = self.salesman
        # An opportunity of somebody else with a customer of theirs.
        self.env["crm.lead"].create(
            {
                "name": "Secret",
                "type": "opportunity",
                "partner_id": self.ann.id,
                "user_id": self.manager.id,
                "company_id": self.company.id,
            }
        )
        secret = [("partner_id.opportunity_ids.name", "=", "Secret")]
        green = [("product_tmpl_id", "in", self.green.ids)]
        for user, rows, expected in (
            (self.manager, secret, ["Ann"]),
            (self.salesman, secret, []),
            (self.salesman, green, ["Ann"]),
        ):
            with self.subTest(user=user.login, rows=rows):
                found = self.names(("bought_ids", "any", rows), user=user)
                self.assertEqual(found, expected)

    def test_others_and_the_feature_off(self):
        agent = new_test_user(
            self.env,
            "find_agent",
            groups="crm_extended.group_care_agent",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        names = (
            "bought_product_ids",
            "bought_categ_ids",
            "bought_ids",
            "is_replenishment_due",
            "bought_last_year_only",
        )
        for name in names:
            for operator in ("=", "!="):
                with self.subTest(name), self.assertRaises(AccessError):
                    self.names((name, operator, False), user=agent)
        self.assertFalse(set(names) & set(self.contacts(agent).fields_get()))
        with self.assertRaises(AccessError):
            self.wizard(user=agent)
        self.env["crm.feature"]._switch(insight=False)
        for name in names:
            with self.subTest(name), self.assertRaises(AccessError):
                self.names((name, "=", False))
        with self.assertRaises(AccessError):
            self.wizard()
        views = self.contacts().get_view(view_type="search")["arch"]
        self.assertNotIn("is_replenishment_due", views)

    def test_queries_do_not_grow_with_the_list(self):
        def count(partners):
            self.env.flush_all()
            self.env.invalidate_all()
            mine = self.contacts().browse(partners.ids)
            before = self.env.cr.sql_log_count
            for partner in mine:
                _ = (
                    partner.bought_product_ids,
                    partner.bought_categ_ids,
                    partner.is_replenishment_due,
                    partner.bought_last_year_only,
                )
            return self.env.cr.sql_log_count - before

        count(self.ann)
        self.assertEqual(count(self.ann), count(self.ann + self.bob + self.cid))

    # -- Customer lists

    def test_a_customer_list(self):
        green, mocha = self.green, self.mocha
        one = (
            self.env["crm.customer.list"]
            .with_user(self.manager)
            .create(
                {
                    "name": "Tea, no coffee",
                    "company_id": self.company.id,
                    "domain": repr(
                        [
                            ("bought_product_ids", "in", green.ids),
                            ("bought_product_ids", "not in", mocha.ids),
                        ]
                    ),
                }
            )
        )
        self.assertEqual(one._get_customers().ids, self.ann.ids)
        self.assertEqual(one._count(), 1)
        self.env["crm.feature"]._switch(insight=False)
        one.invalidate_recordset()
        self.assertEqual(one.customer_count, 0)
        with self.assertRaises(UserError):
            one.domain = repr([("bought_product_ids", "=", False)])

    def test_a_found_list_is_saved(self):
        green = self.green
        action = self.wizard(bought_product_ids=green).action_find()
        city = [("city", "=", "Berlin")]
        contacts = self.contacts(
            active_domain=list(Domain(action["domain"]) & Domain(city))
        )
        context = contacts.action_save_customer_list()["context"]
        domain = ast.literal_eval(context["default_domain"])
        self.assertEqual(domain, ["&", ("bought_product_ids", "in", green.ids), *city])
        lists = self.env["crm.customer.list"].with_user(self.manager)
        form = Form(lists.with_context(**context))
        form.name = "Tea in Berlin"
        one = form.save()
        self.ann.city = "Berlin"
        self.assertEqual(one._get_customers().ids, self.ann.ids)
        # Without a filter all customers are on it.
        context = self.contacts().action_save_customer_list()["context"]
        self.assertEqual(ast.literal_eval(context["default_domain"]), [])

    # -- Care plans

    def plan(self, domain):
        return self.env["crm.care.plan"].create(
            {
                "name": "Plan",
                "company_id": self.company.id,
                "user_id": self.manager.id,
                "purpose_id": self.env.ref("crm_extended.purpose_loyalty").id,
                "domain": repr(domain),
            }
        )

    def test_a_care_plan(self):
        green = self.green
        mine = ("id", "in", self.four.ids)
        plan = self.plan([mine, ("bought_product_ids", "in", green.ids)])
        self.assertEqual(plan._count_matching(), 2)
        plan.domain = repr([mine, ("bought_product_ids", "not in", green.ids)])
        self.assertEqual(plan._count_matching(), 2)
        for domain in (
            [("bought_product_ids", "in", green.ids)],
            [("bought_categ_ids", "=", False)],
            [("bought_ids.last_date", ">=", "2020-01-01")],
            [("is_replenishment_due", "=", True)],
            [("bought_last_year_only", "=", True)],
            [("parent_id.is_replenishment_due", "=", True)],
        ):
            with self.subTest(domain):
                plan.domain = repr(domain)
                self.assertTrue(plan._is_profiling())
        plan.domain = repr([("city", "=", "Berlin")])
        self.assertFalse(plan._is_profiling())

    def test_a_care_plan_leaves_out_who_refused_profiling(self):
        self.env["crm.consent"].create(
            {
                "partner_id": self.ann.id,
                "company_id": self.company.id,
                "purpose_id": self.env.ref("crm_extended.purpose_profiling").id,
                "state": "refused",
                "source": "manual",
            }
        )
        mine = ("id", "in", self.four.ids)
        green = self.green
        plan = self.plan([mine, ("bought_product_ids", "in", green.ids)])
        self.assertEqual(plan._count_matching(), 1)

    def test_a_care_plan_while_the_feature_is_off(self):
        mine = ("id", "in", self.four.ids)
        plan = self.plan([mine, ("bought_product_ids", "=", False)])
        self.assertEqual(plan._count_matching(), 1)
        self.env["crm.feature"]._switch(insight=False)
        # The job finds no one, and nobody can save such a filter.
        self.assertEqual(plan._count_matching(), 0)
        with self.assertRaises(ValidationError):
            plan.with_user(self.manager).domain = repr(
                [("bought_product_ids", "!=", False)]
            )

    # -- Find Customers by Products

    def test_the_wizard(self):
        green, mocha = self.green, self.mocha
        for values, expected in (
            ({"bought_product_ids": green}, ["Ann", "Bob"]),
            ({"bought_product_ids": green + mocha}, ["Ann", "Bob", "Cid"]),
            (
                {"bought_product_ids": green + mocha, "bought_match": "all"},
                ["Bob"],
            ),
            (
                {
                    "bought_product_ids": green,
                    "bought_categ_ids": self.coffee,
                    "bought_match": "all",
                },
                ["Bob"],
            ),
            ({"bought_product_ids": green, "never_product_ids": mocha}, ["Ann"]),
            ({"bought_categ_ids": self.tea, "never_categ_ids": self.coffee}, ["Ann"]),
            ({"never_categ_ids": self.tea + self.coffee}, ["Dan"]),
            ({"bought_product_ids": mocha, "since": self.ago(10)}, ["Cid"]),
            ({"bought_categ_ids": self.coffee, "since": self.ago(40)}, ["Bob", "Cid"]),
            ({"since": self.ago(4)}, ["Ann"]),
            ({"is_replenishment_due": True}, []),
        ):
            with self.subTest(values):
                self.assertEqual(self.found_by(**values), expected)
        with self.assertRaises(UserError):
            self.found_by()

    def test_the_list_of_customers_found(self):
        view = self.env.ref("crm_extended.res_partner_view_list_found")
        views = self.contacts().get_views([(view.id, "list")])
        names = list(views["models"]["res.partner"]["fields"])
        self.assertIn("rfm_last_date", names)
        self.contacts().search_read([("id", "in", self.four.ids)], names)


@tagged("post_install", "-at_install")
class TestFindCustomersTour(FindCustomersCommon, HttpCase):
    def test_from_products_to_a_customer_list(self):
        self.start_tour(
            "/odoo/customer-lists",
            "crm_extended_find_customers",
            login=self.manager.login,
        )
        one = self.env["crm.customer.list"].search(
            [("name", "=", "Tea without coffee")]
        )
        self.assertEqual(one.with_user(self.manager)._get_customers().ids, self.ann.ids)

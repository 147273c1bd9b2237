"""Who customers are: rows and their values, tables of two dimensions, what the best have
in common, who is like them, and who sees it."""

import ast
from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from ...analytics.insight.profile import LEAST_CUSTOMERS, lift
from ..care.common import CareCommon

MODEL = "crm.customer.profile"


class ProfileCommon(CareCommon):
    """Twenty customers in company A: the two best come from Belgium and are factories."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["crm.feature"]._switch(insight=True, timeline=True, care=True)
        cls.belgium, cls.france = cls.env.ref("base.be"), cls.env.ref("base.fr")
        cls.factory, cls.shop = cls.env["res.partner.industry"].create(
            [{"name": "Factory"}, {"name": "Shop"}]
        )
        cls.people = cls.env["res.partner"].create(
            [
                {
                    "name": f"Customer {number:02}",
                    "is_company": True,
                    "country_id": (cls.belgium if number < 6 else cls.france).id,
                    "industry_id": (cls.factory if number < 5 else cls.shop).id,
                    "user_id": cls.salesman.id if number % 2 else False,
                }
                for number in range(20)
            ]
        )
        for number, partner in enumerate(cls.people):
            cls.buy(partner, 1000 - number * 10, days_ago=10 + number)
        cls.refresh()

    def profile(self, partner, user=None):
        records = self.as_user(user or self.manager, MODEL)
        return records.search([("partner_id", "=", partner.id)])

    def as_manager(self):
        return self.as_user(self.manager, MODEL)


@tagged("post_install", "-at_install")
class TestCustomerProfile(ProfileCommon):
    def test_a_row_for_each_score(self):
        rows = self.as_manager().search([])
        self.assertEqual(rows.partner_id, self.people)
        row = self.profile(self.people[0])
        self.assertEqual(row.revenue, 1000)
        self.assertEqual(row.country_id, self.belgium)
        self.assertEqual(row.industry_id, self.factory)
        self.assertEqual(row.rfm_segment_id, self.score(self.people[0]).segment_id)
        self.assertEqual(row.decile, "1")
        self.assertEqual(row.share, 1 / 20)
        [[share, count]] = rows._read_group(
            [("country_id", "=", self.belgium.id)], [], ["share:sum", "__count"]
        )
        self.assertEqual((round(share, 6), count), (0.3, 6))

    def test_size_is_the_number_of_people(self):
        first, second, third = self.people[:3]
        self.env["res.partner"].create(
            [{"name": f"Ann {n}", "parent_id": second.id} for n in range(2)]
            + [{"name": f"Bob {n}", "parent_id": third.id} for n in range(6)]
            # Neither an address nor an archived contact is one of the people.
            + [{"name": "Door", "parent_id": first.id, "type": "delivery"}] * 3
            + [{"name": "Gone", "parent_id": first.id, "active": False}] * 3
        )
        self.people[3].is_company = False
        found = [self.profile(partner).customer_size for partner in self.people[:4]]
        self.assertEqual(found, ["one", "few", "several", "person"])

    def test_age_since_the_first_purchase(self):
        for days, key in ((93, "year"), (367, "two"), (800, "five"), (2000, "old")):
            partner = self.people[days % 7]
            self.buy(partner, 1, days_ago=days)
            self.refresh()
            self.assertEqual(self.profile(partner).customer_age, key)
        self.assertEqual(self.profile(self.people[19]).customer_age, "new")

    def test_channel_competitor_and_satisfaction(self):
        first, second = self.people[:2]
        first.preferred_channel = "phone"
        competitors = self.env["crm.competitor"].create(
            [{"name": "Old Rival"}, {"name": "New Rival"}]
        )
        for days, competitor in zip((40, 4), competitors, strict=True):
            self.env["crm.interaction"].create(
                {
                    "partner_id": first.id,
                    "company_id": self.company_a.id,
                    "channel": "visit",
                    "summary": "They named a rival",
                    "date": fields.Datetime.now() - timedelta(days=days),
                    "competitor_ids": [Command.set(competitor.ids)],
                }
            )
        case = self.case(partner_id=first.id)
        for days, rating in ((3, 1), (2, 5)):
            self.env["crm.care.satisfaction"].create(
                {
                    "case_id": case.id,
                    "partner_id": first.id,
                    "rating": rating,
                    "date": fields.Datetime.now() - timedelta(days=days),
                }
            )
        row = self.profile(first)
        self.assertEqual(row.channel, "phone")
        self.assertEqual(row.competitor_id, competitors[1])
        self.assertEqual(row.satisfaction, "top")
        other = self.profile(second)
        self.assertFalse(other.competitor_id)
        self.assertFalse(other.satisfaction)
        groups = dict(
            self.as_manager()._read_group([], ["satisfaction"], ["customer_count:sum"])
        )
        self.assertEqual(groups, {"top": 1, False: 19})

    def test_who_refused_profiling_is_left_out(self):
        self.refuse(self.people[0])
        self.assertNotIn(self.people[0], self.as_manager().search([]).partner_id)
        table = self.as_manager().get_table()
        self.assertEqual((table["total"], table["refused"]), (19, 1))
        self.assertEqual(table["customers"], 19)

    def refuse(self, partner):
        self.env["crm.consent"].create(
            {
                "partner_id": partner.id,
                "company_id": self.company_a.id,
                "purpose_id": self.env.ref("crm_extended.purpose_profiling").id,
                "state": "refused",
            }
        )

    # -- The table

    def test_any_two_dimensions(self):
        table = self.as_manager().get_table([], "country_id", "industry_id")
        self.assertEqual(
            [row["label"] for row in table["rows"]],
            [self.france.name, self.belgium.name],
        )
        self.assertEqual([c["label"] for c in table["columns"]], ["Shop", "Factory"])
        counts = {place: c["customers"] for place, c in table["cells"].items()}
        self.assertEqual(counts, {"0,0": 14, "1,0": 1, "1,1": 5})
        self.assertEqual(table["cells"]["1,0"]["revenue"], 950)
        # A cell opens what it counts.
        domain = table["rows"][1]["domain"] + table["columns"][1]["domain"]
        self.assertEqual(self.as_manager().search_count(domain), 5)

    def test_every_pair_of_dimensions_adds_up(self):
        names = self.as_manager()._get_dimensions()
        self.assertIn("satisfaction", names)
        for name in names[1:]:
            table = self.as_manager().get_table([], names[0], name)
            total = sum(cell["customers"] for cell in table["cells"].values())
            self.assertEqual(total, 20, name)
            for column in table["columns"]:
                count = self.as_manager().search_count(column["domain"])
                self.assertEqual(count, column["customers"], (name, column))

    def test_rare_values_are_others(self):
        countries = self.env["res.country"].search([], limit=20)
        for partner, country in zip(self.people, countries, strict=True):
            partner.country_id = country
        self.people[0].country_id = False
        table = self.as_manager().get_table([], "rfm_segment_id", "country_id")
        labels = [column["label"] for column in table["columns"]]
        self.assertEqual(len(labels), 17)
        self.assertEqual(labels[-2:], ["Others", "Not Set"])
        for column, count in zip(table["columns"][-2:], (4, 1), strict=True):
            self.assertEqual(column["customers"], count)
            self.assertEqual(self.as_manager().search_count(column["domain"]), count)

    def test_hostile_dimensions(self):
        for row, column in (
            ("partner_id", "country_id"),
            ("country_id", "country_id"),
            ("country_id", "margin; DROP TABLE"),
            ([], {}),
        ):
            with self.assertRaises(UserError):
                self.as_manager().get_table([], row, column)
        for target in ("list,0", "segment,x", "", "decile,1", None, []):
            with self.assertRaises(UserError):
                self.as_manager().get_best(target)
        for traits in (
            [["password", "x"]],
            [["country_id", "1 OR 1=1"]],
            [["country_id", True]],
            [["customer_age", 5]],
        ):
            with self.assertRaises(UserError):
                self.as_manager().count_alike("decile", traits)

    # -- Like the best

    def test_lift_of_the_best(self):
        best = self.as_manager().get_best()
        self.assertEqual((best["customers"], best["best"]), (20, 2))
        values = {(v["dimension"], v["value"]): v for v in best["values"]}
        factory = values["industry_id", self.factory.id]
        self.assertEqual((factory["customers"], factory["best"]), (5, 2))
        self.assertEqual(factory["share_best"], 1)
        self.assertEqual(factory["share_all"], 0.25)
        self.assertEqual(factory["lift"], 4)
        self.assertAlmostEqual(factory["low"], 0.1176 / 0.1, places=2)
        self.assertTrue(factory["is_clear"])
        self.assertEqual(values["country_id", self.france.id]["lift"], 0)
        lifts = [each["lift"] for each in best["values"]]
        self.assertEqual(lifts, sorted(lifts, reverse=True))
        # What says who is best is no trait of theirs.
        self.assertNotIn("decile", {v["dimension"] for v in best["values"]})
        self.assertIn(["industry_id", self.factory.id], best["chosen"])

    def test_values_of_few_are_left_out(self):
        self.people[4].industry_id = self.shop
        values = self.as_manager().get_best()["values"]
        found = {(v["dimension"], v["value"]) for v in values}
        self.assertNotIn(("industry_id", self.factory.id), found)
        self.assertIn(("industry_id", self.shop.id), found)

    def test_like_a_segment_and_like_a_list(self):
        listed = self.env["crm.customer.list"].create(
            {
                "name": "Friends",
                "company_id": self.company_a.id,
                "is_filtered": False,
                "added_ids": [Command.set(self.people[6:11].ids)],
            }
        )
        best = self.as_manager().get_best(f"list,{listed.id}")
        self.assertEqual(best["best"], 5)
        values = {(v["dimension"], v["value"]): v for v in best["values"]}
        self.assertAlmostEqual(values["country_id", self.france.id]["lift"], 1 / 0.7)
        segment = self.score(self.people[0]).segment_id
        best = self.as_manager().get_best(f"segment,{segment.id}")
        found = self.scores().filtered(lambda score: score.segment_id == segment)
        self.assertEqual(best["best"], len(found))
        # A colleague's list that is not shared is no target.
        listed.write({"is_shared": False, "user_id": self.manager.id})
        with self.assertRaises(UserError):
            self.as_user(self.salesman, MODEL).get_best(f"list,{listed.id}")

    def test_from_who_is_alike_to_a_customer_list(self):
        traits = [["industry_id", self.factory.id], ["country_id", self.belgium.id]]
        records = self.as_manager()
        self.assertEqual(records.count_alike("decile", traits), 3)
        action = records.action_open_alike("decile", traits)
        self.assertEqual(records.search(action["domain"]).partner_id, self.people[2:5])
        action = records.action_create_list("decile", traits)
        form = Form(
            self.as_user(self.manager, "crm.customer.list").with_context(
                **action["context"]
            )
        )
        one = form.save()
        self.assertTrue(ast.literal_eval(one.domain))
        self.assertEqual(one._get_customers(), self.people[2:5])
        # The filter follows the customers.
        self.people[4].industry_id = self.shop
        self.env.flush_all()
        self.assertEqual(one._get_customers(), self.people[2:4])

    def test_selected_customers_go_on_a_list(self):
        action = self.as_manager().search([], limit=2).action_add_to_list()
        wizard = self.as_user(self.manager, action["res_model"])
        form = Form(wizard.with_context(**action["context"]))
        form.name = "Two"
        form.save().action_apply()
        one = self.env["crm.customer.list"].search([("name", "=", "Two")])
        self.assertEqual(len(one.added_ids), 2)

    def test_contacts_by_profile(self):
        partners = self.as_user(self.manager, "res.partner")
        child = partners.create({"name": "Child", "parent_id": self.people[0].id})
        best = [("profile_ids", "any", [("decile", "=", "1")])]
        self.assertEqual(partners.search(best), self.people[:2] + child)
        others = partners.search([("profile_ids", "not any", [("decile", "=", "1")])])
        self.assertFalse(others & (self.people[:2] + child))
        self.assertIn(self.people[2], others)
        row = self.profile(self.people[0])
        self.assertEqual(child.profile_ids, row)
        self.assertEqual(
            partners.search([("profile_ids", "in", row.ids)]), self.people[0] + child
        )
        plan = self.env["crm.care.plan"].new(
            {"company_id": self.company_a.id, "domain": repr(best)}
        )
        self.assertTrue(plan._is_profiling())

    # -- Special cases

    def test_nobody_one_and_all_equal(self):
        empty = self.env[MODEL].with_context(allowed_company_ids=self.company_b.ids)
        self.assertEqual(empty.get_table()["customers"], 0)
        self.assertEqual(empty.get_best()["values"], [])
        self.assertEqual(empty.get_best()["chosen"], [])
        self.buy(self.people[0], 10, company=self.company_b)
        self.refresh(self.company_b)
        table = empty.get_table()
        self.assertEqual((table["customers"], len(table["cells"])), (1, 1))
        self.assertEqual(empty.get_best()["values"], [])
        for partner in self.people[1:]:
            self.buy(partner, 10, company=self.company_b)
        self.refresh(self.company_b)
        best = empty.get_best()
        self.assertEqual((best["customers"], best["best"]), (20, 2))

    def test_two_companies_with_two_currencies(self):
        self.buy(self.people[0], 77, company=self.company_b)
        self.refresh(self.company_b)
        both = self.env[MODEL].with_context(
            allowed_company_ids=(self.company_a + self.company_b).ids
        )
        rows = both.search([("partner_id", "=", self.people[0].id)])
        self.assertEqual(
            {row.company_id: (row.revenue, row.currency_id) for row in rows},
            {
                self.company_a: (1000, self.company_a.currency_id),
                self.company_b: (77, self.company_b.currency_id),
            },
        )
        self.assertEqual(both.with_company(self.company_b).get_table()["customers"], 1)
        # Only of companies that the user works in.
        self.assertEqual(self.profile(self.people[0]).company_id, self.company_a)

    def test_merged_customers_are_one(self):
        first, second = self.people[:2]
        self.env["base.partner.merge.automatic.wizard"].create({})._merge(
            (first + second).ids, first
        )
        self.refresh()
        self.assertEqual(self.profile(first).revenue, 1990)
        self.assertEqual(self.as_manager().get_table()["customers"], 19)

    def test_queries_do_not_grow(self):
        records = self.as_manager()

        def ask():
            self.env.invalidate_all()
            records.get_best()
            records.get_table()

        ask()
        before = self.env.cr.sql_log_count
        ask()
        few = self.env.cr.sql_log_count - before
        for partner in self.customers(10):
            self.buy(partner, 5)
        self.refresh()
        ask()
        before = self.env.cr.sql_log_count
        ask()
        self.assertLessEqual(self.env.cr.sql_log_count - before, few)


@tagged("post_install", "-at_install")
class TestCustomerProfileAccess(ProfileCommon):
    def test_salespeople_see_their_own_customers(self):
        mine = self.people.filtered(lambda one: one.user_id == self.salesman)
        records = self.as_user(self.salesman, MODEL)
        self.assertEqual(records.search([]).partner_id, mine)
        self.assertEqual(records.get_table()["customers"], len(mine))
        self.assertEqual(records.get_best()["customers"], len(mine))
        self.assertEqual(records.search([], limit=1).share, 1 / len(mine))
        everyone = new_test_user(
            self.env,
            login="crm_extended_profile_all",
            groups="sales_team.group_sale_salesman_all_leads",
            company_id=self.company_a.id,
            company_ids=[Command.set(self.company_a.ids)],
        )
        for user in (everyone, self.manager):
            self.assertEqual(
                self.as_user(user, MODEL).search([]).partner_id, self.people
            )
        self.assertFalse(self.as_user(self.salesman_b, MODEL).search([]))
        other = self.profile(self.people[0])
        with self.assertRaises(AccessError):
            records.browse(other.ids).read(["revenue"])
        partners = self.as_user(self.salesman, "res.partner")
        found = partners.search([("profile_ids", "any", [("customer_count", "=", 1)])])
        self.assertEqual(found, mine)

    def test_margins_are_for_those_who_see_them(self):
        self.profile(self.people[0]).read(["margin"])
        row = self.profile(self.people[1], self.salesman)
        with self.assertRaises(AccessError):
            row.read(["margin"])
        with self.assertRaises(AccessError):
            self.as_user(self.salesman, MODEL)._read_group([], [], ["margin:sum"])

    def test_export_gives_what_is_seen(self):
        self.salesman.group_ids += self.env.ref("base.group_allow_export")
        rows = self.as_user(self.salesman, MODEL).search([], limit=1)
        names = ["partner_id/name", "customer_size", "decile"]
        [data] = rows.export_data(names)["datas"]
        self.assertEqual(data, ["Customer 01", "Company, up to 1 contact", "Top 10%"])

    def test_nobody_else(self):
        for user in (self.agent, self.care_manager, self.employee, self.portal):
            records = self.env(user=user)[MODEL]
            for attempt in (
                lambda records=records: records.search([]),
                lambda records=records: records.get_table(),
                lambda records=records: records.get_best(),
                lambda records=records: records.action_create_list("decile", []),
            ):
                with self.assertRaises(AccessError):
                    attempt()
            with self.assertRaises(AccessError):
                records.env["res.partner"].search([("profile_ids", "!=", False)])

    def test_off_means_gone(self):
        menu = self.env.ref("crm_extended.menu_crm_customer_profile")
        seen = self.env["ir.ui.menu"].with_user(self.salesman)
        self.assertIn(menu.id, seen._visible_menu_ids())
        self.env["crm.feature"]._switch(insight=False)
        self.assertNotIn(menu.id, seen._visible_menu_ids())
        with self.assertRaises(AccessError):
            self.as_manager().get_table()
        partners = self.env["res.partner"]
        self.assertFalse(partners.search([("profile_ids", "any", [])]))

    def test_dimensions_follow_the_features(self):
        self.env["crm.feature"]._switch(timeline=False, care=False, loyalty=False)
        names = self.as_manager()._get_dimensions()
        self.assertFalse({"channel", "satisfaction", "loyalty_tier_id"} & set(names))
        table = self.as_manager().get_table()
        self.assertEqual([each["name"] for each in table["dimensions"]], names)
        with self.assertRaises(UserError):
            self.as_manager().get_table([], "channel", "country_id")


@tagged("post_install", "-at_install")
class TestLift(CareCommon):
    def test_lift(self):
        found = lift(4, 5, 100, 1000)
        self.assertAlmostEqual(found.lift, 8)
        self.assertAlmostEqual(found.low, 3.7553, places=3)
        self.assertAlmostEqual(found.high, 9.6379, places=3)
        self.assertIsNone(lift(1, LEAST_CUSTOMERS - 1, 10, 100))
        self.assertIsNone(lift(0, 10, 0, 100))
        self.assertFalse(lift(1, 10, 10, 100).is_clear)
        self.assertTrue(lift(10, 10, 10, 100).is_clear)
        for numbers in ((2, 1, 5, 9), (-1, 5, 5, 9), (1, 5, 20, 9)):
            with self.assertRaises(ValueError):
                lift(*numbers)

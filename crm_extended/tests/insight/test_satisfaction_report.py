"""The page *Satisfaction Index*: right values, each person once, no small groups."""

from datetime import timedelta
from statistics import mean

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, tagged

from ...analytics.insight import satisfaction
from .satisfaction_common import SatisfactionCommon


@tagged("post_install", "-at_install")
class TestSatisfactionReport(SatisfactionCommon):
    def test_no_answers(self):
        page = self.page()
        self.assertFalse(page["has_answers"])
        self.assertEqual((page["rows"], page["trend"], page["hidden"]), ([], [], 0))
        self.assertIn("30", page["drivers"]["reason"])
        self.assertFalse(page["drivers"]["weights"])

    def test_one_answer_is_not_shown(self):
        self.said(self.asker, 3)
        self.assertEqual(self.total(), {"count": 0})
        self.assertFalse(self.page()["has_answers"])

    def test_the_index_of_five_people(self):
        points = [(10, 9, 8), (1, 2, 3), (5, 5, 5), (7, 10, 4), (10, 10, 10)]
        for person, (one, two, three) in zip(self.customers(5), points, strict=True):
            self.said(person, one, expectation=two, ideal=three)
        total = self.total()
        weights = satisfaction.DEFAULT_WEIGHTS
        each = [satisfaction.index(answers, weights) for answers in points]
        self.assertEqual(total["count"], 5)
        self.assertAlmostEqual(total["value"], mean(each), 6)
        low, high = satisfaction.mean_interval(
            5, sum(each), sum(value**2 for value in each)
        )
        self.assertAlmostEqual(total["low"], low, 4)
        self.assertAlmostEqual(total["high"], high, 4)

    def test_all_ten_and_all_one(self):
        people = self.customers(5)
        for person in people:
            self.said(person, 10)
        self.assertEqual(self.total()["value"], 100)
        for person in people:
            self.said(person, 1, days_ago=1)
        self.assertEqual(self.total(), {"count": 5, "value": 0, "low": 0, "high": 0})

    def test_the_same_person_counts_once_with_the_latest_answer(self):
        people = self.customers(5)
        for person in people:
            self.said(person, 10, days_ago=100)
        self.said(people[0], 1, days_ago=3)
        self.assertEqual(self.total()["count"], 5)
        self.assertAlmostEqual(self.total()["value"], 80)
        # Two people of one company are two.
        self.said(self.customer("Employee", parent_id=people[0].id), 10)
        self.assertEqual(self.total()["count"], 6)

    def test_answers_older_than_a_year_do_not_count(self):
        for person in self.customers(5):
            self.said(person, 10, days_ago=400)
        self.assertFalse(self.page()["has_answers"])

    def test_an_incomplete_answer_has_no_index(self):
        for person in self.customers(5):
            self.said(person, 10, ideal=0, nps=9, nps_group="promoter")
        total = self.page()["total"]
        self.assertEqual(total["index"], {"count": 0})
        self.assertEqual((total["nps"]["count"], total["nps"]["value"]), (5, 100))

    def test_anonymous_answers_count_for_the_company_alone(self):
        for _number in range(5):
            self.said(None, 10)
        page = self.page()
        self.assertEqual(page["total"]["index"]["count"], 5)
        self.assertEqual((page["rows"], page["hidden"]), ([], 0))

    def test_weights_of_the_company(self):
        for person in self.customers(5):
            self.said(person, 10, expectation=1, ideal=1)
        self.assertAlmostEqual(self.total()["value"], 34)
        self.company_a.write(
            {
                "satisfaction_weight": 0.5,
                "satisfaction_expectation_weight": 0.25,
                "satisfaction_ideal_weight": 0.25,
            }
        )
        self.assertAlmostEqual(self.total()["value"], 50)

    def test_nps_csat_and_ratio(self):
        scores = (10, 9, 9, 7, 0)
        for person, nps in zip(self.customers(5), scores, strict=True):
            group = "promoter" if nps > 8 else "passive" if nps > 6 else "detractor"
            self.said(person, nps=nps, nps_group=group, expected=10, perceived=nps)
        total = self.page()["total"]
        self.assertEqual(total["nps"]["value"], 40)
        self.assertEqual(
            [total["nps"]["low"], total["nps"]["high"]],
            list(satisfaction.nps_interval(3, 1, 5)),
        )
        self.assertAlmostEqual(total["ratio"]["value"], 0.7)
        self.assertEqual(
            total["ratio"]["verdicts"],
            {"unmet": 1, "dissatisfied": 1, "fair": 3, "exceeded": 0},
        )
        self.assertEqual(total["csat"], {"count": 0})

    def test_ratings_of_service_cases_count(self):
        people = self.customers(5)
        for number, person in enumerate(people):
            self.env["crm.care.satisfaction"].create(
                {
                    "case_id": self.case(partner_id=person.id).id,
                    "partner_id": person.id,
                    "date": fields.Datetime.now() - timedelta(days=3),
                    "rating": 5 if number else 1,
                    "expected": 5,
                    "perceived": 6,
                    "nps": 10,
                    "nps_group": "promoter",
                }
            )
        total = self.page()["total"]
        self.assertEqual(total["csat"]["value"], 80)
        self.assertEqual(total["ratio"]["verdicts"]["exceeded"], 5)
        self.assertEqual(total["nps"]["value"], 100)
        # A later answer to a survey replaces what the same person said on a case.
        self.said(people[0], nps=0, nps_group="detractor", days_ago=1)
        total = self.page()["total"]["nps"]
        self.assertEqual((total["count"], total["value"]), (5, 60))
        self.env["crm.feature"]._switch(care=False)
        self.assertEqual(self.page()["total"]["csat"], {"count": 0})

    # -- Groups

    def scored(self, people, segment):
        self.env["crm.rfm.score"].create(
            [
                {
                    "partner_id": person.id,
                    "company_id": self.company_a.id,
                    "segment_id": segment.id,
                }
                for person in people
            ]
        )

    def test_groups_below_five_are_hidden(self):
        segments = self.env["crm.rfm.segment"].search([], limit=3)
        for segment, count in zip(segments, (12, 7, 3), strict=True):
            people = self.customers(count)
            self.scored(people, segment)
            for person in people:
                self.said(person)
        page = self.page()
        # Three are hidden; of 22, 12 and 7 would give them away.
        self.assertEqual([row["key"] for row in page["rows"]], [segments[0].id])
        self.assertEqual(page["rows"][0]["index"]["count"], 12)
        self.assertEqual((page["hidden"], page["total"]["index"]["count"]), (2, 22))
        report = self.as_user(self.manager, "crm.satisfaction.report")
        action = report.action_open_answers("segment", segments[0].id)
        self.assertEqual(self.answers.search_count(action["domain"]), 12)
        for segment in segments[1:]:
            with self.assertRaises(AccessError):
                report.action_open_answers("segment", segment.id)

    def test_the_list_behind_the_index_does_not_undo_it(self):
        """Whoever reads single answers gets no figures of small groups from them."""
        segments = self.env["crm.rfm.segment"].search([], limit=2)
        for segment, count in zip(segments, (6, 2), strict=True):
            people = self.customers(count)
            self.scored(people, segment)
            for person in people:
                self.said(person, nps=10, nps_group="promoter")
        report = self.as_user(self.manager, "crm.satisfaction.report")
        action = report.action_open_answers()
        answers = self.as_user(self.manager, "crm.satisfaction.answer")
        domain = action["domain"]
        self.assertEqual(len(answers.search(domain)), 8)
        # Nothing to tell groups of customers apart by.
        known = answers.fields_get()
        self.assertFalse({"rfm_segment_id", "loyalty_tier_id"} & set(known))
        for path in (
            "partner_id.rfm_segment_id",
            "partner_id.loyalty_tier_id",
            "contact_id.lifecycle_stage",
        ):
            with self.assertRaises(AccessError):
                answers.formatted_read_group(domain, [path], ["__count"])
        # No averages of any group.
        for aggregate in ("satisfaction:avg", "nps:sum", "ideal:min", "nps_group:max"):
            for groupby in ([], ["user_id"], ["date:month"]):
                with self.assertRaises(AccessError):
                    answers.formatted_read_group(domain, groupby, [aggregate])
            with self.assertRaises(AccessError):
                answers.formatted_read_group(
                    domain, ["user_id"], ["__count"], having=[(aggregate, ">", 0)]
                )
        # The list can be grouped by what it shows.
        groups = answers.web_read_group(domain, ["date:month"], ["__count"])["groups"]
        self.assertEqual(sum(group["__count"] for group in groups), 8)

    def test_tiers_categories_and_months(self):
        people = self.customers(6)
        for person in people:
            self.said(person)
        for dimension in ("tier", "category", "month"):
            page = self.page(dimension)
            self.assertEqual(page["dimension"], dimension)
            [row] = page["rows"]
            self.assertEqual(row["index"]["count"], 6)
            self.as_user(self.manager, "crm.satisfaction.report").action_open_answers(
                dimension, row["key"]
            )
        tea = self.env["product.category"].create({"name": "Tea"})
        product = self.env["product.template"].create(
            {"name": "Green", "categ_id": tea.id}
        )
        self.env["crm.customer.product"].create(
            [
                {
                    "partner_id": person.id,
                    "company_id": self.company_a.id,
                    "product_tmpl_id": product.id,
                    "purchase_days": 1,
                    "amount": 10,
                    "first_date": self.today,
                    "last_date": self.today,
                }
                for person in people
            ]
        )
        [row] = self.page("category")["rows"]
        self.assertEqual((row["key"], row["name"]), (tea.id, "Tea"))

    def test_the_trend_has_gaps_where_too_few_answered(self):
        for person in self.customers(5):
            self.said(person, 10, days_ago=200)
        for person in self.customers(6):
            self.said(person, 1, days_ago=80)
        self.said(self.asker, 5, days_ago=500)
        trend = self.page()["trend"]
        # Every month between the first answer and the last one.
        self.assertGreater(len(trend), 13)
        values = [month["index"].get("value") for month in trend]
        # One answer alone is not shown; nor is it the rest of what is.
        self.assertEqual([value for value in values if value is not None], [0])
        self.assertIsNone(values[0])

    def test_who_refused_profiling_is_in_no_group_of_customers(self):
        people = self.customers(11)
        for person in people:
            self.said(person)
        [row] = self.page()["rows"]
        self.assertEqual(row["index"]["count"], 11)
        for person in people[:5]:
            self.env["crm.consent"].with_company(self.company_a)._record(
                person,
                self.env.ref("crm_extended.purpose_profiling"),
                "refused",
                "manual",
                "Said so",
            )
        for dimension in ("segment", "tier", "category"):
            [row] = self.page(dimension)["rows"]
            self.assertEqual(row["index"]["count"], 6)
        self.assertEqual(self.total()["count"], 11)

    def test_a_dimension_that_is_none(self):
        for name in ("", "user_id; DROP TABLE x", None, 7):
            self.assertEqual(self.page(name)["dimension"], "segment")
        report = self.as_user(self.manager, "crm.satisfaction.report")
        for key in ("x", [1], {}):
            with self.assertRaises(AccessError):
                report.action_open_answers("segment", key)

    # -- Drivers

    def test_drivers(self):
        self.assertIn("30", self.page()["drivers"]["reason"])
        for number in range(32):
            quality = 1 + number % 10
            self.said(
                None,
                quality,
                quality=quality,
                value=1 + number * 7 % 10,
                complaint="yes" if number % 3 else "no",
                loyalty=1 + number * 3 % 9,
            )
        drivers = self.page()["drivers"]
        self.assertFalse(drivers["reason"])
        self.assertEqual(drivers["count"], 32)
        [best, *_others] = drivers["weights"]
        self.assertEqual(best["name"], "quality")
        self.assertAlmostEqual(best["value"], 1, 6)
        self.assertAlmostEqual(drivers["r_squared"], 1, 6)
        self.assertFalse(drivers["left_out"])

    # -- Companies and people

    def test_two_companies(self):
        for person in self.customers(5):
            self.said(person, 10)
            self.said(person, 1, company=self.company_b)
        self.assertEqual(self.total()["value"], 100)
        self.manager.company_ids += self.company_b
        both = self.as_user(self.manager, "crm.satisfaction.report").with_context(
            allowed_company_ids=[self.company_a.id, self.company_b.id]
        )
        rows = both.get_page("company")["rows"]
        self.assertEqual(
            {row["key"]: row["index"]["value"] for row in rows},
            {self.company_a.id: 100, self.company_b.id: 0},
        )
        self.assertEqual(both.get_page("segment")["total"]["index"]["value"], 100)

    def test_salespeople_see_their_own_customers(self):
        for person in self.customers(5, user_id=self.salesman.id):
            self.said(person, 10)
        for person in self.customers(5):
            self.said(person, 1)
        self.said(None, 1)
        self.assertEqual(self.total(self.salesman)["value"], 100)
        self.assertEqual(self.total()["count"], 11)
        self.assertFalse(self.page(user=self.salesman_b)["has_answers"])
        mine = self.as_user(self.salesman, "crm.satisfaction.answer").search([])
        self.assertEqual(mine.partner_id.user_id, self.salesman)
        self.assertEqual(len(mine), 5)
        anonymous = self.answers.search([("partner_id", "=", False)])
        with self.assertRaises(AccessError):
            mine.browse(anonymous.ids).read(["satisfaction"])

    def test_nobody_else(self):
        for user in (self.agent, self.employee, self.portal):
            report = self.env(user=user)["crm.satisfaction.report"]
            for attempt in (report.get_page, report.action_open_answers):
                with self.assertRaises(AccessError):
                    attempt()
            with self.assertRaises(AccessError):
                self.env(user=user)["crm.satisfaction.answer"].search([])

    def test_answers_are_never_written(self):
        answer = self.said(self.asker)
        for user in (self.manager, self.salesman):
            for operation in ("create", "write", "unlink"):
                self.assertFalse(answer.with_user(user).has_access(operation))

    def test_off_means_gone(self):
        menu = self.env.ref("crm_extended.menu_crm_satisfaction_report")
        seen = self.env["ir.ui.menu"].with_user(self.manager)
        self.assertIn(menu.id, seen._visible_menu_ids())
        self.env["crm.feature"]._switch(insight=False)
        self.assertNotIn(menu.id, seen._visible_menu_ids())
        with self.assertRaises(AccessError):
            self.page()

    # -- Contacts

    def test_answers_follow_merged_contacts(self):
        one, two = self.customer("One"), self.customer("Two")
        person = self.customer("Person", parent_id=two.id)
        answers = self.said(two) + self.said(person)
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (one + two).ids, one, extra_checks=False
        )
        self.assertEqual(answers.partner_id, one)
        self.assertEqual(answers.contact_id, one + person)

    def test_deleted_contacts_leave_anonymous_answers(self):
        answer = self.said(self.customer("Gone"))
        answer.partner_id.unlink()
        self.assertTrue(answer.exists())
        self.assertFalse(answer.partner_id + answer.contact_id)

    # -- Settings

    def test_weights_in_the_settings_of_one_company(self):
        admin = self.env.ref("base.user_admin")
        admin.company_ids += self.company_a
        settings = (
            self.env["res.config.settings"]
            .with_user(admin)
            .with_company(self.company_a)
            .with_context(allowed_company_ids=self.company_a.ids)
        )
        form = Form(settings)
        self.assertEqual(form.satisfaction_weight, 0.34)
        form.satisfaction_weight = 0.5
        with self.assertRaisesRegex(ValidationError, "must sum to 1"):
            form.save().execute()
        form.satisfaction_expectation_weight = 0.2
        form.satisfaction_ideal_weight = 0.3
        form.save().execute()
        self.assertEqual(self.company_a._get_satisfaction_weights(), (0.5, 0.2, 0.3))
        self.assertEqual(self.company_b.satisfaction_weight, 0.34)
        company = self.company_b
        company.write(
            dict.fromkeys(
                (
                    "satisfaction_weight",
                    "satisfaction_expectation_weight",
                    "satisfaction_ideal_weight",
                ),
                0,
            )
        )
        self.assertEqual(
            company._get_satisfaction_weights(), satisfaction.DEFAULT_WEIGHTS
        )

    def test_the_page_asks_the_same_for_many_answers(self):
        for person in self.customers(5):
            self.said(person)
        self.page()

        def queries():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.page()
            return self.env.cr.sql_log_count - before

        few = queries()
        for person in self.customers(30):
            self.said(person)
        self.assertLessEqual(queries(), few)

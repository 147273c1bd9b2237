"""Stages and patterns by role, on contacts, leads and quotations, and in analyses."""

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from ..care.common import CareCommon
from .lifecycle_common import LifecycleCommon
from .test_lifecycle import EXPLORING, FALLING, FORMING, STEADY

STORED = ("crm.lifecycle", "crm.lifecycle.report", "crm.purchase.pattern")
SECRET = ("margin", "costed_revenue", "margin_share", "service_cost", "profit")


@tagged("post_install", "-at_install")
class TestLifecycleAccess(LifecycleCommon, CareCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mine = cls.buyer(*FALLING, name="Mine", user_id=cls.salesman.id)
        cls.others = cls.buyer(*STEADY, name="Others")
        cls.foreign = cls.buyer(*FORMING, name="Foreign", company=cls.company_b)
        cls.update_stages(-2)
        cls.update_stages(-2, cls.company_b)
        cls.buy(cls.others, 500, 1)
        cls.update_stages(-1)
        cls.update_stages()

    def seen(self, user, model):
        return self.as_user(user, model).search([]).partner_id

    def test_own_customers_all_or_none(self):
        everyone = self.mine + self.others
        leader = new_test_user(
            self.env,
            login="crm_extended_lifecycle_leader",
            groups="sales_team.group_sale_salesman_all_leads",
            company_id=self.company_a.id,
            company_ids=[Command.set(self.company_a.ids)],
        )
        for model in STORED:
            self.assertEqual(self.seen(self.salesman, model), self.mine)
            self.assertEqual(self.seen(leader, model), everyone)
            self.assertEqual(self.seen(self.manager, model), everyone)
            # In their own company, whose customer is no one's.
            self.assertFalse(self.seen(self.salesman_b, model))
            for user in (self.agent, self.employee, self.portal):
                with self.assertRaises(AccessError):
                    self.seen(user, model)
        changes = "crm.lifecycle.change"
        self.assertFalse(self.seen(self.salesman, changes))
        self.assertEqual(self.seen(self.manager, changes), self.others)
        with self.assertRaises(AccessError):
            self.seen(self.agent, changes)
        with self.assertRaises(AccessError):
            self.as_user(self.salesman, "crm.lifecycle.run").search([])
        self.assertTrue(self.as_user(self.manager, "crm.lifecycle.run").search([]))

    def test_no_one_writes(self):
        for user in (self.salesman, self.manager):
            row = self.as_user(user, "crm.lifecycle").search([], limit=1)
            with self.assertRaises(AccessError):
                row.write({"stage": "stable"})
            with self.assertRaises(AccessError):
                row.unlink()
            with self.assertRaises(AccessError):
                row.create({"partner_id": self.mine.id, "company_id": 1})
        with self.assertRaises(AccessError):
            self.as_user(self.salesman, "crm.lifecycle").action_refresh()
        action = self.as_user(self.manager, "crm.lifecycle").action_refresh()
        self.assertIn("2 customers", action["params"]["message"])

    def test_costs_and_margins_are_for_those_who_see_them(self):
        report = self.as_user(self.salesman, "crm.lifecycle.report")
        row = report.search([], limit=1)
        self.assertTrue(row.revenue_now)
        for name in SECRET:
            for call in (
                lambda name=name: row.read([name]),
                lambda name=name: report.search([(name, "!=", False)]),
                lambda name=name: report.search([], order=f"{name} desc"),
                lambda name=name: report._read_group([], ["stage"], [f"{name}:avg"]),
            ):
                with self.assertRaises(AccessError, msg=name):
                    call()
        self.assertFalse(set(SECRET) & report.fields_get().keys())
        self.as_user(self.manager, "crm.lifecycle.report").search_read([], list(SECRET))

    def test_off_means_gone(self):
        self.env["crm.feature"]._switch(insight=False)
        for model in STORED:
            with self.assertRaises(AccessError):
                self.seen(self.manager, model)
        fields = self.as_user(self.manager, "res.partner").fields_get()
        self.assertNotIn("lifecycle_stage", fields)

    # -- On contacts, leads and quotations

    def test_filter_group_and_sort(self):
        partners = self.mine + self.others
        new = self.buyer(*EXPLORING, name="New")
        none = self.customer("None")
        self.update_stages()
        everyone = partners + new + none
        leads = self.env["crm.lead"].create(
            [
                {
                    "name": partner.name,
                    "partner_id": partner.id,
                    "company_id": self.company_a.id,
                }
                for partner in everyone
            ]
        )
        orders = self.env["sale.order"].create(
            [
                {"partner_id": partner.id, "company_id": self.company_a.id}
                for partner in everyone
            ]
        )
        for records in (everyone, leads, orders):
            model = self.as_user(self.manager, records._name)
            mine = [("id", "in", records.ids)]

            def found(*domain, model=model, ids=tuple(records.ids), order=None):
                names = model.search([("id", "in", ids), *domain], order=order)
                return [
                    each.name if each._name != "sale.order" else each.partner_id.name
                    for each in names
                ]

            self.assertEqual(found(("lifecycle_stage", "=", "decline")), ["Mine"])
            self.assertEqual(
                set(found(("lifecycle_stage", "in", ["formation", "exploration"]))),
                {"Others", "New"},
            )
            self.assertEqual(found(("lifecycle_stage", "=", False)), ["None"])
            groups = dict(model._read_group(mine, ["lifecycle_stage"], ["__count"]))
            self.assertEqual(
                groups, {"decline": 1, "exploration": 1, "formation": 1, False: 1}
            )
            # In the order of the life cycle, by one query.
            in_order = ["New", "Others", "Mine"]
            known = ("lifecycle_stage", "!=", False)
            self.assertEqual(found(known, order="lifecycle_stage"), in_order)
            self.assertEqual(found(known, order="lifecycle_stage desc"), in_order[::-1])
            self.assertEqual(
                found(order="lifecycle_stage NULLS FIRST"), ["None", *in_order]
            )
            model.search(mine, order="lifecycle_stage", limit=1)
            with self.assertQueryCount(1):
                model.search_fetch(mine, ["id"], order="lifecycle_stage desc", limit=1)
            stages = ["exploration", "formation", "decline"]
            self.assertEqual(
                [stage for stage in groups if stage], stages, "without any order"
            )
            for direction, expected in (("asc", stages), ("desc", stages[::-1])):
                rows = model.formatted_read_group(
                    [*mine, known],
                    ["lifecycle_stage"],
                    ["__count"],
                    order=f"lifecycle_stage {direction}",
                )
                self.assertEqual([row["lifecycle_stage"] for row in rows], expected)
        self.assertEqual(self.mine.with_user(self.salesman).lifecycle_stage, "decline")
        with self.assertRaises(AccessError):
            self.mine.with_user(self.agent).read(["lifecycle_stage"])

    # -- Analyses

    def test_by_stage(self):
        self.env["crm.rfm.score"]._refresh(self.company_a)
        self.company_a.margin_case_cost = 7
        self.env["crm.care.case"].create(
            {
                "name": "Broken",
                "partner_id": self.mine.id,
                "company_id": self.company_a.id,
                "team_id": self.team.id,
            }
        )
        self.env.flush_all()
        report = self.as_user(self.manager, "crm.lifecycle.report")
        groups = {
            stage: values
            for stage, *values in report._read_group(
                [],
                ["stage"],
                ["__count", "revenue:sum", "service_cost:avg", "profit:avg"],
            )
        }
        self.assertEqual(groups["decline"][:3], [1, 170, 7])
        self.assertEqual(groups["formation"][:3], [1, 700, 0])
        # The cost of imported purchases is not known.
        self.assertFalse(groups["decline"][3])
        # An average, too, where a pivot shows the figures of several currencies in one.
        both = self.env["crm.lifecycle.report"].with_context(
            allowed_company_ids=(self.company_a + self.company_b).ids
        )
        mine, everyone = (
            both._read_group(domain, [], ["service_cost:sum_currency", "__count"])[0]
            for domain in ([("partner_id", "=", self.mine.id)], [])
        )
        self.assertEqual((mine[1], everyone[1]), (1, 3))
        self.assertTrue(mine[0])
        self.assertAlmostEqual(everyone[0], mine[0] / 3, 4)
        # In the order of the life cycle, forwards and backwards.
        self.assertEqual(list(groups), ["formation", "decline"])
        self.assertEqual(
            report.search([], order="stage desc").mapped("stage"),
            ["decline", "formation"],
        )
        backwards = report.formatted_read_group(
            [], ["stage", "user_id"], ["__count"], order="stage desc"
        )
        self.assertEqual(
            [group["stage"] for group in backwards], ["decline", "formation"]
        )
        action = report.search([("stage", "=", "decline")]).action_open_lifecycle()
        row = self.as_user(self.salesman, "crm.lifecycle").browse(action["res_id"])
        self.assertEqual(row.partner_id, self.mine)

    def test_patterns(self):
        patterns = self.as_user(self.manager, "crm.purchase.pattern")
        row = patterns.search([("partner_id", "=", self.mine.id)])
        self.assertEqual((row.age, row.days_since, row.purchase_days), (300, 20, 4))
        self.assertEqual((row.median_interval, row.run_days), (100, 4))
        # Intervals of 100, 100 and 80 days.
        self.assertAlmostEqual(row.interval_variation, 0.1237, 4)
        self.assertEqual(row.interval_group, "half")
        action = row.action_open_lifecycle()
        stage = self.as_user(self.manager, "crm.lifecycle").browse(action["res_id"])
        self.assertEqual(stage.partner_id, self.mine)
        groups = dict(patterns._read_group([], ["interval_group"], ["__count"]))
        self.assertEqual(sum(groups.values()), 2)
        self.assertFalse(patterns.search([("run_days", "=", 0)]))
        late = self.buyer((500, 10), (490, 10), (480, 10))
        self.update_stages()
        self.assertEqual(patterns.search([("run_days", "=", 0)]).partner_id, late)

    def test_words(self):
        row = self.as_user(self.salesman, "crm.lifecycle").search([])
        self.assertIn("180 days", row.rule_text)
        self.assertTrue(row.reason_text.startswith("Decline: "))
        self.assertEqual(row.days_since, 20)
        self.assertFalse(row.candidate_text)
        change = self.as_user(self.manager, "crm.lifecycle.change").search([])
        self.assertEqual(change.display_name, "Others: Stable → Formation")

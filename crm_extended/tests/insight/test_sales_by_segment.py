"""Sales by Segment: its views, its favorites, and that every figure leads to its lines."""

import ast

from lxml import etree

from odoo.tests import tagged

from ..common import CustomerValueCommon

MODEL = "crm.customer.purchase.line"
ACTION = "crm_extended.crm_customer_purchase_line_segment_action"


@tagged("post_install", "-at_install")
class TestSalesBySegment(CustomerValueCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mine = cls.customer(
            "Mine", user_id=cls.salesman.id, country_id=cls.env.ref("base.us").id
        )
        cls.other = cls.customer("Other")
        for days_ago in (2, 20, 40):
            cls.buy(cls.mine, 100, days_ago)
        cls.buy(cls.other, 30, 100)
        cls.refresh()
        cls.env["crm.loyalty.membership"]._assess(cls.company_a)
        cls.action = cls.env.ref(ACTION)

    def favorites(self, user=None):
        filters = self.env["ir.filters"].with_user(user or self.manager)
        return filters.get_filters(MODEL, self.action.id)

    def test_there_is_a_favorite_of_each_by_segment_and_tier(self):
        self.assertEqual(
            {favorite["name"] for favorite in self.favorites()},
            {
                f"{what} by {whom}"
                for what in ("Product", "Category", "Channel", "Salesperson", "Place")
                for whom in ("Segment", "Tier")
            }
            | {f"Discounts by {whom}" for whom in ("Segment", "Tier", "Customer")}
            | {"Year on Year by Segment"},
        )
        self.assertFalse(any(favorite["user_ids"] for favorite in self.favorites()))
        self.assertFalse(any(favorite["is_default"] for favorite in self.favorites()))

    def test_every_favorite_can_be_opened(self):
        lines = self.as_user(self.manager, MODEL)
        for favorite in self.favorites():
            with self.subTest(favorite["name"]):
                context = ast.literal_eval(favorite["context"])
                domain = ast.literal_eval(favorite["domain"])
                rows, columns = (
                    context["pivot_row_groupby"],
                    context["pivot_column_groupby"],
                )
                self.assertEqual(rows, context["group_by"])
                found = lines.formatted_read_group(
                    domain,
                    rows + columns,
                    ["amount:sum", "quantity:sum", "discount_rate:avg", "__count"],
                )
                self.assertEqual(sum(row["amount:sum"] for row in found), 330)
                # Each figure is the sum of the lines that its cell leads to.
                for row in found:
                    led = lines.search(domain + row["__extra_domain"])
                    self.assertEqual(len(led), row["__count"])
                    self.assertEqual(sum(led.mapped("amount")), row["amount:sum"])

    def test_favorites_of_the_flow_can_be_opened(self):
        model = "crm.customer.flow"
        action = self.env.ref("crm_extended.crm_customer_flow_action")
        filters = self.env["ir.filters"].with_user(self.manager)
        favorites = filters.get_filters(model, action.id)
        self.assertEqual(
            {favorite["name"] for favorite in favorites},
            {"Flow Year on Year", "Gained by Source"},
        )
        for favorite in favorites:
            context = ast.literal_eval(favorite["context"])
            found = self.as_user(self.manager, model).formatted_read_group(
                ast.literal_eval(favorite["domain"]),
                context["pivot_row_groupby"] + context["pivot_column_groupby"],
                [f"{name}:sum" for name in context["pivot_measures"]],
            )
            self.assertEqual(sum(row["gained:sum"] for row in found), 2)

    def test_favorites_by_tier_need_tiers(self):
        self.env["crm.feature"]._switch(loyalty=False)
        names = [favorite["name"] for favorite in self.favorites()]
        self.assertEqual(len(names), 8)
        self.assertFalse([name for name in names if "Tier" in name])

    def test_a_favorite_of_ones_own_keeps_its_name(self):
        self.env["ir.filters"].with_user(self.manager).create_filter(
            {
                "name": "Mine",
                "model_id": MODEL,
                "action_id": self.action.id,
                "user_ids": [self.manager.id],
                "context": "{'group_by': ['user_id']}",
            }
        )
        self.assertIn("Mine", [favorite["name"] for favorite in self.favorites()])
        self.assertNotIn(
            "Mine", [favorite["name"] for favorite in self.favorites(self.salesman)]
        )

    def test_favorites_of_other_models_stay(self):
        favorite = {"name": "Any", "model_id": "res.partner", "context": "{broken"}
        self.env["ir.filters"].create({**favorite, "user_ids": []})
        found = self.env["ir.filters"].get_filters("res.partner")
        self.assertIn("Any", [each["name"] for each in found])

    def test_the_list_of_a_cell_is_a_view_of_the_action(self):
        """Odoo opens a cell in the list that the action has."""
        self.assertIn("list", self.action.view_mode.split(","))
        for user in (self.salesman, self.manager):
            views = self.as_user(user, MODEL).get_views(
                [(False, kind) for kind in ("pivot", "graph", "list", "search")]
            )
            self.assertIn("amount", views["views"]["pivot"]["arch"])
            self.assertIn("action_open_document", views["views"]["list"]["arch"])

    def test_filters_of_the_search_view_work(self):
        arch = self.as_user(self.manager, MODEL).get_view(view_type="search")["arch"]
        lines = self.as_user(self.manager, MODEL)
        groups = 0
        for node in etree.fromstring(arch).iter("filter"):
            with self.subTest(node.get("name")):
                if node.get("domain"):
                    domain = ast.literal_eval(
                        node.get("domain").replace("uid", str(self.manager.id))
                    )
                    lines.search(domain)
                elif node.get("context"):
                    by = ast.literal_eval(node.get("context"))["group_by"]
                    found = lines.formatted_read_group([], [by], ["amount:sum"])
                    self.assertEqual(sum(row["amount:sum"] for row in found), 330)
                    groups += 1
        self.assertGreaterEqual(groups, 13)

    def test_by_segment_of_today(self):
        segment = self.score(self.mine).segment_id
        lines = self.as_user(self.manager, MODEL)
        self.assertEqual(
            lines._read_group(
                [("rfm_segment_id", "=", segment.id)], ["partner_id"], ["amount:sum"]
            ),
            [(self.mine.with_env(lines.env), 300)],
        )

    def test_salespeople_open_it_for_their_own_customers(self):
        lines = self.as_user(self.salesman, MODEL)
        found = lines.formatted_read_group([], ["rfm_segment_id"], ["amount:sum"])
        self.assertEqual(sum(row["amount:sum"] for row in found), 300)

    def test_empty_page(self):
        for user, word in (
            (self.manager, "Import Purchases"),
            (self.salesman, "manager"),
        ):
            text = self.as_user(user, MODEL).get_empty_list_help("<p>Nothing</p>")
            self.assertIn(word, text)

    def test_the_page_that_the_web_client_loads_offers_what_the_user_may_do(self):
        """It loads actions, and the help in them, as superuser."""
        for user, may in ((self.manager, True), (self.salesman, False)):
            action = self.as_user(user, "ir.actions.act_window")._for_xml_id(
                "crm_extended.crm_customer_purchase_line_segment_action"
            )
            self.assertEqual("Import Purchases" in action["help"], may)

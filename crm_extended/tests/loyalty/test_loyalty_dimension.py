"""The loyalty tier as a dimension of transactions."""

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import LoyaltyCommon


@tagged("post_install", "-at_install")
class TestLoyaltyDimension(LoyaltyCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        [cls.plain] = cls.make_tiers(cls.company_b, ("Plain", 10, 10))
        cls.manager.company_ids += cls.company_b
        cls.known, cls.stranger = cls.customers(2)
        cls.buy(cls.known, 1000)
        cls.buy(cls.known, 20, company=cls.company_b)
        cls.buy(cls.stranger, 30)
        for company in (cls.company_a, cls.company_b):
            cls.env["crm.loyalty.membership"]._assess(company)

    def setUp(self):
        super().setUp()
        self.Transaction = self.as_user(self.manager, "crm.customer.transaction")
        self.ours = [("partner_id", "in", (self.known + self.stranger).ids)]

    def found(self, *domain):
        rows = self.Transaction.search(self.ours + list(domain))
        return sorted(rows.mapped("amount"))

    def test_each_row_has_the_tier_of_its_own_company(self):
        rows = self.Transaction.search(self.ours)
        self.assertEqual(
            {row.amount: row.loyalty_tier_id.name for row in rows},
            {1000: "Gold", 20: "Plain", 30: False},
        )

    def test_group_by_month_and_tier(self):
        month = self.today.replace(day=1)
        groups = self.Transaction._read_group(
            self.ours, ["date:month", "loyalty_tier_id"], ["amount:sum"]
        )
        self.assertEqual(
            {(date, tier.name): amount for date, tier, amount in groups},
            {(month, "Gold"): 1000, (month, "Plain"): 20, (month, False): 30},
        )

    def test_search(self):
        self.assertEqual(self.found(("loyalty_tier_id", "=", self.gold.id)), [1000])
        self.assertEqual(self.found(("loyalty_tier_id", "!=", self.gold.id)), [20, 30])
        self.assertEqual(self.found(("loyalty_tier_id", "=", False)), [30])
        self.assertEqual(self.found(("loyalty_tier_id", "ilike", "Plain")), [20])

    def test_beside_the_segment(self):
        self.refresh()
        self.Transaction._read_group(
            self.ours, ["rfm_segment_id", "loyalty_tier_id"], ["amount:sum"]
        )

    def test_queries_without_the_tier_do_not_join_members(self):
        query = self.Transaction._search(self.ours)
        self.assertNotIn("crm_loyalty_membership", query.select().code)

    def test_only_what_the_reader_may_see(self):
        self.env["ir.rule"].create(
            {
                "name": "Not this one",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": repr([("id", "!=", self.known.id)]),
            }
        )
        groups = self.Transaction._read_group(
            self.ours, ["loyalty_tier_id"], ["amount:sum"]
        )
        self.assertEqual([(tier.id, amount) for tier, amount in groups], [(False, 30)])
        self.assertFalse(self.found(("loyalty_tier_id", "=", self.gold.id)))

    def test_others_cannot_group_or_search_by_it(self):
        # Somebody who sees transactions, but is no salesperson.
        self.env["ir.model.access"].create(
            {
                "name": "Employees",
                "model_id": self.env["ir.model"]._get_id("crm.customer.transaction"),
                "group_id": self.env.ref("base.group_user").id,
                "perm_read": True,
            }
        )
        Transaction = self.as_user(self.employee, "crm.customer.transaction")
        Transaction._read_group(self.ours, ["partner_id"], ["__count"])
        with self.assertRaises(AccessError):
            Transaction._read_group(self.ours, ["loyalty_tier_id"], ["__count"])
        with self.assertRaises(AccessError):
            Transaction.search([("loyalty_tier_id", "=", self.gold.id)])

    def test_the_ladder_opens_it_for_the_current_company(self):
        members = self.as_user(self.salesman, "crm.loyalty.membership")
        self.assertFalse(members.get_overview()["may_see_revenue"])
        members = self.as_user(self.manager, "crm.loyalty.membership")
        self.assertTrue(members.get_overview()["may_see_revenue"])
        action = members.with_company(self.company_b).action_view_revenue()
        # Of the company, and nothing dated after today.
        self.assertEqual(
            action["domain"],
            [
                ("company_id", "=", self.company_b.id),
                ("date", "<=", self.today),
                ("posted_date", "<=", self.today),
            ],
        )
        self.buy(self.known, 100, days_ago=-3, company=self.company_b)
        self.assertEqual(
            [mode for _view, mode in action["views"]], ["graph", "pivot", "list"]
        )
        self.buy(self.known, 5, days_ago=400, company=self.company_b)
        view = self.env.ref("crm_extended.crm_customer_transaction_view_search")
        self.assertIn("'-11m =1d'", view.arch)
        self.assertEqual(
            self.found(*action["domain"], ("date", ">=", "-11m =1d")), [20]
        )

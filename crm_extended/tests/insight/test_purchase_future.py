"""What is dated after today counts nowhere, nor does what it will take back."""

import ast

from lxml import etree

from odoo.tests import tagged

from .test_customer_product import CustomerProductCommon


@tagged("post_install", "-at_install")
class TestFuturePurchases(CustomerProductCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.green.with_company(cls.company).standard_price = 4
        cls.env.user.group_ids += cls.env.ref("crm_extended.group_see_margin")
        cls.env.registry.clear_cache()

    def margin(self):
        self.env.flush_all()
        self.env.invalidate_all()
        return (
            self.env["crm.customer.margin"]
            .with_company(self.company)
            .search(
                [
                    ("partner_id", "=", self.customer.id),
                    ("company_id", "=", self.company.id),
                ]
            )
        )

    def amounts(self, action):
        """Of what an action opens."""
        records = self.env[action["res_model"]].with_company(self.company)
        return sorted(records.search(action["domain"]).mapped("amount"))

    def domain_of(self, action):
        """Of a page, about the customer alone."""
        domain = self.env["ir.actions.act_window"]._for_xml_id(
            f"crm_extended.{action}"
        )["domain"]
        return [("partner_id", "=", self.customer.id), *ast.literal_eval(domain)]

    def test_a_credit_note_of_the_future_takes_nothing_back_yet(self):
        [bought] = self.buy(10, price=100)
        self.credit(bought, -10)
        self.update()
        margin = self.margin()
        self.assertEqual((margin.revenue, margin.margin), (100, 96))
        self.assertEqual((margin.list_amount, margin.discount), (100, 0))
        self.assertEqual(self.amounts(margin.action_open_lines()), [100])
        self.assertEqual(self.amounts(margin.action_open_products()), [100])
        row = self.found()
        self.assertEqual((row.amount, row.quantity, row.purchase_days), (100, 1, 1))
        self.assertEqual(self.amounts(row.action_open_lines()), [100])
        self.env["crm.rfm.score"]._refresh(self.company)
        self.env.invalidate_all()
        score = self.env["crm.rfm.score"].search(
            [("partner_id", "=", self.customer.id)]
        )
        self.assertEqual(score.monetary, 100)
        self.assertEqual(self.amounts(score.action_view_transactions()), [100])
        customer = self.customer.with_company(self.company)
        self.assertEqual(customer._revenue_by_quarter()[-1], 100)
        self.assertEqual(self.amounts(customer.action_purchases()), [100])

    def test_before_discount_beside_a_life_cycle(self):
        [bought] = self.buy(10, price=100)
        self.credit(bought, -10)
        self.env["crm.lifecycle"]._refresh(self.company)
        self.env.invalidate_all()
        [row] = (
            self.env["crm.lifecycle.report"]
            .with_company(self.company)
            .search([("partner_id", "=", self.customer.id)])
        )
        self.assertEqual(row.list_amount, 100)
        lifecycle = self.env["crm.lifecycle"].search(
            [("partner_id", "=", self.customer.id)]
        )
        self.assertEqual(self.amounts(lifecycle.action_view_transactions()), [100])

    def test_one_customer_alone_is_computed_the_same(self):
        [bought] = self.buy(10, price=100)
        self.credit(bought, -10)
        self.env["crm.customer.product"]._refresh_customers(self.customer)
        self.assertEqual(self.found().amount, 100)

    def test_preferences_and_their_lines_end_today(self):
        self.buy(30, 20, 10, price=50)
        self.buy(-10, price=1000)
        self.update()
        self.assertEqual(self.found().amount, 150)
        self.assertEqual(self.amounts(self.found().action_open_lines()), [50] * 3)
        category = self.env["crm.customer.category"].search(
            [("partner_id", "=", self.customer.id)]
        )
        self.assertEqual((category.amount, category.interval_days), (150, 10))

    def test_pages_end_today(self):
        """The pages themselves, so each filter and favorite on them."""
        [bought] = self.buy(5, price=50)
        self.credit(bought, -1)
        self.buy(-10, price=1000)
        self.env.flush_all()
        for action in (
            "crm_customer_purchase_line_segment_action",
            "crm_customer_purchase_line_action",
            "crm_customer_transaction_action",
        ):
            model = self.env.ref(f"crm_extended.{action}").res_model
            found = self.env[model].search(self.domain_of(action))
            self.assertEqual(found.mapped("amount"), [50], action)
        tiers = self.env["crm.loyalty.membership"].with_company(self.company)
        self.assertEqual(self.amounts(tiers.action_view_revenue()), [50])

    def test_filters_of_the_last_months_end_today(self):
        [bought] = self.buy(5, price=50)
        self.credit(bought, -1)
        self.buy(-10, price=1000)
        self.env.flush_all()
        customer = [("partner_id", "=", self.customer.id)]
        for model, names in (
            ("crm.customer.purchase.line", ("last_12_months",)),
            ("crm.customer.transaction", ("last_12_months", "recent")),
        ):
            arch = etree.fromstring(
                self.env[model].get_view(view_type="search")["arch"]
            )
            for name in names:
                [node] = arch.xpath(f"//filter[@name='{name}']")
                domain = ast.literal_eval(node.get("domain"))
                found = self.env[model].search(customer + domain)
                self.assertEqual(found.mapped("amount"), [50], name)

    def test_the_product_of_the_first_purchase_is_kept(self):
        """It was bought for most, whatever will be taken back."""
        bought = self.invoice_of(
            self.item(self.green, 100), self.item(self.black, 60), days_ago=10
        )
        back = bought._reverse_moves([{"invoice_date": self.ago(-10)}])
        back.invoice_line_ids[1].unlink()
        back.action_post()
        self.env.flush_all()
        query = self.env["crm.cohort"]._first_products_query(self.company)
        found = dict(
            (partner, product)
            for partner, _company, product in self.env.execute_query(query)
        )
        self.assertEqual(found[self.customer.id], self.green.product_tmpl_id.id)

    def test_plans_see_no_future_either(self):
        [bought] = self.buy(10, price=100)
        self.credit(bought, -10)
        self.buy(-3, product=self.black)
        self.env.flush_all()
        transactions = self.env["crm.customer.transaction"]
        nothing = (self.env["product.template"], self.env["product.category"])
        query = transactions._bought_between(
            self.company, self.ago(20), self.ago(-20), *nothing
        )
        self.assertEqual(
            self.env.execute_query(query), [(self.customer.id, self.ago(10))]
        )

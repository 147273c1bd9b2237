"""The segment as a dimension of sales and invoice analysis, and of transactions."""

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..common import CustomerValueCommon


@tagged("post_install", "-at_install")
class TestRfmDimension(CustomerValueCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(
            context={"allowed_company_ids": (cls.company_a + cls.company_b).ids}
        )
        cls.manager.company_ids += cls.company_b
        cls.known, cls.stranger = cls.customers(2)
        cls.contact = cls.customer("Contact", parent_id=cls.known.id)
        other = cls.customer()
        for company in (cls.company_a, cls.company_b):
            cls.buy(cls.known, 10.0, company=company)
        # In B the other one buys later and more, so the known one stands lower there.
        cls.buy(other, 500.0, company=cls.company_b)
        cls.buy(cls.known, 10.0, days_ago=1, company=cls.company_b)
        cls.refresh(cls.company_a)
        cls.refresh(cls.company_b)
        product = cls.env["product.product"].create({"name": "Thing"})
        for company, partner in (
            (cls.company_a, cls.contact),
            (cls.company_a, cls.stranger),
            (cls.company_b, cls.contact),
        ):
            cls.env["sale.order"].with_company(company).create(
                {
                    "partner_id": partner.id,
                    "company_id": company.id,
                    "order_line": [
                        Command.create({"product_id": product.id, "price_unit": 7.0})
                    ],
                }
            )
        cls.env.flush_all()
        cls.segment_a = cls.score(cls.known, cls.company_a).segment_id
        cls.segment_b = cls.score(cls.known, cls.company_b).segment_id

    def setUp(self):
        super().setUp()
        env = self.env(
            user=self.manager,
            context={"allowed_company_ids": (self.company_a + self.company_b).ids},
        )
        self.Report = env["sale.report"]
        self.ours = [
            ("partner_id", "in", (self.contact + self.stranger).ids),
        ]

    def test_each_row_has_the_segment_of_its_own_company(self):
        self.assertNotEqual(self.segment_a, self.segment_b)
        rows = self.Report.search(self.ours + [("partner_id", "=", self.contact.id)])
        found = {row.company_id.id: row.rfm_segment_id.id for row in rows}
        self.assertEqual(
            found,
            {
                self.company_a.id: self.segment_a.id,
                self.company_b.id: self.segment_b.id,
            },
        )

    def test_group_by_and_search(self):
        groups = dict(
            self.Report._read_group(self.ours, ["rfm_segment_id"], ["__count"])
        )
        self.assertEqual(
            {segment.id: count for segment, count in groups.items()},
            {self.segment_a.id: 1, self.segment_b.id: 1, False: 1},
        )

        def companies(*domain):
            return self.Report.search(self.ours + list(domain)).partner_id

        self.assertEqual(
            companies(("rfm_segment_id", "=", self.segment_a.id)).ids, self.contact.ids
        )
        self.assertEqual(
            companies(("rfm_segment_id", "=", False)).ids, self.stranger.ids
        )
        self.assertEqual(
            set(companies(("rfm_segment_id", "!=", self.segment_a.id)).ids),
            set((self.contact + self.stranger).ids),
        )
        self.assertEqual(
            companies(("rfm_segment_id", "ilike", self.segment_a.name)).ids,
            self.contact.ids,
        )

    def test_invoice_analysis_and_transactions_group_by_segment(self):
        Report = self.Report.env["account.invoice.report"].sudo()
        Report._read_group([], ["rfm_segment_id"], ["__count"])
        Transaction = self.Report.env["crm.customer.transaction"]
        groups = dict(
            Transaction._read_group(
                [("partner_id", "=", self.known.id)], ["rfm_segment_id"], ["amount:sum"]
            )
        )
        self.assertEqual(
            {segment.id: amount for segment, amount in groups.items()},
            {self.segment_a.id: 10.0, self.segment_b.id: 20.0},
        )

    def test_queries_without_the_segment_do_not_join_scores(self):
        query = self.Report._search(self.ours)
        self.assertNotIn("crm_rfm_score", query.select().code)

    def test_others_cannot_group_by_it(self):
        self.employee.group_ids += self.env.ref("account.group_account_readonly")
        Report = self.env(user=self.employee, context={})["account.invoice.report"]
        Report._read_group([], ["partner_id"], ["__count"])
        with self.assertRaises(AccessError):
            Report._read_group([], ["rfm_segment_id"], ["__count"])
        with self.assertRaises(AccessError):
            Report.search([("rfm_segment_id", "=", self.segment_a.id)])

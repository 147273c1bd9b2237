"""Purchases out of real invoices and sales orders."""

from datetime import timedelta

from odoo import Command, fields
from odoo.tests import tagged
from odoo.tools import SQL

from odoo.addons.account.tests.common import AccountTestInvoicingCommon


@tagged("post_install", "-at_install")
class TestInvoicesAndOrders(AccountTestInvoicingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.group_ids += cls.env.ref("sales_team.group_sale_manager")
        cls.company = cls.company_data["company"]
        cls.today = fields.Date.context_today(cls.env.user)
        cls.customer = cls.env["res.partner"].create({"name": "Buyer"})
        cls.product = cls.product_a
        cls.product.invoice_policy = "order"

    def invoice(self, amount=100.0, days_ago=0, post=True, partner=None, **values):
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": (partner or self.customer).id,
                "invoice_date": self.today - timedelta(days=days_ago),
                "invoice_line_ids": [
                    Command.create(
                        {
                            "product_id": self.product.id,
                            "price_unit": amount,
                            "tax_ids": [Command.set(self.tax_sale_a.ids)],
                            **values.pop("line", {}),
                        }
                    )
                ],
                **values,
            }
        )
        if post:
            invoice.action_post()
        return invoice

    def order(self, amount=100.0, days_ago=0, confirm=True, **values):
        order = self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": self.product.id,
                            "price_unit": amount,
                            "product_uom_qty": 1,
                        }
                    )
                ],
                **values,
            }
        )
        if confirm:
            order.action_confirm()
        order.date_order = fields.Datetime.now() - timedelta(days=days_ago)
        return order

    def transactions(self):
        return self.env["crm.customer.transaction"].search(
            [("company_id", "=", self.company.id)]
        )

    def test_a_posted_invoice_counts_untaxed_and_discounted(self):
        invoice = self.invoice(200.0, days_ago=4, line={"discount": 25.0})
        self.assertNotEqual(invoice.amount_total, invoice.amount_untaxed)
        transaction = self.transactions()
        self.assertEqual(transaction.source, "invoice")
        self.assertEqual(transaction.amount, 150.0)
        self.assertEqual(transaction.date, invoice.invoice_date)
        self.assertEqual(transaction.partner_id, self.customer)
        self.assertEqual(transaction.reference, invoice.name)

    def test_services_count(self):
        self.product.type = "service"
        self.invoice(80.0)
        self.assertEqual(self.transactions().amount, 80.0)

    def test_an_invoice_in_another_currency_counts_in_the_companys(self):
        currency = self.setup_other_currency("GBP", rates=[("2000-01-01", 2.0)])
        self.invoice(100.0, currency_id=currency.id)
        self.assertEqual(self.transactions().amount, 50.0)

    def test_a_credit_note_is_a_refund(self):
        self.invoice(100.0, days_ago=9)
        self.invoice(30.0, days_ago=1, move_type="out_refund")
        self.assertEqual(sorted(self.transactions().mapped("amount")), [-30.0, 100.0])
        self.assertEqual(self.transactions().filtered("is_refund").amount, -30.0)
        self.env["crm.rfm.score"]._refresh(self.company)
        self.assertEqual(self.customer.rfm_recency, 9)
        self.assertEqual(self.customer.rfm_monetary, 70.0)

    def test_drafts_cancelled_and_vendor_bills_do_not_count(self):
        self.invoice(post=False)
        self.invoice(post=False).button_cancel()
        self.invoice(move_type="in_invoice")
        self.assertFalse(self.transactions())

    def test_an_invoice_reset_to_draft_is_no_purchase_any_more(self):
        invoice = self.invoice()
        self.env["crm.rfm.score"]._refresh(self.company)
        self.assertTrue(self.customer.rfm_score_id)
        invoice.button_draft()
        refresh = self.env["crm.rfm.score"]._refresh(self.company)
        self.assertEqual(refresh.removed_count, 1)
        self.assertFalse(self.customer.rfm_score_id)

    def test_orders_count_where_the_company_says_so_and_then_invoices_do_not(self):
        order = self.order(120.0, days_ago=2)
        invoice = order._create_invoices()
        invoice.action_post()
        self.assertEqual(self.transactions().mapped("source"), ["invoice"])
        self.company.rfm_source = "sale"
        transaction = self.transactions()
        self.assertEqual(transaction.source, "sale")
        self.assertEqual(transaction.amount, order.amount_untaxed)
        self.assertEqual(transaction.reference, order.name)

    def test_history_counts_beside_either_and_nothing_counts_twice(self):
        self.env["crm.purchase.history"].create(
            {
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "amount": 11.0,
            }
        )
        order = self.order(120.0)
        order._create_invoices().action_post()
        for source in ("invoice", "sale"):
            self.company.rfm_source = source
            self.assertEqual(
                sorted(self.transactions().mapped("source")),
                sorted(["history", source]),
            )
            self.env["crm.rfm.score"]._refresh(self.company)
            self.assertEqual(self.customer.rfm_frequency, 2)
            self.assertEqual(self.customer.rfm_monetary, 131.0)

    def test_history_that_is_an_invoice_or_order_counts_once(self):
        """The same number on the same day is the same purchase; otherwise it is not."""
        order = self.order(120.0)
        invoice = self.invoice(75.0)
        History = self.env["crm.purchase.history"]
        for document in (order, invoice):
            History.create(
                {
                    "partner_id": self.customer.id,
                    "company_id": self.company.id,
                    "amount": document.amount_untaxed,
                    "reference": document.name,
                }
            )
        for source, copy in (("invoice", order), ("sale", invoice)):
            self.company.rfm_source = source
            self.env.invalidate_all()
            history = self.transactions().filtered(lambda row: row.source == "history")
            self.assertEqual(history.reference, copy.name)
        History.search([]).date = self.today - timedelta(days=400)
        self.env.invalidate_all()
        history = self.transactions().filtered(lambda row: row.source == "history")
        self.assertEqual(len(history), 2)

    def test_quotations_and_cancelled_orders_do_not_count(self):
        self.company.rfm_source = "sale"
        self.order(confirm=False)
        cancelled = self.order()
        self.assertEqual(len(self.transactions()), 1)
        cancelled._action_cancel()
        self.assertFalse(self.transactions())

    def test_an_order_in_another_currency_counts_in_the_companys(self):
        self.company.rfm_source = "sale"
        currency = self.setup_other_currency("GBP", rates=[("2000-01-01", 3.0)])
        pricelist = self.env["product.pricelist"].create(
            {"name": "Pounds", "currency_id": currency.id}
        )
        self.order(100.0, pricelist_id=pricelist.id)
        self.assertEqual(self.transactions().amount, 33.33)

    def test_an_order_is_of_the_day_it_is_where_the_company_is(self):
        self.company.rfm_source = "sale"
        order = self.order()
        order.date_order = "2025-06-30 22:30:00"
        self.assertEqual(str(self.transactions().date), "2025-06-30")
        self.company.partner_id.tz = "Asia/Shanghai"
        self.env.invalidate_all()
        self.assertEqual(str(self.transactions().date), "2025-07-01")

    def test_invoices_of_contacts_belong_to_their_company(self):
        parent = self.env["res.partner"].create({"name": "Parent", "is_company": True})
        contacts = self.env["res.partner"].create(
            [{"name": f"Contact {i}", "parent_id": parent.id} for i in range(3)]
        )
        for contact in contacts:
            self.invoice(10.0, partner=contact)
        self.env["crm.rfm.score"]._refresh(self.company)
        self.assertEqual(parent.rfm_frequency, 3)
        self.assertEqual(self.transactions().partner_id, parent)
        # What was bought for the company stays with it.
        contacts[0].parent_id = False
        self.env["crm.rfm.score"]._refresh(self.company)
        self.assertEqual(parent.rfm_frequency, 3)
        self.assertFalse(contacts[0].rfm_score_id)
        self.invoice(10.0, partner=contacts[0])
        self.env["crm.rfm.score"]._refresh(self.company)
        self.assertEqual(parent.rfm_frequency, 3)
        self.assertEqual(contacts[0].rfm_frequency, 1)

    def test_those_of_one_company_are_the_same_rows(self):
        other = self.setup_other_company()["company"]
        foreign = self.setup_other_currency("HRK", rates=[("2016-01-01", 2.0)])
        self.invoice()
        self.invoice(partner=self.env["res.partner"].create({"name": "Another"}))
        self.order()
        self.env["crm.purchase.history"].create(
            [
                {
                    "partner_id": self.customer.id,
                    "company_id": company.id,
                    "currency_id": currency.id,
                    "amount": 10,
                    "date": self.today,
                }
                for company in self.company + other
                for currency in company.currency_id + foreign
            ]
        )
        transactions = self.env["crm.customer.transaction"]
        counts = set()
        for source in ("invoice", "sale"):
            self.company.rfm_source = source
            for company in self.company + other:
                of_company = transactions._of_company(company)
                rows = [
                    self.env.execute_query(
                        SQL(
                            "SELECT * FROM %s AS t WHERE company_id = %s ORDER BY id",
                            table,
                            company.id,
                        )
                    )
                    for table in (transactions._table_sql, of_company)
                ]
                self.assertEqual(*rows)
                counts.add(len(rows[0]))
        self.assertEqual(counts, {2, 3, 4})

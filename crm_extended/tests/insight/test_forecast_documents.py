"""Forecasts out of invoices, credit notes and deposits."""

from datetime import timedelta

from odoo.tests import tagged

from ..purchase.test_taken_back import TakenBackCommon


@tagged("post_install", "-at_install")
class TestForecastDocuments(TakenBackCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["crm.feature"]._switch(insight=True)

    def row(self, partner=None, days_later=0):
        self.env["crm.forecast"]._refresh(
            self.company, self.today + timedelta(days=days_later)
        )
        return self.env["crm.forecast"].search(
            [
                ("partner_id", "=", (partner or self.customer).id),
                ("company_id", "=", self.company.id),
            ]
        )

    def test_what_was_taken_back_is_no_purchase_day(self):
        self.invoice(100, 120)
        self.invoice(100, 90)
        gone = self.invoice(300, 60)
        part = self.invoice(200, 30)
        self.credit(gone, 20)
        self.credit(part, 10, 50)
        row = self.row()
        self.assertEqual(row.purchase_days, 3)
        self.assertEqual(row.revenue, 350)
        self.assertEqual(row.last_date, self.ago(30))
        # 30 and 60 days between them.
        self.assertEqual(row.median_interval, 45)
        # Before anything was taken back, it was otherwise.
        row = self.row(days_later=-25)
        self.assertEqual((row.purchase_days, row.revenue), (4, 700))

    def test_a_deposit_taken_back_with_its_order(self):
        order = self.order(1000, 50)
        deposit = self.bill(order, 50, percent=30)
        self.invoice(10, 5)
        self.assertEqual(self.row().purchase_days, 2)
        self.credit(deposit, 3)
        row = self.row()
        self.assertEqual((row.purchase_days, row.revenue), (1, 10))

    def test_contacts_buy_for_their_company(self):
        parent = self.env["res.partner"].create({"name": "Firm", "is_company": True})
        child = self.env["res.partner"].create({"name": "Ann", "parent_id": parent.id})
        self.invoice(10, 30, child)
        self.invoice(10, 30, parent)
        self.invoice(10, 5, parent)
        row = self.row(parent)
        self.assertEqual((row.purchase_days, row.revenue), (2, 30))
        self.assertFalse(self.row(child))
        self.assertEqual(child.forecast_id, row)

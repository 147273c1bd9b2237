import psycopg2

from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common import CustomerValueCommon

FIELDS = ["partner_id", "date", "amount", "currency_id", "reference", "channel"]


@tagged("at_install", "-post_install")
class TestPurchaseHistory(CustomerValueCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer("Imported Customer")

    def load(self, *rows):
        return self.env["crm.purchase.history"].load(
            FIELDS, [list(row) for row in rows]
        )

    def assertRefused(self, result, row, text):
        self.assertFalse(result["ids"])
        self.assertEqual({message["record"] for message in result["messages"]}, {row})
        self.assertIn(text, result["messages"][0]["message"])
        self.assertFalse(
            self.env["crm.purchase.history"].search_count(
                [("company_id", "=", self.company_a.id)]
            )
        )

    def good_row(self, reference="A-1"):
        return ("Imported Customer", "2025-05-01", "10.5", "EUR", reference, "Shop")

    def test_rows_are_imported_by_the_customers_name(self):
        result = self.load(self.good_row(), self.good_row("A-2"))
        self.assertFalse(result["messages"])
        purchases = self.env["crm.purchase.history"].browse(result["ids"])
        self.assertEqual(purchases.mapped("amount"), [10.5, 10.5])
        self.assertEqual(purchases.company_id, self.company_a)

    def test_an_unknown_customer_is_reported_by_row(self):
        row = ("Nobody Knows Me", *self.good_row("A-2")[1:])
        with mute_logger("odoo.sql_db"):
            result = self.load(self.good_row(), row)
        self.assertRefused(result, 1, "Nobody Knows Me")

    def test_a_bad_date_is_reported_by_row(self):
        row = ("Imported Customer", "31 May", *self.good_row("A-2")[2:])
        self.assertRefused(self.load(self.good_row(), row), 1, "31 May")

    def test_an_unknown_currency_is_reported_by_row(self):
        row = (*self.good_row("A-2")[:3], "Doubloon", "A-2", "Shop")
        self.assertRefused(self.load(self.good_row(), row), 1, "Doubloon")

    def test_a_repeated_reference_is_reported_by_row(self):
        with mute_logger("odoo.sql_db"):
            result = self.load(self.good_row(), self.good_row())
        self.assertRefused(result, 1, "appears twice in the file")

    def test_a_missing_amount_is_reported_by_row(self):
        row = ("Imported Customer", "2025-05-01", "", *self.good_row("A-2")[3:])
        self.assertRefused(self.load(self.good_row(), row), 1, "needs an amount")

    def test_an_empty_currency_is_the_companys(self):
        row = (*self.good_row()[:3], "", *self.good_row()[4:])
        result = self.load(row)
        self.assertFalse(result["messages"])
        purchase = self.env["crm.purchase.history"].browse(result["ids"])
        self.assertEqual(purchase.currency_id, self.eur)

    def test_the_same_reference_may_stand_in_another_company(self):
        partner = self.customer()
        self.buy(partner, reference="A-1")
        self.buy(partner, reference="A-1", company=self.company_b)
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.IntegrityError):
            self.buy(partner, reference="A-1")

    def test_the_currency_is_the_companys_unless_said_otherwise(self):
        partner = self.customer()
        self.assertEqual(self.buy(partner).currency_id, self.eur)
        self.assertEqual(
            self.buy(partner, company=self.company_b).currency_id, self.usd
        )
        self.assertEqual(
            self.buy(partner, currency_id=self.usd.id).currency_id, self.usd
        )

    def test_a_copy_has_no_reference(self):
        purchase = self.buy(self.customer("Copied"), reference="A-1")
        copy = purchase.copy()
        self.assertFalse(copy.reference)
        self.assertEqual(copy.display_name, "Copied")

    def test_a_template_is_offered(self):
        [template] = self.env["crm.purchase.history"].get_import_templates()
        self.assertTrue(template["template"].endswith("purchase_history.xlsx"))

"""The read model of purchases, as far as purchase history goes; invoices and orders
have a file of their own."""

from datetime import date

from odoo.tests import tagged
from odoo.tools import SQL

from ..common import CustomerValueCommon


@tagged("at_install", "-post_install")
class TestCustomerTransaction(CustomerValueCommon):
    def transactions(self, partner, company=None):
        return self.env["crm.customer.transaction"].search(
            [
                ("partner_id", "=", partner.id),
                ("company_id", "=", (company or self.company_a).id),
            ]
        )

    def test_history_shows_up_as_it_was_imported(self):
        customer = self.customer()
        purchase = self.buy(customer, 12.5, days_ago=3, reference="X-1")
        transaction = self.transactions(customer)
        self.assertEqual(transaction.source, "history")
        self.assertEqual(transaction.amount, 12.5)
        self.assertEqual(transaction.date, purchase.date)
        self.assertEqual(transaction.reference, "X-1")
        self.assertFalse(transaction.is_refund)
        self.assertEqual(transaction.currency_id, self.eur)
        action = transaction.action_open_document()
        self.assertEqual(
            (action["res_model"], action["res_id"]), (purchase._name, purchase.id)
        )

    def test_contacts_roll_up_to_their_company_of_that_day(self):
        company, other = self.customers(2, is_company=True)
        contact = self.customer("Contact", parent_id=company.id)
        self.buy(contact)
        self.assertEqual(len(self.transactions(company)), 1)
        contact.parent_id = other
        self.assertEqual(len(self.transactions(company)), 1)
        self.assertFalse(self.transactions(other))
        self.buy(contact)
        self.assertEqual(len(self.transactions(company)), 1)
        self.assertEqual(len(self.transactions(other)), 1)

    def test_refunds_are_negative(self):
        customer = self.customer()
        self.buy(customer, -5.0)
        self.assertTrue(self.transactions(customer).is_refund)

    def test_foreign_currency_is_converted_at_the_rate_of_the_day(self):
        """Three currencies; the rate as Odoo itself chooses it, on every kind of day."""
        customer = self.customer()
        pound = self.env.ref("base.GBP")
        pound.active = True
        rates = self.env["res.currency.rate"]
        rates.search([("currency_id", "in", (pound + self.usd).ids)]).unlink()
        for currency, name, rate, company in (
            (self.usd, "2024-01-10", 1.25, self.company_a),
            (self.usd, "2024-02-10", 1.6, self.company_a),
            (self.usd, "2024-02-01", 99.0, None),
            (pound, "2024-01-20", 0.8, None),
        ):
            rates.create(
                {
                    "currency_id": currency.id,
                    "name": name,
                    "rate": rate,
                    "company_id": company.id if company else False,
                }
            )
        for currency in (self.usd, pound, self.eur):
            for day in (
                date(2024, 1, 5),
                date(2024, 1, 10),
                date(2024, 2, 5),
                date(2024, 2, 10),
                date(2025, 1, 1),
            ):
                purchase = self.buy(customer, 33.33, date=day, currency_id=currency.id)
                transaction = self.transactions(customer).filtered(
                    lambda row, purchase=purchase: row.res_id == purchase.id
                )
                self.assertAlmostEqual(
                    transaction.amount,
                    currency._convert(33.33, self.eur, self.company_a, day),
                    places=2,
                    msg=f"{currency.name} on {day}",
                )

    def test_a_rate_entered_later_counts(self):
        customer = self.customer()
        self.env["res.currency.rate"].search(
            [("currency_id", "=", self.usd.id)]
        ).unlink()
        self.buy(customer, 10.0, days_ago=5, currency_id=self.usd.id)
        self.assertEqual(self.transactions(customer).amount, 10.0)
        self.env["res.currency.rate"].create(
            {
                "currency_id": self.usd.id,
                "name": "2000-01-01",
                "rate": 2.0,
                "company_id": self.company_a.id,
            }
        )
        self.env.invalidate_all()
        self.assertEqual(self.transactions(customer).amount, 5.0)

    def test_rows_of_all_sources_have_ids_of_their_own(self):
        rows = self.env["crm.customer.transaction"].sudo().search([])
        self.assertEqual(len(rows.ids), len(set(rows.ids)))

    def test_another_source_needs_one_entry(self):
        """The hook for other apps: what it gives is counted."""
        model = type(self.env["crm.customer.transaction"])
        original = model._transaction_sources
        customer = self.customer()

        def sources(this):
            arm = SQL(
                """SELECT 7 AS id, %s AS partner_id, %s AS company_id,
                          current_date AS date, 42.0 AS amount, 'T'::varchar AS reference
                """,
                customer.id,
                self.company_a.id,
            )
            return {**original(this), "till": ("res.partner", arm)}

        self.patch(model, "_transaction_sources", sources)
        self.assertEqual(self.transactions(customer).amount, 42.0)
        self.refresh()
        self.assertEqual(self.score(customer).monetary, 42.0)

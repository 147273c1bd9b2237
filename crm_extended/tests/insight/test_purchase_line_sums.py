"""The sums of lines are those of the purchases, whatever the documents are."""

from odoo import Command
from odoo.tests import tagged
from odoo.tools import SQL

from .common import LinesCommon


@tagged("post_install", "-at_install")
class TestPurchaseLineSums(LinesCommon):
    def make_shop(self):
        """Invoices and orders of some customers: several lines, foreign currencies, cash
        roundings, discounts, credit notes in full and in part, deposits, free goods."""
        dice = self.random
        shop = self.env["res.partner"].create(
            [{"name": f"Shop {number}"} for number in range(6)]
        )
        for number in range(24):
            values = {
                "partner_id": dice.choice(shop).id,
                "invoice_date": self.ago(dice.randrange(5, 300)),
            }
            if number % 3 == 0:
                values["currency_id"] = self.foreign.id
            if number % 4 == 0:
                values["invoice_cash_rounding_id"] = self.rounding.id
            move = self.invoice_of(*self.some_items(), **values)
            if number % 5 == 0:
                self.credit(move, dice.randrange(1, 5))
            elif number % 5 == 1:
                self.credit(move, dice.randrange(1, 5), amount=1.03)
        self.make_orders(shop)
        self.env["crm.purchase.history"].create(
            [
                {
                    "partner_id": partner.id,
                    "company_id": self.company.id,
                    "date": self.ago(400),
                    "amount": 33.33,
                    "currency_id": self.foreign.id,
                }
                for partner in shop
            ]
        )

    def make_orders(self, shop):
        dice = self.random
        for number in range(16):
            values = {"partner_id": dice.choice(shop).id}
            if number % 3 == 0:
                values["pricelist_id"] = self.abroad.id
            order = self.order_of(
                *self.some_items(), days_ago=dice.randrange(5, 300), **values
            )
            if number % 4 == 0:
                self.bill(order, 4, percent=30)
            if number % 2 == 0:
                move = self.bill(order, 3)
                if number % 8 == 2:
                    self.credit(move, 2)
                elif number % 8 == 6:
                    self.credit(move, 2, amount=0.77)
                if number % 8 == 2:
                    self.bill(order, 1)

    def some_items(self):
        dice = self.random
        return [
            self.item(
                dice.choice(self.products),
                # Prices whose lines are rounded one by one, and free goods.
                price=dice.choice((0, 0.335, 1.115, 3.33, 7.77, 99.995)),
                quantity=dice.choice((1, 3, 7)),
                discount=dice.choice((0, 0, 10, 33.3)),
            )
            for _number in range(dice.randrange(1, 6))
        ]

    def test_a_shop_that_counts_invoices(self):
        self.make_shop()
        self.assertAgree()

    def test_two_companies_that_count_differently(self):
        other = self.setup_other_company()["company"]
        other.rfm_source = "sale"
        self.make_shop()
        partner = self.env["res.partner"].create({"name": "Both"})
        self.invoice_of(self.item(self.green, 3.33, 3), partner_id=partner.id)
        order = self.env["sale.order"].with_company(other)
        order = order.create(
            {
                "partner_id": partner.id,
                "company_id": other.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": self.green.id,
                            "price_unit": 0.335,
                            "product_uom_qty": quantity,
                            "tax_ids": [Command.clear()],
                        }
                    )
                    for quantity in (1, 1, 1)
                ],
            }
        )
        order.action_confirm()
        self.assertAgree()
        self.assertAgree(other)
        found = self.env["crm.customer.purchase.line"]._read_group(
            [("partner_id", "=", partner.id)],
            ["company_id", "product_id"],
            ["quantity:sum"],
            order="company_id",
        )
        self.assertEqual(found, [(self.company, self.green, 3), (other, self.green, 3)])

    def test_a_shop_that_counts_orders(self):
        self.make_shop()
        self.company.rfm_source = "sale"
        self.assertAgree()

    def test_the_rows_of_one_company_are_the_same(self):
        self.make_shop()
        Line = self.env["crm.customer.purchase.line"]
        for source in ("invoice", "sale"):
            self.company.rfm_source = source
            rows = self.env.execute_query(self.rows_sql(Line._table_sql))
            of_company = self.env.execute_query(
                self.rows_sql(Line._of_company(self.company))
            )
            self.assertTrue(rows)
            self.assertEqual(
                [row for row in of_company if row[1] == self.company.id],
                [row for row in rows if row[1] == self.company.id],
            )
            self.assertEqual(len({row[0] for row in rows}), len(rows))

    def rows_sql(self, query):
        return SQL(
            "SELECT id, company_id, partner_id, date, posted_date, purchase_key, amount,"
            " quantity, product_id, categ_id FROM %s AS line ORDER BY id",
            query,
        )

    def test_the_lines_of_a_customer_are_looked_up_where_orders_count(self):
        """PostgreSQL chooses the purchases before it sums up their lines: no window is
        over those of all customers."""
        self.company.rfm_source = "sale"
        self.env.flush_all()
        lines = self.env["crm.customer.purchase.line"]
        query = lines._search([("partner_id", "=", self.customer.id)])
        plan = self.env.execute_query(SQL("EXPLAIN %s", query.select(SQL("amount"))))
        plan = [line for [line] in plan]
        self.assertTrue([line for line in plan if "WindowAgg" in line])
        # What is left to do after a window.
        late = [
            line for line in plan if "Filter: " in line and "part.partner_id" in line
        ]
        self.assertFalse(late)

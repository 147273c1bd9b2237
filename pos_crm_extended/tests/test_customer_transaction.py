from datetime import timedelta

from odoo import Command, fields
from odoo.tests import tagged
from odoo.tools import SQL

from odoo.addons.crm_extended.tests.common import CustomerValueCommon


@tagged("post_install", "-at_install")
class TestTransactionsOfTheTill(CustomerValueCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["account.journal"].create(
            [
                {
                    "name": kind,
                    "code": f"TR{kind}"[:5],
                    "type": kind,
                    "company_id": cls.company_a.id,
                }
                for kind in ("bank", "sale")
            ]
        )
        config = cls.env["pos.config"].create({"name": "Till"})
        cls.session = cls.env["pos.session"].create(
            {"config_id": config.id, "user_id": cls.env.uid}
        )
        cls.product = cls.env["product.product"].create({"name": "Machine"})
        cls.buyer = cls.customer("Buyer")

    def sold(self, partner, days_ago, *amounts, back=(), **values):
        """An order of lines with these amounts, and of lines that take back others.

        :param back: lines that are taken back, in full
        """
        lines = [(amount, False) for amount in amounts]
        lines += [(-line.price_subtotal, line.id) for line in back]
        total = sum(amount for amount, _line in lines)
        return self.env["pos.order"].create(
            {
                "session_id": self.session.id,
                "company_id": self.company_a.id,
                "partner_id": partner and partner.id,
                "date_order": fields.Datetime.now() - timedelta(days=days_ago),
                "state": "paid",
                "amount_total": total * 1.2,
                "amount_tax": total * 0.2,
                "amount_paid": total * 1.2,
                "amount_return": 0,
                "lines": [
                    Command.create(
                        {
                            "product_id": self.product.id,
                            "qty": 1 if amount >= 0 else -1,
                            "price_unit": abs(amount),
                            "price_subtotal": amount,
                            "price_subtotal_incl": amount * 1.2,
                            "refunded_orderline_id": line_id,
                        }
                    )
                    for amount, line_id in lines
                ],
                **values,
            }
        )

    def rows(self, partner):
        """Days ago of the purchase and of the document, amount and document."""
        self.env.flush_all()
        self.env.invalidate_all()
        found = self.env["crm.customer.transaction"].search(
            [("partner_id", "=", partner.id)], order="posted_date, amount"
        )
        self.assertEqual(set(found.mapped("source")), {"pos"})
        self.assertEqual(set(found.mapped("res_model")), {"pos.order"})
        self.assertEqual(len(set(found.ids)), len(found))
        return [
            (
                (self.today - row.date).days,
                (self.today - row.posted_date).days,
                row.amount,
                row.res_id,
            )
            for row in found
        ]

    def test_what_was_bought_and_when(self):
        """For care plans."""
        order = self.sold(self.buyer, 3, 1000)
        # What was taken back in full was not bought.
        other = self.env["res.partner"].create({"name": "Gave Back"})
        self.sold(other, 2, back=self.sold(other, 3, 500).lines)
        transactions = self.env["crm.customer.transaction"]
        templates = self.product.product_tmpl_id
        others = templates.create({"name": "Other"})
        for products, buyers in ((templates, self.buyer), (others, [])):
            query = transactions._bought_between(
                self.company_a,
                self.today - timedelta(days=3),
                self.today,
                products,
                self.env["product.category"],
            )
            rows = self.env.execute_query(query)
            self.assertEqual(
                rows, [(one.id, self.today - timedelta(days=3)) for one in buyers]
            )
        rows = self.env.execute_query(
            SQL(
                "SELECT %s FROM %s AS bought WHERE amount > 0 AND partner_id = %s",
                transactions._moment_sql("bought"),
                transactions._of_company(self.company_a),
                self.buyer.id,
            )
        )
        self.assertEqual(rows, [(order.date_order,)])

    def test_what_is_taken_back_is_of_the_day_it_was_bought(self):
        order = self.sold(self.buyer, 400, 1000)
        refund = self.sold(self.buyer, 300, back=order.lines)
        later = self.sold(self.buyer, 100, 900)
        self.assertEqual(
            self.rows(self.buyer),
            [
                (400, 400, 1000, order.id),
                (400, 300, -1000, refund.id),
                (100, 100, 900, later.id),
            ],
        )
        first, second, third = self.env["crm.customer.transaction"].search(
            [("partner_id", "=", self.buyer.id)], order="posted_date"
        )
        self.assertEqual(first.purchase_key, second.purchase_key)
        self.assertNotEqual(first.purchase_key, third.purchase_key)
        self.refresh()
        score = self.score(self.buyer)
        self.assertEqual((score.frequency, score.monetary), (1, 900))
        self.assertEqual(score.first_date, self.today - timedelta(days=100))
        # On the day before it came back, it had been bought.
        self.refresh(as_of=self.today - timedelta(days=301))
        score = self.score(self.buyer)
        self.assertEqual((score.frequency, score.monetary), (1, 1000))

    def test_an_exchange_takes_back_and_sells_at_once(self):
        order = self.sold(self.buyer, 50, 100, 40)
        exchange = self.sold(self.buyer, 20, 150, back=order.lines[0])
        self.assertEqual(
            self.rows(self.buyer),
            [
                (50, 50, 140, order.id),
                (50, 20, -100, exchange.id),
                (20, 20, 150, exchange.id),
            ],
        )
        self.refresh()
        score = self.score(self.buyer)
        self.assertEqual((score.frequency, score.monetary), (2, 190))

    def test_one_refund_of_several_orders(self):
        orders = [self.sold(self.buyer, days, 10 * days) for days in (9, 6)]
        refund = self.sold(
            self.buyer,
            1,
            back=self.env["pos.order.line"].union(*(o.lines for o in orders)),
        )
        self.assertEqual(
            self.rows(self.buyer)[2:],
            [(9, 1, -90, refund.id), (6, 1, -60, refund.id)],
        )
        self.refresh()
        self.assertFalse(self.score(self.buyer).frequency)

    def test_whoever_brings_it_back(self):
        order = self.sold(self.buyer, 5, 100)
        other = self.customer("Other")
        self.sold(other, 3, back=order.lines)
        self.sold(None, 2, back=self.sold(self.buyer, 4, 30).lines)
        # Bought by nobody known: their return is nobody's either.
        self.sold(other, 1, back=self.sold(None, 8, 70).lines)
        self.assertEqual(sum(row[2] for row in self.rows(self.buyer)), 0)
        self.assertFalse(
            self.env["crm.customer.transaction"].search([("partner_id", "=", other.id)])
        )

    def test_drafts_take_nothing_back(self):
        order = self.sold(self.buyer, 5, 100)
        self.sold(self.buyer, 3, back=order.lines, state="draft")
        self.assertEqual(len(self.rows(self.buyer)), 1)

    def test_the_same_where_sales_orders_count(self):
        self.company_a.rfm_source = "sale"
        order = self.sold(self.buyer, 50, 100, 40)
        exchange = self.sold(self.buyer, 20, 150, back=order.lines[0])
        self.assertEqual(
            self.rows(self.buyer)[1:],
            [(50, 20, -100, exchange.id), (20, 20, 150, exchange.id)],
        )

    def test_who_changes_employer_takes_nothing_along(self):
        old, new = self.customers(2, is_company=True)
        contact = self.customer("Contact", parent_id=old.id)
        order = self.sold(contact, 5, 100)
        contact.parent_id = new
        refund = self.sold(contact, 0, back=order.lines)
        after = self.sold(contact, 0, 7)
        self.assertEqual(
            self.rows(old), [(5, 5, 100, order.id), (5, 0, -100, refund.id)]
        )
        self.assertEqual(self.rows(new), [(0, 0, 7, after.id)])

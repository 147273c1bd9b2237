"""Lines of the till: their sums are those of its purchases."""

from odoo import Command
from odoo.tests import tagged

from .test_customer_transaction import TestTransactionsOfTheTill


@tagged("post_install", "-at_install")
class TestLinesOfTheTill(TestTransactionsOfTheTill):
    def rows(self, partner):
        """Each test of purchases holds for their lines, too."""
        found = super().rows(partner)
        sums = {}
        for model in ("crm.customer.transaction", "crm.customer.purchase.line"):
            groups = self.env[model]._read_group(
                [("partner_id", "=", partner.id)],
                ["date:day", "posted_date:day", "purchase_key", "source", "res_id"],
                ["amount:sum"],
            )
            sums[model] = [(*keys, round(total, 2)) for *keys, total in groups if total]
        self.assertEqual(*sums.values())
        return found

    def lines(self, partner):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.env["crm.customer.purchase.line"].search(
            [("partner_id", "=", partner.id)], order="posted_date, amount"
        )

    def test_lines_are_what_was_sold(self):
        order = self.sold(self.buyer, 5, 10, 20)
        lines = self.lines(self.buyer)
        self.assertEqual(lines.mapped("amount"), [10, 20])
        self.assertEqual(lines.mapped("quantity"), [1, 1])
        self.assertEqual(lines.product_id, self.product)
        self.assertEqual(lines.user_id, order.user_id)
        self.assertEqual(set(lines.mapped("source")), {"pos"})

    def test_what_is_taken_back_is_a_line_of_what_was_bought(self):
        bought = self.sold(self.buyer, 9, 10, 20)
        self.sold(self.buyer, 2, 50, back=bought.lines[1])
        lines = self.lines(self.buyer)
        self.assertEqual(
            [(line.amount, line.quantity, line.is_refund) for line in lines],
            [(10, 1, False), (20, 1, False), (-20, -1, True), (50, 1, False)],
        )
        back = lines[2]
        self.assertEqual(back.date, lines[0].date)
        self.assertEqual(back.purchase_key, lines[0].purchase_key)

    def test_the_cost_at_the_till(self):
        order = self.sold(self.buyer, 5, 10, 20)
        order.lines[0].total_cost = 6
        self.product.with_company(self.company_a).standard_price = 9
        self.assertEqual(
            [(line.cost, line.cost_source) for line in self.lines(self.buyer)],
            [(6, "till"), (9, "today")],
        )

    def test_less_than_half_of_the_price_is_an_allowance(self):
        self.product.with_company(self.company_a).standard_price = 9
        for given_back, quantity, cost, source in (
            (9.99, 0, 0, "reduction"),
            (10, -1, -9, "today"),
        ):
            order = self.sold(self.buyer, 5, 20)
            back = self.sold(self.buyer, 2, back=order.lines)
            back.lines.write({"price_unit": given_back, "price_subtotal": -given_back})
            [line] = self.lines(self.buyer).filtered(
                lambda line, back=back: line.res_id == back.id
            )
            self.assertEqual((line.amount, line.quantity), (-given_back, quantity))
            self.assertEqual((line.cost, line.cost_source), (cost, source))

    def test_two_orders_are_taken_back_at_once(self):
        first = self.sold(self.buyer, 9, 10)
        second = self.sold(self.buyer, 8, 30)
        self.sold(self.buyer, 2, back=first.lines + second.lines)
        lines = self.lines(self.buyer)
        self.assertEqual(
            [(line.amount, line.date) for line in lines if line.is_refund],
            [(-30, lines[1].date), (-10, lines[0].date)],
        )
        self.assertEqual(len(set(lines.ids)), 4)

    def test_discounts_at_the_till(self):
        order = self.sold(self.buyer, 9, 90, 50)
        order.lines[0].write({"price_unit": 100, "discount": 10})
        back = self.sold(self.buyer, 2, back=order.lines[0])
        back.lines.write({"price_unit": 100, "discount": 10})
        # The discount of the order is a line with a negative price.
        low = self.sold(self.buyer, 1, 85)
        low.write(
            {
                "lines": [
                    Command.update(low.lines.id, {"price_subtotal": 100}),
                    Command.create(
                        {
                            "product_id": self.product.id,
                            "qty": 1,
                            "price_unit": -15,
                            "price_subtotal": -15,
                            "price_subtotal_incl": -18,
                        }
                    ),
                ]
            }
        )
        self.assertEqual(
            [
                (line.amount, line.discount, line.list_amount)
                for line in self.lines(self.buyer)
            ],
            [(50, 0, 50), (90, 10, 100), (-90, -10, -100), (-15, 15, 0), (100, 0, 100)],
        )
        if "reward_id" not in self.env["pos.order.line"]._fields:
            return
        # A gift card pays.
        program = self.env["loyalty.program"].create(
            {
                "name": "Cards",
                "program_type": "gift_card",
                "company_id": self.company_a.id,
                "reward_ids": [Command.create({"reward_type": "discount"})],
            }
        )
        low.lines[1].write({"is_reward_line": True, "reward_id": program.reward_ids.id})
        [paid] = self.lines(self.buyer).filtered(lambda line: line.amount == -15)
        self.assertEqual((paid.discount, paid.list_amount), (0, -15))

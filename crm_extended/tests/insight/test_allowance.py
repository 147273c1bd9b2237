"""Credit notes over a part of the price, after which the customer keeps the goods."""

from odoo import Command
from odoo.tests import tagged

from .test_customer_product import CustomerProductCommon


@tagged("post_install", "-at_install")
class TestAllowance(CustomerProductCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for product, cost in ((cls.green, 4), (cls.black, 4), (cls.mocha, 0)):
            product.with_company(cls.company).standard_price = cost
        cls.env.user.group_ids += cls.env.ref("crm_extended.group_see_margin")
        cls.env.registry.clear_cache()

    def margin(self):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.env["crm.customer.margin"].search(
            [
                ("partner_id", "=", self.customer.id),
                ("company_id", "=", self.company.id),
            ]
        )

    def give_back(self, move, price, quantity=None, line=0, **values):
        """A credit note over one line of a document."""
        back = move._reverse_moves([{"invoice_date": self.ago(1), **values}])
        kept = back.invoice_line_ids[line]
        (back.invoice_line_ids - kept).unlink()
        kept.write({"price_unit": price, "quantity": quantity or kept.quantity})
        back.action_post()
        return back

    def refunds(self):
        """Amount, quantity, cost and its source of what was credited, both as the page
        and as sums read it."""
        self.env.flush_all()
        lines = self.lines(("posted_date", ">=", self.ago(1)))
        found = [
            (line.amount, line.quantity, line.cost, line.cost_source)
            for line in lines.sorted(lambda line: (line.amount, line.quantity))
        ]
        self.assertEqual(sum(self.lines().mapped("cost")), self.margin().cost)
        return found

    def test_money_back_for_goods_that_are_kept(self):
        move = self.invoice_of(
            self.item(self.green, 20, 10), self.item(self.black, 20, 10)
        )
        self.give_back(move, 1)
        self.assertEqual(self.refunds(), [(-10, 0, 0, "reduction")])
        margin = self.margin()
        self.assertEqual((margin.revenue, margin.cost, margin.margin), (390, 80, 310))
        self.update()
        row = self.found()
        self.assertEqual((row.quantity, row.amount, row.usual_quantity), (10, 190, 10))

    def test_one_product_alone(self):
        move = self.invoice_of(self.item(self.green, 20, 10))
        self.give_back(move, 1)
        margin = self.margin()
        self.assertEqual((margin.revenue, margin.margin), (190, 150))
        self.assertEqual(margin.cost_state, "known")

    def test_the_pair_is_kept(self):
        self.company.write({"pair_min_baskets": 1, "pair_min_together": 1})
        self.company.pair_min_percent = 0
        move = self.invoice_of(
            self.item(self.green, 20, 10), self.item(self.black, 20, 10)
        )
        self.give_back(move, 1)
        self.env["crm.product.pair"]._update(self.company)
        pairs = self.env["crm.product.pair"].search(
            [("company_id", "=", self.company.id)]
        )
        self.assertEqual(pairs.mapped("count_both"), [1, 1])

    def test_half_of_the_price_takes_the_goods_back(self):
        for price, quantity in ((10, -10), (9.99, 0)):
            move = self.invoice_of(self.item(self.green, 20, 10))
            back = self.give_back(move, price)
            [line] = self.lines(("reference", "=", back.name))
            self.assertEqual(line.quantity, quantity, price)
            self.assertEqual(line.cost, quantity * 4)

    def test_half_is_not_lost_to_a_division(self):
        move = self.invoice_of(self.item(self.green, 20 / 3, 3))
        self.give_back(move, 10 / 3)
        self.assertEqual(self.lines()[-1].quantity, -3)

    def test_a_part_of_the_pieces_at_their_price(self):
        move = self.invoice_of(self.item(self.green, 20, 10))
        self.give_back(move, 20, 3)
        self.assertEqual(self.refunds(), [(-60, -3, -12, "today")])

    def test_the_price_is_that_after_the_discount(self):
        move = self.invoice_of(self.item(self.green, 100, 2, discount=80))
        self.give_back(move, 60)
        # 12 of 20 were given back.
        self.assertEqual(self.refunds(), [(-24, -2, -8, "today")])

    def test_units_are_compared(self):
        move = self.invoice_of(
            self.item(self.green, 240, 2, product_uom_id=self.dozen.id)
        )
        back = self.give_back(move, 20, 24)
        back.button_draft()
        back.invoice_line_ids.product_uom_id = self.green.uom_id
        back.invoice_line_ids.write({"price_unit": 20, "quantity": 24})
        back.action_post()
        self.assertEqual(self.refunds(), [(-480, -24, -96, "today")])
        back.button_draft()
        back.invoice_line_ids.price_unit = 9
        back.action_post()
        self.assertEqual(self.refunds(), [(-216, 0, 0, "reduction")])

    def test_currencies_are_compared(self):
        abroad = {"currency_id": self.foreign.id}
        move = self.invoice_of(self.item(self.green, 20, 10), **abroad)
        self.give_back(move, 10)
        self.assertEqual(self.lines()[-1].quantity, -10)
        move = self.invoice_of(self.item(self.green, 20, 10), **abroad)
        own = self.give_back(move, 3, currency_id=self.company.currency_id.id)
        [line] = self.lines(("reference", "=", own.name))
        self.assertEqual((line.amount, line.quantity), (-30, 0))

    def test_what_was_credited_in_full_is_gone(self):
        """Free goods, two prices, what lowers the price: whatever was on the invoice."""
        move = self.invoice_of(
            self.item(self.green, 20, 10),
            self.item(self.green, 5, 2),
            self.item(self.green, 0, 1),
            self.item(self.black, 0, 3),
            self.item(self.mocha, 10, -1),
            self.item(self.black, -6, 1),
            self.item(None, 7, 1),
        )
        self.credit(move, 1)
        self.assertEqual(sum(self.lines().mapped("quantity")), 0)
        margin = self.margin()
        self.assertEqual((margin.revenue, margin.cost), (0, 0))
        self.update()
        self.assertFalse(self.found())

    def test_no_money_back_for_goods_that_were_sold(self):
        move = self.invoice_of(self.item(self.green, 20, 10))
        self.give_back(move, 0)
        self.assertEqual(self.refunds(), [(0, 0, 0, "reduction")])

    def test_without_invoice_and_order_the_goods_came_back(self):
        self.invoice_of(self.item(self.green, 20, 10))
        self.invoice_of(
            self.item(self.green, 1, 10), days_ago=1, move_type="out_refund"
        )
        self.assertEqual(self.refunds(), [(-10, -10, -40, "today")])

    def test_another_product_than_was_sold_came_back(self):
        move = self.invoice_of(self.item(self.green, 20, 10))
        back = move._reverse_moves([{"invoice_date": self.ago(1)}])
        back.invoice_line_ids.write(
            {"product_id": self.black.id, "price_unit": 1, "tax_ids": [Command.clear()]}
        )
        back.action_post()
        self.assertEqual(self.refunds(), [(-10, -10, -40, "today")])

    def test_a_credit_note_that_is_reconciled_with_the_invoice(self):
        move = self.invoice_of(self.item(self.green, 20, 10))
        back = self.invoice_of(
            self.item(self.green, 1, 10), days_ago=1, move_type="out_refund"
        )
        self.reconcile(move, back)
        self.assertEqual(self.refunds(), [(-10, 0, 0, "reduction")])

    def test_an_allowance_that_was_taken_back(self):
        move = self.invoice_of(self.item(self.green, 20, 10))
        back = self.give_back(move, 1)
        back._reverse_moves([{"invoice_date": self.ago(0)}]).action_post()
        self.assertEqual(
            self.refunds(), [(-10, 0, 0, "reduction"), (10, 0, 0, "reduction")]
        )
        margin = self.margin()
        self.assertEqual((margin.revenue, margin.cost), (200, 40))

    def test_a_return_that_was_taken_back(self):
        move = self.invoice_of(self.item(self.green, 20, 10))
        back = self.give_back(move, 20)
        back._reverse_moves([{"invoice_date": self.ago(0)}]).action_post()
        self.assertEqual(sum(self.lines().mapped("quantity")), 10)
        self.assertEqual(self.margin().cost, 40)

    def test_a_credit_note_of_an_order_line_without_invoice(self):
        """As Odoo makes it of an order of which less is to be invoiced."""
        order = self.order_of(self.item(self.green, 20, 10))
        self.bill(order, 5)
        back = self.invoice_of(
            self.item(
                self.green,
                1,
                10,
                sale_line_ids=[Command.set(order.order_line.ids)],
            ),
            days_ago=1,
            move_type="out_refund",
        )
        self.assertEqual(self.refunds(), [(-10, 0, 0, "reduction")])
        back.button_draft()
        back.invoice_line_ids.price_unit = 12
        back.action_post()
        self.assertEqual(self.lines()[-1].quantity, -10)

    def test_where_orders_count(self):
        self.company.rfm_source = "sale"
        for price, found in (
            (1, (-10, 0, 0, "reduction")),
            (20, (-200, -10, -40, "today")),
        ):
            order = self.order_of(self.item(self.green, 20, 10))
            back = self.give_back(self.bill(order, 5), price)
            [line] = self.lines(("reference", "=", back.name))
            source = line.cost_source.replace("order", "today")
            self.assertEqual((line.amount, line.quantity, line.cost, source), found)
        self.update()
        self.assertEqual(self.found().quantity, 10)
        self.assertEqual(self.margin().cost, 40)

    def test_a_credit_note_without_order_lines_where_orders_count(self):
        self.company.rfm_source = "sale"
        order = self.order_of(self.item(self.green, 20, 10))
        move = self.bill(order, 5)
        back = self.invoice_of(
            self.item(self.green, 1, 10), days_ago=1, move_type="out_refund"
        )
        self.reconcile(move, back)
        self.assertEqual(self.refunds(), [(-10, 0, 0, "reduction")])

    def test_a_customer_who_got_too_much_back_bought_below_cost(self):
        move = self.invoice_of(self.item(self.green, 7, 10))
        self.give_back(move, 3.2)
        margin = self.margin()
        self.assertEqual((margin.margin, margin.loss_reason), (-2, "price"))

    def test_revenue_alone_asks_for_no_prices(self):
        """PostgreSQL leaves out what a product was sold for."""
        model = self.env["crm.customer.purchase.line"]
        for name, looked_up in (("amount", False), ("quantity", True)):
            query = model._search([("partner_id", "=", self.customer.id)])
            select = query.select(model._field_to_sql(query.table, name))
            self.env.cr.execute("EXPLAIN " + select.code, select.params)
            plan = "\n".join(line for [line] in self.env.cr.fetchall())
            self.assertEqual("account_move_line sold" in plan, looked_up, name)

"""A shop where all that can happen to documents happens, at random: its lines still sum
up to its purchases, on each day of the past, and by each way to read them."""

import random
from collections import defaultdict

from odoo import Command
from odoo.tests import tagged
from odoo.tools import SQL

from .common import LinesCommon


@tagged("post_install", "-at_install")
class TestPurchaseLineShop(LinesCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.group_ids += cls.env.ref("crm_extended.group_see_margin")
        cls.env.registry.clear_cache()
        cls.env.company.rfm_window_months = 0
        for product, cost in ((cls.green, 4), (cls.black, 8)):
            product.with_company(cls.company).standard_price = cost
        cls.uncategorized = cls.env["product.product"].create(
            {"name": "Any", "type": "service", "categ_id": False}
        )
        cls.products += cls.uncategorized
        # Nobody ever entered a rate of it.
        cls.unrated = cls.env["res.currency"].create(
            {"name": "XQX", "symbol": "Q", "rounding": 0.01}
        )
        cls.added_to_tax = cls.rounding.copy({"strategy": "biggest_tax"})
        companies = [{"name": f"Group {n}", "is_company": True} for n in range(3)]
        cls.groups = cls.env["res.partner"].create(companies)
        cls.people = cls.env["res.partner"].create(
            [{"name": f"Alone {n}"} for n in range(4)]
            + [{"name": f"Member {n}", "parent_id": g.id}
               for n, g in enumerate(cls.groups)]
        )  # fmt: skip
        cls.tax = cls.company_data["default_tax_sale"]

    def goods(self, dice):
        found, goods = [], self.green + self.black + self.mocha
        for _number in range(dice.randrange(1, 6)):
            values = {"discount": dice.choice((0, 0, 12.5, 33.3))}
            if dice.random() < 0.15:
                values["product_uom_id"] = self.dozen.id
            if dice.random() < 0.3:
                values["tax_ids"] = [Command.set(self.tax.ids)]
            product = dice.choice([*self.products, None])
            if values.get("product_uom_id") and (not product or product not in goods):
                del values["product_uom_id"]
            price = dice.choice((0, 0.005, 0.335, 1.115, 3.33, 7.77, 99.995, 1234.56))
            quantity = dice.choice((1, 1, 2, 3, 7, -1, 0.333))
            found.append(self.item(product, price, quantity, **values))
        # So that Odoo posts it as what it is.
        return [*found, self.item(self.green, 5000)]

    def documents(self, dice):
        values = {
            "partner_id": dice.choice(self.people + self.groups).id,
            "invoice_date": self.ago(dice.randrange(20, 400)),
        }
        if dice.random() < 0.4:
            values["currency_id"] = dice.choice(self.foreign + self.unrated).id
        if dice.random() < 0.4:
            rounding = dice.choice(self.rounding + self.added_to_tax)
            values["invoice_cash_rounding_id"] = rounding.id
        if dice.random() < 0.15:
            # A credit note without an invoice; some are settled with one.
            move = self.invoice_of(*self.goods(dice), move_type="out_refund", **values)
            if dice.random() < 0.5:
                del values["invoice_date"]
                other = self.invoice_of(*self.goods(dice), days_ago=90, **values)
                self.reconcile(move, other)
            return
        move = self.invoice_of(*self.goods(dice), **values)
        self.take_back(dice, move)

    def take_back(self, dice, move):
        chance = dice.random()
        if chance < 0.2:
            self.credit(move, dice.randrange(10, 19))
        elif chance < 0.4:
            self.credit(move, dice.randrange(10, 19), amount=1.03)
        elif chance < 0.55:
            # And the credit note itself, and that again.
            back = self.credit(move, 15)
            again = self.credit(back, 12)
            if dice.random() < 0.5:
                self.credit(again, 9)

    def orders(self, dice):
        values = {"partner_id": dice.choice(self.people + self.groups).id}
        if dice.random() < 0.4:
            values["pricelist_id"] = self.abroad.id
        items = [each for each in self.goods(dice) if each[2]["product_id"]]
        order = self.order_of(*items, days_ago=dice.randrange(40, 400), **values)
        if dice.random() < 0.25:
            self.bill(order, 30, percent=dice.choice((10, 33)))
        if dice.random() < 0.3:
            # Half of it now, the rest later.
            move = order._create_invoices(final=True)
            for line in move.invoice_line_ids.filtered("product_id"):
                line.quantity = line.quantity / 2
            move.invoice_date = self.ago(25)
            if move.amount_total >= 0:
                move.action_post()
                self.take_back(dice, move)
        if dice.random() < 0.7 and order.invoice_status == "to invoice":
            self.take_back(dice, self.bill(order, 20))
        if dice.random() < 0.2:
            free = order.order_line.filtered(lambda line: not line.invoice_lines)
            if free:
                order.state = "draft"
                free[0].unlink()
                order.state = "sale"

    def history(self, dice):
        self.env["crm.purchase.history"].create(
            {
                "partner_id": dice.choice(self.people).id,
                "company_id": self.company.id,
                "date": self.ago(dice.randrange(300, 500)),
                "amount": dice.choice((33.33, -5, 120)),
                "currency_id": dice.choice(self.foreign + self.unrated).id,
            }
        )

    def upset(self, dice):
        """What happens to customers and products afterwards."""
        self.people[-1].parent_id = dice.choice(self.groups[:2])
        self.people[-2].parent_id = False
        self.products[1].active = False
        # Odoo refuses it for products that were invoiced; an import does not ask.
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE product_template SET uom_id = %s WHERE id = %s",
            [self.dozen.id, self.mocha.product_tmpl_id.id],
        )
        self.env.invalidate_all()
        merge = self.env["base.partner.merge.automatic.wizard"]
        merge._merge(self.people[:2].ids, self.people[1])

    def test_whatever_happens(self):
        for seed in range(2):
            dice = random.Random(seed)
            for _number in range(25):
                dice.choice((self.documents, self.documents, self.orders))(dice)
            self.history(dice)
        self.upset(dice)
        self.people = self.people.exists()
        for source in ("invoice", "sale"):
            self.company.rfm_source = source
            with self.subTest(source=source):
                self.assertAgree()
                self.check_past_days()
                self.check_margins()
                self.check_bulk()
        self.company.rfm_source = "invoice"
        self.check_products()

    def check_past_days(self):
        for days_ago in (0, 9, 12, 15, 20, 60, 200, 450):
            known = ("posted_date", "<=", self.ago(days_ago))
            sums = [
                {
                    key: total
                    for key, total in self.sums(model, ["partner_id"], known).items()
                    if total
                }
                for model in ("crm.customer.transaction", "crm.customer.purchase.line")
            ]
            self.assertEqual(*sums, days_ago)

    def check_margins(self):
        """Profitability has the same revenue, and of the lines the same costs."""
        self.env.flush_all()
        self.env.invalidate_all()
        company = [("company_id", "=", self.company.id)]
        margins = self.env["crm.customer.margin"].search(company)
        lines = self.env["crm.customer.purchase.line"].search(company)
        revenue, uncosted, margin = (defaultdict(float) for _number in range(3))
        for line in lines:
            partner = line.partner_id
            revenue[partner] += line.amount
            margin[partner] += line.margin
            if line.cost_source == "none":
                uncosted[partner] += line.amount
        self.assertEqual(set(margins.partner_id), set(revenue))
        for row in margins:
            self.assertAlmostEqual(row.revenue, revenue[row.partner_id], 2)
            self.assertAlmostEqual(row.uncosted_revenue, uncosted[row.partner_id], 2)
            if row.cost_state == "known":
                self.assertAlmostEqual(row.margin, margin[row.partner_id], 1)

    def check_bulk(self):
        """All lines of a company at once cost what they cost one by one."""
        lines = self.env["crm.customer.purchase.line"]
        rows = [
            self.env.execute_query(
                SQL(
                    "SELECT id, amount, quantity, round(cost, 6), cost_source"
                    " FROM %s AS line WHERE company_id = %s ORDER BY id",
                    table,
                    self.company.id,
                )
            )
            for table in (lines._table_sql, lines._of_company(self.company))
        ]
        self.assertTrue(rows[0])
        self.assertEqual(*rows)

    def origin_of(self, move):
        """The first document that one takes back; none if it takes none back."""
        first = move
        while first.reversed_entry_id:
            first = first.reversed_entry_id
        if first.move_type == "out_refund":
            due = first.line_ids.matched_debit_ids.debit_move_id.move_id.filtered(
                lambda other: (
                    (other.state, other.move_type) == ("posted", "out_invoice")
                    and not other.reversed_entry_id
                )
            )
            first = due if len(due) == 1 else first
        return first - move

    def is_allowance(self, line):
        """By the words of the guide: below half of what it was sold for."""
        goods = line.product_id
        if not goods or line.quantity * line.price_subtotal < 0 or not line.quantity:
            return False
        origin = self.origin_of(line.move_id)
        if not origin and line.move_id.move_type == "out_invoice":
            return False
        sold = [
            (other, other.quantity, other.balance)
            for other in origin.invoice_line_ids
            if other.display_type == "product" and other.product_id == goods
        ] or [
            (other, other.product_uom_qty, 0)
            for other in line.sale_line_ids.sorted("id")[:1]
            if other.product_id == goods
        ]
        prices = []
        for other, quantity, balance in sold:
            if quantity * other.price_subtotal < 0 or not quantity:
                continue
            same = other.currency_id == line.currency_id
            total = other.price_subtotal if same else balance
            prices.append(abs(total / quantity / other.product_uom_id.factor))
        mine = abs(line.price_subtotal / line.quantity / line.product_uom_id.factor)
        if not mine:
            return bool(prices) and min(prices) > 0
        paid = [price for price in prices if price]
        return bool(paid) and mine < min(paid) / 2 - 1e-9

    def check_products(self):
        """By product: revenue and quantity as the documents say, line by line."""
        moves = self.env["account.move"].search(
            [
                ("company_id", "=", self.company.id),
                ("state", "=", "posted"),
                ("move_type", "in", ("out_invoice", "out_refund")),
            ]
        )
        wanted = defaultdict(lambda: [0, 0])
        for line in moves.invoice_line_ids.filtered(
            lambda line: line.display_type == "product"
        ):
            product = line.product_id
            sign = -1 if line.move_id.move_type == "out_refund" else 1
            unit = line.product_uom_id
            quantity = line.quantity
            if product and unit:
                quantity *= unit.factor / product.uom_id.factor
            if self.is_allowance(line):
                quantity = 0
            wanted[product][0] += sign * quantity
            wanted[product][1] -= line.balance
        for move in moves:
            roundings = move.line_ids.filtered(
                lambda line: (
                    line.display_type == "rounding" and not line.tax_repartition_line_id
                )
            )
            if roundings:
                largest = max(
                    move.invoice_line_ids.filtered(
                        lambda line: line.display_type == "product"
                    ),
                    key=lambda line: (abs(line.balance), -line.id),
                )
                wanted[largest.product_id][1] -= sum(roundings.mapped("balance"))
        found = self.env["crm.customer.purchase.line"]._read_group(
            [("company_id", "=", self.company.id), ("source", "=", "invoice")],
            ["product_id"],
            ["quantity:sum", "amount:sum"],
        )
        self.assertEqual({product for product, *_sums in found}, set(wanted))
        for product, quantity, amount in found:
            self.assertAlmostEqual(quantity, wanted[product][0], 2, product.name)
            self.assertAlmostEqual(amount, wanted[product][1], 2, product.name)

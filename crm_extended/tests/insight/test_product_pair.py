"""Products bought together: against a count in plain Python, and in each odd case."""

from collections import defaultdict
from datetime import timedelta

from odoo import Command
from odoo.tests import tagged
from odoo.tools import SQL

from ...analytics.common.intervals import wilson
from ...analytics.insight.pairs import count, measures
from ...models.insight import pair_queries
from .common import LinesCommon


class PairCommon(LinesCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write({"pair_min_baskets": 1, "pair_min_together": 1})
        cls.company.pair_min_percent = 0
        cls.goods = cls.env["product.product"].create(
            [
                {"name": name, "type": "consu", "taxes_id": [Command.clear()]}
                for name in ("Desk", "Chair", "Lamp", "Mat", "Screen", "Shelf")
            ]
        )
        cls.desk, cls.chair, cls.lamp, cls.mat, cls.screen, cls.shelf = cls.goods
        cls.people = cls.env["res.partner"].create(
            [{"name": f"Person {number}"} for number in range(5)]
        )

    @classmethod
    def sell(cls, *products, partner=None, days_ago=5, times=1):
        values = {
            "move_type": "out_invoice",
            "partner_id": (partner or cls.customer).id,
            "invoice_date": cls.today - timedelta(days=days_ago),
            "invoice_line_ids": [
                Command.create(
                    {"product_id": product.id, "price_unit": 10, "tax_ids": False}
                )
                for product in products
            ],
        }
        moves = cls.env["account.move"].create([values] * times)
        moves.action_post()
        return moves

    @classmethod
    def variants_of(cls, name, *colors):
        """A product in some colors, in the order of these."""
        color = cls.env["product.attribute"].create(
            {
                "name": "Color",
                "value_ids": [Command.create({"name": value}) for value in colors],
            }
        )
        template = cls.env["product.template"].create(
            {
                "name": name,
                "type": "consu",
                "taxes_id": [Command.clear()],
                "attribute_line_ids": [
                    Command.create(
                        {
                            "attribute_id": color.id,
                            "value_ids": [Command.set(color.value_ids.ids)],
                        }
                    )
                ],
            }
        )
        by_color = {
            each.product_template_attribute_value_ids.name: each
            for each in template.product_variant_ids
        }
        return [by_color[value] for value in colors]

    def update(self, company=None):
        self.env.flush_all()
        return self.env["crm.product.pair"]._update(company or self.company)

    def pair(self, first, second, unit="customer"):
        """The pair of two products, variants or categories."""
        found = self.env["crm.product.pair"].search(
            [("company_id", "=", self.company.id), ("unit", "=", unit)]
        )
        both = {first, second}
        return found.filtered(lambda pair: {pair._item("a"), pair._item("b")} == both)

    def pairs(self, unit="order", company=None):
        """Number of both by names."""
        found = self.env["crm.product.pair"].search(
            [("company_id", "=", (company or self.company).id), ("unit", "=", unit)]
        )
        return {
            tuple(sorted((pair.name_a, pair.name_b))): pair.count_both for pair in found
        }


@tagged("post_install", "-at_install")
class TestProductPair(PairCommon):
    def test_measures_of_a_pair(self):
        self.sell(self.desk, self.chair, times=3)
        self.sell(self.desk)
        self.sell(self.lamp)
        run = self.update()
        [pair] = self.env["crm.product.pair"].search(
            [("company_id", "=", self.company.id), ("unit", "=", "order")]
        )
        desk, chair = self.desk.product_tmpl_id, self.chair.product_tmpl_id
        self.assertEqual((pair.product_a_id, pair.product_b_id), (desk, chair))
        self.assertEqual(
            (pair.count_a, pair.count_b, pair.count_both, pair.total), (4, 3, 3, 5)
        )
        self.assertAlmostEqual(pair.support, 0.6)
        self.assertAlmostEqual(pair.confidence_ab, 0.75)
        self.assertAlmostEqual(pair.confidence_ba, 1)
        self.assertAlmostEqual(pair.lift, 1.25)
        self.assertAlmostEqual(pair.cosine, 3 / 12**0.5)
        self.assertEqual(run.state, "done")
        self.assertFalse(run.step)
        self.assertEqual((run.order_count, run.order_pair_count), (5, 1))
        # One customer, who bought three products.
        self.assertEqual((run.customer_count, run.customer_pair_count), (1, 3))
        self.assertEqual(pair.run_id, run)

    def test_the_nine_baskets_of_a_textbook(self):
        """AllElectronics, of Han, Kamber and Pei, Data Mining, section 6.2."""
        items = self.env["product.product"].create(
            [{"name": f"I{number}", "type": "consu"} for number in range(1, 6)]
        )
        baskets = ("125", "24", "23", "124", "13", "23", "13", "1235", "123")
        for number, basket in enumerate(baskets):
            self.sell(
                *(items[int(item) - 1] for item in basket),
                partner=self.people[number % 5],
                days_ago=number + 1,
            )
        run = self.update()
        self.assertEqual(run.order_count, 9)
        found = self.env["crm.product.pair"].search(
            [("company_id", "=", self.company.id), ("unit", "=", "order")]
        )
        self.assertEqual(
            {
                (pair.name_a, pair.name_b): (
                    (pair.count_a, pair.count_b, pair.count_both, pair.total)
                )
                for pair in found
            },
            {
                ("I1", "I2"): (6, 7, 4, 9),
                ("I1", "I3"): (6, 6, 4, 9),
                ("I1", "I4"): (6, 2, 1, 9),
                ("I1", "I5"): (6, 2, 2, 9),
                ("I2", "I3"): (7, 6, 4, 9),
                ("I2", "I4"): (7, 2, 2, 9),
                ("I2", "I5"): (7, 2, 2, 9),
                ("I3", "I5"): (6, 2, 1, 9),
            },
        )
        by_name = {(pair.name_a, pair.name_b): pair for pair in found}
        pair = by_name["I1", "I2"]
        self.assertAlmostEqual(pair.support, 4 / 9)
        self.assertAlmostEqual(pair.confidence_ab, 4 / 6)
        self.assertAlmostEqual(pair.confidence_ba, 4 / 7)
        self.assertAlmostEqual(pair.lift, 4 / 9 / (6 / 9 * 7 / 9))
        # At least two of nine: the six of the book.
        self.company.pair_min_together = 2
        self.update()
        self.assertEqual(
            self.pairs(),
            {
                ("I1", "I2"): 4,
                ("I1", "I3"): 4,
                ("I1", "I5"): 2,
                ("I2", "I3"): 4,
                ("I2", "I4"): 2,
                ("I2", "I5"): 2,
            },
        )
        # The rule of two to one: of four baskets with I1 and I2, two have I5.
        both, all_three = pair.count_both, sum({*"125"} <= {*each} for each in baskets)
        rule = measures(both, by_name["I1", "I5"].count_b, all_three, pair.total)
        self.assertEqual((both, all_three), (4, 2))
        self.assertEqual((rule.confidence_ab, rule.lift), (0.5, 2.25))
        self.assertEqual(rule.confidence_ba, 1)

    def test_a_random_shop_agrees_with_a_count_in_python(self):
        dice = self.random
        by_order, by_customer = [], defaultdict(lambda: defaultdict(float))
        invoices = []
        for number in range(30):
            partner = dice.choice(self.people)
            basket = defaultdict(float)
            items = []
            for product in dice.choices(self.goods, k=dice.randrange(1, 6)):
                quantity = dice.choice((1, 1, 2, -1))
                price = dice.choice((0, 10, 12.5))
                items.append(self.item(product, price, quantity))
                basket[product.product_tmpl_id.id] += quantity
            # So that none is below zero and posted as another thing.
            items.append(self.item(self.desk, 500))
            basket[self.desk.product_tmpl_id.id] += 1
            invoices.append(
                {
                    "move_type": "out_invoice",
                    "partner_id": partner.id,
                    "invoice_date": self.ago(20),
                    "invoice_line_ids": items,
                }
            )
            if number % 9 == 0:
                # Taken back below.
                basket = {}
            by_order.append(basket)
            for product, quantity in basket.items():
                by_customer[partner][product] += quantity
        moves = self.env["account.move"].create(invoices)
        moves.action_post()
        back = [{"date": self.ago(10), "invoice_date": self.ago(10)}] * 4
        moves[::9]._reverse_moves(back, cancel=True)
        self.company.write({"pair_min_baskets": 3, "pair_min_together": 4})
        self.company.pair_min_percent = 20
        run = self.update()
        for unit, baskets in (("order", by_order), ("customer", by_customer.values())):
            expected = count(baskets, 3, 20, 4)
            self.assertEqual(run[f"{unit}_count"], expected.total)
            found = self.env["crm.product.pair"].search(
                [("company_id", "=", self.company.id), ("unit", "=", unit)]
            )
            self.assertEqual(
                {
                    (pair.product_a_id.id, pair.product_b_id.id): pair.count_both
                    for pair in found
                },
                expected.pairs,
            )
            for pair in found:
                figures = measures(
                    pair.count_a, pair.count_b, pair.count_both, pair.total
                )
                for name, figure in figures._asdict().items():
                    self.assertAlmostEqual(pair[name], figure, 12, name)
                counts = expected.counts
                self.assertEqual(pair.count_a, counts[pair.product_a_id.id])
                self.assertEqual(pair.count_b, counts[pair.product_b_id.id])
            if unit == "order":
                self.assertTrue(found)

    def test_the_lower_bound_is_that_of_wilson(self):
        shares = [(1, 1), (1, 10), (9, 10), (81, 263), (50_000, 10**6), (10**6, 10**6)]
        bound = pair_queries.lower_bound(SQL("a"), SQL("m"))
        values = SQL(", ").join(SQL("(%s::bigint, %s::bigint)", *s) for s in shares)
        rows = self.env.execute_query(
            SQL("SELECT a, m, %s FROM (VALUES %s) AS share(a, m)", bound, values)
        )
        for a, m, low in rows:
            self.assertAlmostEqual(low, wilson(a, m)[0], 12)

    def test_exactly_on_a_threshold(self):
        self.sell(self.desk, self.chair, times=7)
        self.company.write({"pair_min_baskets": 7, "pair_min_together": 7})
        self.update()
        self.assertEqual(self.pairs(), {("Chair", "Desk"): 7})
        self.company.pair_min_together = 8
        self.update()
        self.assertEqual(self.pairs(), {})

    def test_one_product_twice_on_an_order_is_no_pair(self):
        self.sell(self.desk, self.desk)
        self.update()
        self.assertEqual(self.pairs(), {})

    def test_what_was_taken_back_was_not_bought(self):
        kept = self.sell(self.desk, self.chair)
        self.credit(self.sell(self.desk, self.lamp), 2)
        # A credit note without an invoice is of no order, and of the customer's all.
        self.invoice_of(self.item(self.chair, 10, 5), move_type="out_refund")
        self.update()
        self.assertEqual(self.pairs(), {("Chair", "Desk"): 1})
        self.assertEqual(self.pairs("customer"), {})
        self.credit(kept, 1)
        self.update()
        self.assertEqual(self.pairs(), {})

    def test_free_goods_were_bought_and_discounts_were_not(self):
        self.invoice_of(
            self.item(self.desk, 100),
            self.item(self.mat, 0),
            self.item(self.lamp, -20),
        )
        # Neither was a line without product, or a service.
        self.invoice_of(
            self.item(self.desk), self.item(None, 5), self.item(self.product)
        )
        self.update()
        self.assertEqual(self.pairs(), {("Desk", "Mat"): 1})
        self.company.pair_with_services = True
        self.update()
        self.assertEqual(self.pairs(), {("Desk", "Mat"): 1, ("Desk", "Machine"): 1})

    def test_a_combo_is_what_is_in_it(self):
        combo = self.env["product.combo"].create(
            {
                "name": "Seats",
                "combo_item_ids": [Command.create({"product_id": self.chair.id})],
            }
        )
        office = self.env["product.product"].create(
            {"name": "Office", "type": "combo", "combo_ids": [Command.set(combo.ids)]}
        )
        self.sell(office, self.desk, self.chair)
        self.update()
        self.assertEqual(self.pairs(), {("Chair", "Desk"): 1})

    def test_a_combo_on_an_order_and_its_invoice(self):
        """The heading has no price; of the things in it, one may have none either."""
        combos = self.env["product.combo"].create(
            [
                {"name": name, "combo_item_ids": [Command.create({"product_id": item})]}
                for name, item in (("Seat", self.chair.id), ("Light", self.lamp.id))
            ]
        )
        office = self.env["product.product"].create(
            {
                "name": "Office",
                "type": "combo",
                "list_price": 30,
                "combo_ids": [Command.set(combos.ids)],
            }
        )
        order = self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "order_line": [
                    Command.create({"product_id": product.id})
                    for product in (office, self.desk)
                ],
            }
        )
        self.env["sale.order.line"].create(
            [
                {
                    "order_id": order.id,
                    "product_id": combo.combo_item_ids.product_id.id,
                    "linked_line_id": order.order_line[0].id,
                    "combo_item_id": combo.combo_item_ids.id,
                }
                for combo in combos
            ]
        )
        chair, lamp = order.order_line[2:]
        chair.price_unit, lamp.price_unit = 30, 0
        self.assertEqual(order.order_line[0].price_subtotal, 0)
        order.action_confirm()
        self.sell(self.desk)
        together = {("Chair", "Desk"): 1, ("Chair", "Lamp"): 1, ("Desk", "Lamp"): 1}
        self.company.rfm_source = "sale"
        self.update()
        self.assertEqual(self.pairs(), together)
        order._create_invoices().action_post()
        self.company.rfm_source = "invoice"
        run = self.update()
        self.assertEqual(self.pairs(), together)
        self.assertEqual(self.pairs("customer"), together)
        self.assertEqual(run.order_count, 2)
        pairs = self.env["crm.product.pair"].search(
            [("company_id", "=", self.company.id), ("unit", "=", "order")]
        )
        figures = {
            tuple(sorted((pair.name_a, pair.name_b))): (pair.support, pair.lift)
            for pair in pairs
        }
        # Of two invoices both have the desk, one the others.
        self.assertEqual(figures["Chair", "Lamp"], (0.5, 2))
        self.assertEqual(figures["Chair", "Desk"], (0.5, 1))

    def test_discount_and_deposit_products_are_left_out(self):
        self.company.pair_with_services = True
        self.company.sale_discount_product_id = self.product
        self.sell(self.desk, self.product)
        self.update()
        self.assertEqual(self.pairs(), {})

    def test_a_deposit_of_an_order_is_left_out(self):
        """By Odoo's wizard, with the product that it books deposits with, if it has one."""
        self.company.pair_with_services = True
        order = self.order_of(self.item(self.desk, 100), self.item(self.chair, 60))
        deposit = self.bill(order, 3, percent=50)
        booked = order.order_line.filtered("is_downpayment")
        self.assertTrue(booked.filtered(lambda line: not line.display_type))
        self.assertEqual(deposit.amount_untaxed, 80)
        # Nothing but the deposit was bought so far.
        run = self.update()
        self.assertEqual((run.pair_count, run.customer_count), (0, 0))
        final = self.bill(order, 2)
        self.assertEqual(final.amount_untaxed, 80)
        for source in ("invoice", "sale"):
            self.company.rfm_source = source
            run = self.update()
            self.assertEqual(self.pairs(), {("Chair", "Desk"): 1}, source)
            self.assertEqual(self.pairs("customer"), {("Chair", "Desk"): 1}, source)
            self.assertEqual(run.order_count, 1, source)

    def test_a_deposit_with_a_product_is_left_out(self):
        """As Odoo booked deposits up to version 17, and as migrated orders have them."""
        self.company.pair_with_services = True
        order = self.order_of(self.item(self.desk, 100), self.item(self.chair, 60))
        self.bill(order, 3, percent=50)
        booked = order.order_line.filtered(
            lambda line: line.is_downpayment and not line.display_type
        )
        deposit = self.env["product.product"].create(
            {"name": "Deposit", "type": "service"}
        )
        self.env.flush_all()
        for table, lines in (
            ("sale_order_line", booked),
            ("account_move_line", booked.invoice_lines),
        ):
            self.assertTrue(lines)
            self.env.cr.execute(
                SQL(
                    "UPDATE %s SET product_id = %s WHERE id = ANY(%s)",
                    SQL.identifier(table),
                    deposit.id,
                    lines.ids,
                )
            )
        self.env.invalidate_all()
        self.assertEqual(self.update().customer_count, 0)
        self.bill(order, 2)
        self.update()
        self.assertEqual(self.pairs(), {("Chair", "Desk"): 1})

    def test_orders_where_the_company_counts_those(self):
        self.company.rfm_source = "sale"
        order = self.order_of(self.item(self.desk), self.item(self.chair))
        self.order_of(self.item(self.desk), self.item(self.lamp))
        order.order_line[1].product_uom_qty = 0
        self.bill(order, 3, percent=50)
        self.update()
        self.assertEqual(self.pairs(), {("Desk", "Lamp"): 1})
        self.assertEqual(self.pairs("customer"), {("Desk", "Lamp"): 1})

    def test_only_the_period_counts(self):
        self.sell(self.desk, self.chair, days_ago=400)
        self.sell(self.desk, self.lamp, days_ago=300)
        self.update()
        self.assertEqual(self.pairs(), {("Desk", "Lamp"): 1})
        self.company.pair_months = 24
        self.update()
        self.assertEqual(self.pairs(), {("Desk", "Lamp"): 1, ("Chair", "Desk"): 1})

    def test_levels(self):
        attribute = self.env["product.attribute"].create(
            {
                "name": "Wood",
                "value_ids": [
                    Command.create({"name": name}) for name in ("Oak", "Ash")
                ],
            }
        )
        table = self.env["product.template"].create(
            {
                "name": "Table",
                "type": "consu",
                "categ_id": self.tea.id,
                "attribute_line_ids": [
                    Command.create(
                        {
                            "attribute_id": attribute.id,
                            "value_ids": [Command.set(attribute.value_ids.ids)],
                        }
                    )
                ],
            }
        )
        oak, ash = table.product_variant_ids
        self.chair.categ_id = self.coffee
        # Of no category.
        self.lamp.categ_id = False
        self.sell(oak, ash, self.chair, self.lamp)
        self.update()
        by_product = {("Chair", "Table"): 1, ("Lamp", "Table"): 1, ("Chair", "Lamp"): 1}
        self.assertEqual(self.pairs(), by_product)
        self.company.pair_level = "variant"
        self.update()
        found = self.env["crm.product.pair"].search(
            [("company_id", "=", self.company.id), ("unit", "=", "order")]
        )
        self.assertEqual(len(found), 6)
        both = found.filtered(
            lambda pair: pair.variant_a_id + pair.variant_b_id == oak + ash
        )
        self.assertEqual((both.product_a_id, both.product_b_id), (table, table))
        self.company.pair_level = "category"
        self.update()
        self.assertEqual(self.pairs(), {("Coffee", "Tea"): 1})
        pair = self.env["crm.product.pair"].search(
            [("company_id", "=", self.company.id), ("unit", "=", "order")]
        )
        self.assertFalse(pair.product_a_id)
        self.company.pair_level = "template"
        self.update()
        self.assertEqual(self.pairs(), by_product)

    def test_a_second_update_writes_what_changed(self):
        self.sell(self.desk, self.chair)
        self.sell(self.desk, self.lamp)
        first = self.update()
        before = self.env["crm.product.pair"].search(
            [("company_id", "=", self.company.id)]
        )
        self.update()
        again = self.env["crm.product.pair"].search(
            [("company_id", "=", self.company.id)]
        )
        self.assertEqual(again, before)
        self.assertEqual(again.run_id, first)
        self.sell(self.desk, self.chair)
        second = self.update()
        orders = again.filtered(lambda pair: pair.unit == "order")
        self.assertEqual(orders.run_id, second)
        customers = again.filtered(lambda pair: pair.unit == "customer")
        self.assertEqual(customers.run_id, first)

    def test_deleted_and_archived_products(self):
        self.sell(self.desk, self.chair)
        self.update()
        self.chair.action_archive()
        self.update()
        self.assertEqual(self.pairs(), {("Chair", "Desk"): 1})
        # Odoo keeps a product that was sold; one that goes takes its pairs along.
        self.env["account.move.line"].search(
            [("product_id", "=", self.chair.id)]
        ).product_id = self.mat
        self.chair.product_tmpl_id.unlink()
        self.assertEqual(self.pairs(), {})
        self.update()
        self.assertEqual(self.pairs(), {("Desk", "Mat"): 1})

    def test_nothing_bought(self):
        run = self.update()
        self.assertEqual((run.order_count, run.pair_count, run.state), (0, 0, "done"))
        self.assertIn("0 pairs", run._describe())

"""Products of customers: how often, how much, when again, of all that documents can be."""

import random
from datetime import timedelta

from odoo import Command, fields
from odoo.tests import tagged

from ...analytics.insight.replenishment import Line, habit
from .common import LinesCommon


class CustomerProductCommon(LinesCommon):
    def update(self):
        self.env.flush_all()
        return self.env["crm.insight.run"]._run_now(self.company)

    def found(self, product=None, partner=None, company=None):
        return self.env["crm.customer.product"].search(
            [
                ("company_id", "=", (company or self.company).id),
                ("partner_id", "=", (partner or self.customer).id),
                (
                    "product_tmpl_id",
                    "=",
                    (product or self.green).product_tmpl_id.id,
                ),
            ]
        )

    def buy(self, *days_ago, product=None, quantity=1, price=10.0, **values):
        """Invoices of one line each."""
        return [
            self.invoice_of(
                self.item(product or self.green, price, quantity),
                days_ago=days,
                **values,
            )
            for days in days_ago
        ]


@tagged("post_install", "-at_install")
class TestCustomerProduct(CustomerProductCommon):
    def test_a_rhythm_is_the_median_of_the_gaps(self):
        for days, quantity in ((100, 1), (70, 5), (40, 2), (3, 2)):
            self.buy(days, quantity=quantity)
        self.update()
        row = self.found()
        self.assertEqual(row.purchase_days, 4)
        self.assertEqual(row.quantity, 10)
        self.assertEqual(row.amount, 100)
        self.assertEqual(row.first_date, self.ago(100))
        self.assertEqual(row.last_date, self.ago(3))
        # Gaps of 30, 30 and 37 days.
        self.assertEqual(row.interval_days, 30)
        self.assertEqual(row.usual_quantity, 2)
        self.assertEqual(row.due_date, self.ago(3) + timedelta(days=30))
        self.assertEqual(row.product_id, self.green)
        self.assertEqual(row.categ_id, self.tea)

    def test_half_a_day_is_a_whole_one(self):
        # Gaps of 10 and 11 days.
        self.buy(21, 11, 0)
        self.update()
        self.assertEqual(self.found().interval_days, 10.5)
        self.assertEqual(self.found().due_date, self.today + timedelta(days=11))

    def test_two_purchases_are_no_rhythm(self):
        self.buy(20, 10)
        self.update()
        self.assertFalse(self.found().interval_days)
        self.assertFalse(self.found().due_date)
        self.assertEqual(self.found().usual_quantity, 1)

    def test_the_same_product_twice_a_day_is_one_day(self):
        self.invoice_of(
            self.item(self.green, 10, 2), self.item(self.green, 8, 3), days_ago=9
        )
        self.buy(9, quantity=4)
        self.update()
        self.assertEqual(self.found().purchase_days, 1)
        self.assertEqual(self.found().usual_quantity, 9)

    def test_what_was_taken_back_was_not_bought(self):
        kept, back, part = self.buy(30, 20, 10, quantity=4)
        self.credit(back, 1)
        refund = part._reverse_moves([{"invoice_date": self.ago(1)}])
        refund.invoice_line_ids[0].quantity = 1
        refund.action_post()
        self.update()
        row = self.found()
        self.assertEqual(row.purchase_days, 2)
        self.assertEqual(row.quantity, 7)
        self.assertEqual(row.last_date, self.ago(10))
        self.credit(kept, 0)
        self.credit(part, 0)
        self.update()
        self.assertFalse(self.found())

    def test_a_credit_note_without_invoice_lowers_the_sums(self):
        self.buy(30, 20, 10, quantity=4)
        self.invoice_of(
            self.item(self.green, 10, 3), days_ago=5, move_type="out_refund"
        )
        self.update()
        row = self.found()
        self.assertEqual((row.purchase_days, row.quantity), (3, 9))
        self.assertEqual((row.amount, row.last_date), (90, self.ago(10)))

    def test_free_goods_and_negative_lines(self):
        self.buy(30, quantity=2)
        # Free with a purchase, free alone, and a line that takes off.
        self.invoice_of(
            self.item(self.green, 10, 2), self.item(self.green, 0, 1), days_ago=20
        )
        self.buy(15, price=0)
        self.invoice_of(
            self.item(self.green, 10, 5), self.item(self.green, -10, 1), days_ago=10
        )
        self.update()
        row = self.found()
        self.assertEqual(row.purchase_days, 3)
        self.assertEqual(row.quantity, 2 + 3 + 1 + 6)
        self.assertEqual(row.amount, 20 + 20 + 40)
        self.assertEqual(row.interval_days, 10)

    def test_an_allowance_takes_back_no_purchase(self):
        """A credit note over some money for all pieces leaves what was bought."""
        [move] = self.buy(10, quantity=5, price=20)
        refund = move._reverse_moves([{"invoice_date": self.ago(1)}])
        refund.invoice_line_ids[0].price_unit = 2
        refund.action_post()
        self.update()
        self.assertEqual(self.found().purchase_days, 1)
        self.assertEqual(self.found().amount, 90)
        self.assertEqual(self.found().usual_quantity, 5)

    def test_units_are_those_of_the_product(self):
        for days in (30, 20, 10):
            self.invoice_of(
                self.item(self.green, 100, 2, product_uom_id=self.dozen.id),
                days_ago=days,
            )
        self.update()
        self.assertEqual(self.found().usual_quantity, 24)
        self.assertEqual(self.found().quantity, 72)

    def test_the_unit_of_a_product_can_change(self):
        self.buy(10, quantity=12)
        self.update()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE product_template SET uom_id = %s WHERE id = %s",
            [self.dozen.id, self.green.product_tmpl_id.id],
        )
        self.env.invalidate_all()
        self.update()
        self.assertEqual(self.found().quantity, 1)

    def test_cost_and_category_do_not_matter(self):
        bare = self.env["product.product"].create(
            {"name": "Bare", "categ_id": False, "standard_price": 0}
        )
        self.buy(30, 20, 10, product=bare)
        self.update()
        self.assertFalse(self.found(bare).categ_id)
        self.assertEqual(self.found(bare).interval_days, 10)

    def test_products_archived_or_deleted(self):
        gone = self.env["product.product"].create({"name": "Gone"})
        self.buy(30, 20, 10)
        self.update()
        self.green.product_tmpl_id.action_archive()
        self.update()
        self.assertEqual(self.found().purchase_days, 3)
        row = self.found()
        self.env.cr.execute(
            "UPDATE crm_customer_product SET product_tmpl_id = %s, product_id = %s"
            " WHERE id = %s",
            [gone.product_tmpl_id.id, gone.id, row.id],
        )
        self.env.invalidate_all()
        gone.product_tmpl_id.unlink()
        self.assertFalse(row.exists())
        self.update()
        self.assertEqual(self.found().purchase_days, 3)

    def test_combos_count_by_what_is_in_them(self):
        combo = self.env["product.combo"].create(
            {
                "name": "Hot",
                "combo_item_ids": [
                    Command.create({"product_id": self.green.id}),
                    Command.create({"product_id": self.black.id}),
                ],
            }
        )
        meal = self.env["product.product"].create(
            {
                "name": "Meal",
                "type": "combo",
                "combo_ids": [Command.set(combo.ids)],
                "list_price": 12,
            }
        )
        self.company.rfm_source = "sale"
        order = self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "order_line": [Command.create({"product_id": meal.id})],
            }
        )
        self.env["sale.order.line"].create(
            {
                "order_id": order.id,
                "product_id": self.green.id,
                "linked_line_id": order.order_line.id,
                "combo_item_id": combo.combo_item_ids[0].id,
            }
        )
        order.action_confirm()
        order.date_order = fields.Datetime.now() - timedelta(days=5)
        self.update()
        self.assertFalse(self.found(meal))
        self.assertEqual(self.found().amount, 12)
        self.assertEqual(self.found().purchase_days, 1)

    def test_orders_count_where_the_company_counts_orders(self):
        self.company.rfm_source = "sale"
        for days in (50, 40, 30):
            order = self.order_of(self.item(self.green, 10, 6), days_ago=days)
        # In two parts, and the rest stays ordered.
        for quantity in (2, 3):
            move = order._create_invoices()
            move.invoice_line_ids.quantity = quantity
            move.invoice_date = self.ago(20)
            move.action_post()
        self.update()
        row = self.found()
        self.assertEqual((row.purchase_days, row.quantity), (3, 18))
        self.assertEqual(row.interval_days, 10)

        # The line of another order is deleted.
        other = self.order_of(self.item(self.black), self.item(self.mocha), days_ago=9)
        other.order_line[0].product_uom_qty = 0
        self.update()
        self.assertFalse(self.found(self.black))
        other.with_context(disable_cancel_warning=True).action_cancel()
        other.action_draft()
        other.order_line[0].unlink()
        other.action_confirm()
        self.update()
        self.assertFalse(self.found(self.black))
        self.assertTrue(self.found(self.mocha))

    def test_invoices_in_parts_are_days_of_their_own(self):
        order = self.order_of(self.item(self.green, 10, 6), days_ago=60)
        for quantity, days in ((2, 50), (4, 40)):
            move = order._create_invoices()
            move.invoice_line_ids.quantity = quantity
            move.invoice_date = self.ago(days)
            move.action_post()
        self.update()
        self.assertEqual(self.found().purchase_days, 2)
        self.assertEqual(self.found().quantity, 6)

    def test_variants_are_one_product(self):
        attribute = self.env["product.attribute"].create(
            {
                "name": "Size",
                "value_ids": [Command.create({"name": name}) for name in "SL"],
            }
        )
        shirt = self.env["product.template"].create(
            {
                "name": "Shirt",
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
        small, large = shirt.product_variant_ids
        for variant, days in ((small, 30), (large, 10), (small, 20)):
            self.buy(days, product=variant)
        self.update()
        self.assertEqual(self.found(small).purchase_days, 3)
        self.assertEqual(self.found(small).product_id, large)

    def test_contacts_buy_for_their_company(self):
        self.customer.is_company = True
        person = self.env["res.partner"].create(
            {"name": "Person", "parent_id": self.customer.id}
        )
        self.buy(30, 10)
        self.buy(20, partner_id=person.id)
        self.update()
        self.assertEqual(self.found().purchase_days, 3)
        self.assertFalse(self.found(partner=person))

    def test_merged_customers(self):
        other = self.env["res.partner"].create({"name": "Other"})
        self.buy(30, 10)
        self.buy(20, partner_id=other.id)
        self.buy(5, partner_id=other.id, product=self.mocha)
        self.update()
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (self.customer + other).ids, self.customer
        )
        # At once, before the next update.
        self.assertEqual(self.found().purchase_days, 3)
        self.assertEqual(self.found().interval_days, 10)
        self.assertEqual(self.found(self.mocha).purchase_days, 1)

    def test_two_companies_share_a_product(self):
        other = self.setup_other_company()["company"]
        self.buy(30, 20, 10)
        self.env["account.move"].with_company(other).create(
            {
                "move_type": "out_invoice",
                "partner_id": self.customer.id,
                "invoice_date": self.ago(8),
                "invoice_line_ids": [
                    Command.create(
                        {
                            "product_id": self.green.id,
                            "price_unit": 7,
                            "tax_ids": [Command.clear()],
                        }
                    )
                ],
            }
        ).action_post()
        self.env["crm.insight.run"]._run_now()
        self.assertEqual(self.found().purchase_days, 3)
        self.assertEqual(self.found(company=other).purchase_days, 1)
        self.assertEqual(self.found(company=other).amount, 7)
        # Each company's rows are its own.
        self.update()
        self.assertEqual(self.found(company=other).purchase_days, 1)

    def test_nothing_was_bought(self):
        runs = self.update()
        self.assertEqual(runs.mapped("error"), [False] * len(runs))
        mine = self.env["crm.customer.product"].search(
            [("company_id", "=", self.company.id)]
        )
        self.assertFalse(mine)

    def test_only_differences_are_written(self):
        self.buy(30, 20, 10)
        self.buy(9, product=self.mocha)
        [run] = self.update().filtered(lambda run: run.step == "product")
        self.assertEqual((run.row_count, run.added_count), (2, 2))
        before = self.found().write_date
        [run] = self.update().filtered(lambda run: run.step == "product")
        self.assertEqual(run.added_count + run.changed_count + run.removed_count, 0)
        self.buy(8, product=self.mocha)
        [run] = self.update().filtered(lambda run: run.step == "product")
        self.assertEqual((run.changed_count, run.added_count), (1, 0))
        self.assertEqual(self.found().write_date, before)

    def test_purchases_of_tomorrow_wait(self):
        self.buy(-3)
        self.update()
        self.assertFalse(self.found())

    def test_sql_is_the_arithmetic(self):
        dice = random.Random(6)
        for _number in range(30):
            items = [
                self.item(
                    dice.choice(self.products),
                    dice.choice((0, 3, 7.5)),
                    dice.choice((1, 2, 5, -1)),
                )
                for _line in range(dice.randrange(1, 4))
            ]
            # So that Odoo posts it as what it is.
            items.append(self.item(None, 100))
            move = self.invoice_of(*items, days_ago=dice.randrange(60))
            if dice.random() < 0.2:
                self.credit(move, 0)
        self.update()
        lines = {}
        for line in self.lines(("product_id", "!=", False)):
            lines.setdefault(line.product_tmpl_id, []).append(
                Line(line.date, line.quantity, line.amount)
            )
        found = 0
        for product, of_product in lines.items():
            row, expected = self.found(product.product_variant_id), habit(of_product)
            self.assertEqual(bool(row), bool(expected))
            found += bool(row)
            for name, value in (expected._asdict() if expected else {}).items():
                # Odoo has no empty number.
                self.assertEqual(row[name] or None, value or None, name)
        self.assertTrue(found)

"""Products bought together in odd shops: very large ones, and what changes afterwards."""

import tracemalloc

from odoo import Command
from odoo.tests import tagged
from odoo.tools import SQL
from odoo.tools.sql import table_columns

from .test_product_pair import PairCommon


@tagged("post_install", "-at_install")
class TestProductPairCases(PairCommon):
    def copy_rows(self, table, source, values, rows) -> SQL:
        """A statement that inserts a record once more for each of some rows.

        :param source: its id
        :param dict values: SQL by column, over ``item``
        :param SQL rows: a query for the ids ``item``
        """
        columns = [name for name in table_columns(self.cr, table) if name != "id"]
        return SQL(
            """
            INSERT INTO %(table)s (%(columns)s)
                 SELECT %(values)s FROM %(table)s AS source
             CROSS JOIN (%(rows)s) AS row(item) WHERE source.id = %(source)s
            """,
            table=SQL.identifier(table),
            columns=SQL(", ").join(map(SQL.identifier, columns)),
            values=SQL(", ").join(
                values.get(name, SQL.identifier("source", name)) for name in columns
            ),
            rows=rows,
            source=source,
        )

    def make_products(self, count) -> SQL:
        """As many products as nobody would enter.

        :return: a query for the ids of their variants
        """
        self.env.flush_all()
        shelf, template = self.shelf, self.shelf.product_tmpl_id
        numbers = SQL("SELECT generate_series(1, %s)", count)
        made = self.copy_rows("product_template", template.id, {}, numbers)
        self.cr.execute(
            SQL("CREATE TEMPORARY TABLE made (item int) ON COMMIT DROP"),
        )
        self.cr.execute(
            SQL(
                "WITH made AS (%s RETURNING id) INSERT INTO pg_temp.made TABLE made",
                made,
            )
        )
        item = {"product_tmpl_id": SQL("item")}
        self.cr.execute(
            self.copy_rows("product_product", shelf.id, item, SQL("TABLE pg_temp.made"))
        )
        return SQL(
            "SELECT id FROM product_product"
            " WHERE product_tmpl_id IN (TABLE pg_temp.made) ORDER BY id"
        )

    def sell_many(self, products: SQL, first, number, partner):
        """An invoice of many products: the lines are copies of one.

        :param first: after so many of the products
        """
        move = self.sell(self.desk, partner=partner)
        self.env.flush_all()
        products = SQL("%s LIMIT %s OFFSET %s", products, number - 1, first)
        [line] = move.invoice_line_ids
        self.cr.execute(
            self.copy_rows(
                "account_move_line", line.id, {"product_id": SQL("item")}, products
            )
        )

    def test_100_000_products_and_one_giant_basket(self):

        products = self.make_products(100_000)
        self.sell_many(products, 0, 30_000, self.people[0])
        self.sell_many(products, 0, 101, self.people[1])
        self.sell_many(products, 50_000, 100, self.people[2])
        self.sell(self.desk, self.chair, partner=self.people[3])
        self.env.invalidate_all()
        tracemalloc.start()
        try:
            run = self.update()
            _now, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        for unit in ("order", "customer"):
            self.assertEqual((run[f"{unit}_count"], run[f"{unit}_left_out"]), (2, 2))
            self.assertEqual(run[f"{unit}_pair_count"], 100 * 99 // 2 + 1)
        self.assertIn("4", run._describe())
        # Nothing of them is read into Python.
        self.assertLess(peak, 5 * 2**20)

    def test_a_pack_is_one_product(self):
        # What it is delivered from was not chosen.
        pack = self.env["product.product"].create({"name": "Pack", "type": "consu"})
        self.sell(pack, self.desk)
        self.update()
        self.assertEqual(self.pairs(), {("Desk", "Pack"): 1})

    def test_the_unit_of_a_product_can_change(self):
        self.sell(self.desk, self.chair)
        before = self.update().pair_count
        self.env.cr.execute(
            "UPDATE product_template SET uom_id = %s WHERE id = %s",
            [self.dozen.id, self.desk.product_tmpl_id.id],
        )
        self.env.invalidate_all()
        self.assertEqual(self.update().pair_count, before)
        self.assertEqual(self.pairs(), {("Chair", "Desk"): 1})

    def test_a_product_that_lines_have_lost(self):
        self.sell(self.desk, self.chair)
        self.update()
        # What a database without the foreign key might have left.
        self.env.cr.execute(
            "UPDATE account_move_line SET product_id = NULL WHERE product_id = %s",
            [self.chair.id],
        )
        self.env.invalidate_all()
        self.update()
        self.assertEqual(self.pairs(), {})

    def test_an_order_line_that_was_deleted_afterwards(self):
        self.company.rfm_source = "sale"
        order = self.order_of(self.item(self.desk), self.item(self.chair))
        self.update()
        self.assertEqual(self.pairs(), {("Chair", "Desk"): 1})
        order.order_line[1].product_uom_qty = 0
        self.env.flush_all()
        self.env.cr.execute(
            "DELETE FROM sale_order_line WHERE id = %s", order.order_line[1].ids
        )
        self.env.invalidate_all()
        self.update()
        self.assertEqual(self.pairs(), {})
        self.assertEqual(self.pairs("customer"), {})

    def test_an_order_invoiced_in_parts(self):
        (self.desk + self.chair).invoice_policy = "delivery"
        order = self.order_of(self.item(self.desk, 10, 2), self.item(self.chair, 10, 1))
        desk, chair = order.order_line
        desk.qty_delivered = 1
        self.bill(order, 4)
        # Each invoice for itself where the company counts invoices.
        self.update()
        self.assertEqual(self.pairs(), {})
        desk.qty_delivered, chair.qty_delivered = 2, 1
        self.bill(order, 2)
        self.update()
        self.assertEqual(self.pairs(), {("Chair", "Desk"): 1})
        self.assertEqual(self.pairs("customer"), {("Chair", "Desk"): 1})
        self.company.rfm_source = "sale"
        self.update()
        self.assertEqual(self.pairs(), {("Chair", "Desk"): 1})

    def test_two_companies_with_one_product(self):
        other = self.setup_other_company()["company"]
        other.write({"pair_min_baskets": 1, "pair_min_together": 1})
        self.sell(self.desk, self.chair)
        move = self.env["account.move"].with_company(other)
        move.create(
            {
                "move_type": "out_invoice",
                "partner_id": self.customer.id,
                "invoice_date": self.ago(5),
                "invoice_line_ids": [
                    Command.create({"product_id": product.id, "tax_ids": False})
                    for product in (self.desk, self.lamp)
                ],
            }
        ).action_post()
        self.update()
        self.assertEqual(self.pairs(company=other), {})
        self.update(other)
        for unit in ("order", "customer"):
            self.assertEqual(self.pairs(unit), {("Chair", "Desk"): 1})
            self.assertEqual(self.pairs(unit, other), {("Desk", "Lamp"): 1})

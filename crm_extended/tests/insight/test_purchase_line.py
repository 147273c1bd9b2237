"""One line of a purchase after the other: what it says, and of what it is made."""

from odoo import Command
from odoo.tests import tagged

from .common import LinesCommon


@tagged("post_install", "-at_install")
class TestPurchaseLine(LinesCommon):
    def told(self, *names, lines=None):
        lines = self.lines() if lines is None else lines
        return [tuple(line[name] for name in names) for line in lines]

    def test_empty(self):
        self.assertFalse(self.lines())
        self.assertEqual(
            self.env["crm.customer.purchase.line"]._read_group(
                [("company_id", "=", self.company.id)], [], ["amount:sum", "__count"]
            ),
            [(0, 0)],
        )

    def test_lines_have_what_the_purchase_has(self):
        move = self.invoice_of(
            self.item(self.green, 10, 3), self.item(self.mocha, 7, 2, discount=50)
        )
        [purchase] = self.rows()
        lines = self.lines()
        for name in ("partner_id", "date", "posted_date", "purchase_key", "source"):
            self.assertEqual(
                lines.mapped(name),
                [purchase[name]] * 2 if name != "partner_id" else purchase.partner_id,
            )
        self.assertEqual(
            sorted(self.told("product_id", "quantity", "amount")),
            sorted([(self.green, 3, 30), (self.mocha, 2, 7)]),
        )
        self.assertEqual(
            lines.product_tmpl_id, (self.green + self.mocha).product_tmpl_id
        )
        self.assertEqual(lines.categ_id, self.tea + self.coffee)
        self.assertEqual(lines[0].action_open_document()["res_id"], move.id)

    def test_quantities_are_in_the_unit_of_the_product(self):
        self.invoice_of(self.item(self.green, 120, 2, product_uom_id=self.dozen.id))
        self.assertEqual(self.told("quantity", "amount"), [(24, 240)])
        # The product is counted otherwise now.
        self.company.rfm_source = "sale"
        self.order_of(self.item(self.green, 120, 2, product_uom_id=self.dozen.id))
        self.assertEqual(self.told("quantity", "amount"), [(24, 240)])

    def test_what_was_taken_back_is_negative(self):
        move = self.invoice_of(self.item(self.green, 10, 3), days_ago=9)
        self.credit(move, 2)
        lines = self.lines()
        self.assertEqual(
            self.told("quantity", "amount", "is_refund", "date"),
            [(3, 30, False, self.ago(9)), (-3, -30, True, self.ago(9))],
        )
        self.assertEqual(len(set(lines.mapped("purchase_key"))), 1)
        self.assertEqual(lines[1].posted_date, self.ago(2))

    def test_a_credit_note_of_nothing(self):
        self.invoice_of(self.item(self.green, 10), move_type="out_refund")
        self.assertEqual(
            self.told("quantity", "amount", "is_refund"), [(-1, -10, True)]
        )

    def test_negative_lines_free_goods_sections_and_notes(self):
        self.invoice_of(
            self.item(self.green, 100),
            self.item(None, -15),
            self.item(self.mocha, 0, 2),
            Command.create({"display_type": "line_section", "name": "Section"}),
            Command.create({"display_type": "line_note", "name": "Note"}),
        )
        self.assertEqual(
            sorted(
                self.told("product_id", "quantity", "amount"), key=lambda row: row[2]
            ),
            [
                (self.env["product.product"], 1, -15),
                (self.mocha, 2, 0),
                (self.green, 1, 100),
            ],
        )

    def test_the_same_product_twice_is_two_lines(self):
        self.invoice_of(self.item(self.green, 10), self.item(self.green, 12))
        self.assertEqual(
            self.told("product_id", "amount"), [(self.green, 10), (self.green, 12)]
        )

    def test_a_cash_rounding_is_added_to_the_largest_line(self):
        self.invoice_of(
            self.item(self.green, 1.01),
            self.item(self.mocha, 5.01),
            invoice_cash_rounding_id=self.rounding.id,
        )
        [purchase] = self.rows()
        self.assertEqual(purchase.amount, 6)
        self.assertEqual(
            self.told("product_id", "amount"), [(self.green, 1.01), (self.mocha, 4.99)]
        )

    def test_an_invoice_of_nothing_but_a_cash_rounding(self):
        self.invoice_of(self.item(self.green, 5.01), days_ago=8)
        move = self.invoice_of(
            self.item(self.mocha, 1.02), invoice_cash_rounding_id=self.rounding.id
        )
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE account_move_line SET display_type = 'cogs'"
            " WHERE move_id = %s AND display_type = 'product'",
            [move.id],
        )
        self.env.cr.execute(
            "UPDATE account_move SET amount_untaxed_signed = -0.02 WHERE id = %s",
            [move.id],
        )
        self.env.invalidate_all()
        self.assertEqual(
            self.told("product_id", "amount"),
            [(self.green, 5.01), (self.env["product.product"], -0.02)],
        )
        self.assertAgree()

    def test_foreign_currency_at_the_rate_of_the_document(self):
        self.invoice_of(
            *(self.item(self.green, 1) for _number in range(3)),
            currency_id=self.foreign.id,
        )
        self.assertAgree()
        # 1 / 0.9137 = 1.0945 each; Odoo itself gives what is left to the first.
        self.assertEqual(self.told("amount"), [(1.1,), (1.09,), (1.09,)])

    def test_what_rounding_leaves_goes_to_the_largest_line_of_an_order(self):
        self.company.rfm_source = "sale"
        self.order_of(
            self.item(self.mocha, 1),
            self.item(self.green, 1.01),
            self.item(self.mocha, 1),
            pricelist_id=self.abroad.id,
        )
        [purchase] = self.rows()
        self.assertEqual(purchase.amount, 3.29)
        # 1 / 0.9137 = 1.0945, 1.01 / 0.9137 = 1.1054: one cent is missing.
        self.assertEqual(self.told("amount"), [(1.09,), (1.11,), (1.09,)])

    def test_an_order_without_lines_is_a_line_without_product(self):
        self.company.rfm_source = "sale"
        order = self.order_of(self.item(self.green, 10))
        self.env.flush_all()
        self.env.cr.execute(
            "DELETE FROM sale_order_line WHERE order_id = %s", [order.id]
        )
        self.env.invalidate_all()
        self.assertEqual(
            self.told("product_id", "amount"), [(self.env["product.product"], 10)]
        )

    def test_an_order_line_that_was_deleted(self):
        self.company.rfm_source = "sale"
        order = self.order_of(self.item(self.green, 10), self.item(self.mocha, 20))
        order.order_line[1].product_uom_qty = 0
        order.order_line[1].with_context(force_delete=True).write({"price_unit": 0})
        self.assertAgree()
        self.assertEqual(sum(self.lines().mapped("amount")), 10)

    def test_imported_history_is_one_line_without_product(self):
        self.env["crm.purchase.history"].create(
            {
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "date": self.ago(300),
                "amount": 50,
                "reference": "OLD-7",
            }
        )
        self.assertEqual(
            self.told("product_id", "quantity", "amount", "source", "reference"),
            [(self.env["product.product"], 0, 50, "history", "OLD-7")],
        )

    def test_products_archived_uncategorized_and_deleted(self):
        product = self.env["product.product"].create({"name": "Gone", "taxes_id": []})
        product.categ_id = False
        self.invoice_of(self.item(product, 10), self.item(self.green, 5))
        product.active = False
        lines = self.lines()
        self.assertEqual(lines[0].product_id, product)
        self.assertFalse(lines[0].categ_id)
        self.assertEqual(
            self.lines(("product_tmpl_id", "=", product.product_tmpl_id.id)), lines[0]
        )
        grouped = self.env["crm.customer.purchase.line"]._read_group(
            [("partner_id", "=", self.customer.id)], ["categ_id"], ["amount:sum"]
        )
        self.assertIn((self.env["product.category"], 10), grouped)
        # What a database without the foreign key might have left.
        self.env.cr.execute(
            "UPDATE account_move_line SET product_id = NULL WHERE product_id = %s",
            [product.id],
        )
        self.assertEqual(
            self.told("product_id", "amount")[0], (self.env["product.product"], 10)
        )

    # -- Deposits, parts, credit notes of orders

    def test_a_deposit_and_the_final_invoice(self):
        order = self.order_of(self.item(self.green, 100), self.item(self.mocha, 50))
        self.bill(order, 4, percent=30)
        self.assertAgree()
        self.bill(order, 2)
        self.assertAgree()
        lines = self.lines()
        by_product = {
            product: sum(line.amount for line in lines if line.product_id == product)
            for product in lines.product_id
        }
        self.assertEqual(by_product[self.green], 100)
        self.assertEqual(by_product[self.mocha], 50)
        self.assertEqual(sum(lines.mapped("amount")), 150)
        self.company.rfm_source = "sale"
        self.assertEqual(
            self.told("product_id", "amount"), [(self.green, 100), (self.mocha, 50)]
        )

    def test_an_order_invoiced_twice_in_part(self):
        order = self.order_of(self.item(self.green, 10, 4))
        self.green.invoice_policy = "delivery"
        order.order_line.qty_delivered = 1
        self.bill(order, 4)
        order.order_line.qty_delivered = 4
        self.bill(order, 2)
        self.assertEqual(self.told("quantity", "amount"), [(1, 10), (3, 30)])

    def test_a_credit_note_lowers_the_lines_of_its_order(self):
        self.company.rfm_source = "sale"
        order = self.order_of(self.item(self.green, 100, 2), self.item(self.mocha, 50))
        move = self.bill(order, 4)
        back = move._reverse_moves([{"invoice_date": self.ago(2)}])
        back.invoice_line_ids.filtered(
            lambda line: line.product_id == self.mocha
        ).unlink()
        back.invoice_line_ids.quantity = 1
        back.action_post()
        self.assertAgree()
        lines = self.lines()
        self.assertEqual(
            self.told("product_id", "quantity", "amount", "is_refund", lines=lines),
            [
                (self.green, 2, 200, False),
                (self.mocha, 1, 50, False),
                (self.green, -1, -100, True),
            ],
        )
        self.assertEqual(lines[2].date, lines[0].date)
        self.assertEqual(lines[2].res_id, back.id)

    def test_a_credit_note_of_more_than_counts_takes_back_in_proportion(self):
        """More was invoiced than ordered, so less counts as taken back."""
        self.company.rfm_source = "sale"
        order = self.order_of(self.item(self.green, 100))
        move = self.bill(order, 4)
        move.button_draft()
        move.invoice_line_ids.price_unit = 120
        move.action_post()
        self.credit(move, 2, amount=60)
        self.assertAgree()
        self.assertEqual(self.told("amount"), [(100,), (-40,)])

    def test_a_combo_is_its_products(self):
        combo = self.env["product.combo"].create(
            {
                "name": "Any",
                "combo_item_ids": [Command.create({"product_id": self.green.id})],
            }
        )
        menu = self.env["product.product"].create(
            {
                "name": "Menu",
                "type": "combo",
                "list_price": 25,
                "combo_ids": [Command.link(combo.id)],
                "taxes_id": [Command.clear()],
            }
        )
        self.company.rfm_source = "sale"
        order = self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "order_line": [Command.create({"product_id": menu.id})],
            }
        )
        order.order_line = [
            Command.create(
                {
                    "product_id": self.green.id,
                    "linked_line_id": order.order_line.id,
                    "combo_item_id": combo.combo_item_ids.id,
                    "tax_ids": [Command.clear()],
                }
            )
        ]
        order.action_confirm()
        self.assertAgree()
        self.assertEqual(sum(self.lines().mapped("amount")), order.amount_untaxed)
        self.assertGreater(order.amount_untaxed, 0)

    # -- Dimensions

    def test_channel_and_place(self):
        utm = {
            "medium_id": self.env["utm.medium"].create({"name": "Letter"}).id,
            "source_id": self.env["utm.source"].create({"name": "Fair"}).id,
            "campaign_id": self.env["utm.campaign"].create({"title": "Spring"}).id,
        }
        team = self.env["crm.team"].create({"name": "North"})
        self.customer.country_id = self.env.ref("base.us")
        self.customer.state_id = self.env.ref("base.state_us_5")
        self.invoice_of(self.item(self.green), team_id=team.id, **utm)
        self.company.rfm_source = "invoice"
        for make in (None, self.order_of):
            if make:
                self.company.rfm_source = "sale"
                make(self.item(self.green), team_id=team.id, **utm)
            [line] = self.lines()
            for name, value in {**utm, "team_id": team.id}.items():
                self.assertEqual(line[name].id, value, name)
            self.assertEqual(line.user_id, self.env.user)
            self.assertEqual(line.country_id, self.customer.country_id)
            self.assertEqual(line.state_id, self.customer.state_id)

    def test_by_segment_and_tier_of_today(self):
        tier = self.env["crm.loyalty.tier"].create(
            {"name": "Only", "sequence": 1, "company_id": self.company.id}
        )
        self.env["crm.loyalty.membership"].search(
            [("company_id", "=", self.company.id)]
        ).unlink()
        self.invoice_of(self.item(self.green, 10))
        self.env["crm.rfm.score"]._refresh(self.company)
        self.env["crm.loyalty.membership"]._assess(self.company)
        membership = self.env["crm.loyalty.membership"].search(
            [
                ("company_id", "=", self.company.id),
                ("partner_id", "=", self.customer.id),
            ]
        )
        score = self.env["crm.rfm.score"].search(
            [
                ("company_id", "=", self.company.id),
                ("partner_id", "=", self.customer.id),
            ]
        )
        self.assertTrue(score.segment_id and membership.tier_id and tier)
        Line = self.env["crm.customer.purchase.line"]
        found = Line._read_group(
            [("partner_id", "=", self.customer.id)],
            ["rfm_segment_id", "loyalty_tier_id"],
            ["amount:sum"],
        )
        self.assertEqual(found, [(score.segment_id, membership.tier_id, 10)])
        [line] = self.lines(
            ("rfm_segment_id", "=", score.segment_id.id),
            ("loyalty_tier_id", "=", membership.tier_id.id),
        )
        self.assertEqual(line.rfm_segment_id, score.segment_id)
        self.assertEqual(line.loyalty_tier_id, membership.tier_id)

    # -- Customers

    def test_a_contact_who_left_takes_nothing_along(self):
        former, later = self.env["res.partner"].create(
            [{"name": name, "is_company": True} for name in ("Former", "Later")]
        )
        contact = self.env["res.partner"].create(
            {"name": "Contact", "parent_id": former.id}
        )
        self.company.rfm_source = "sale"
        self.order_of(self.item(self.green, 10), partner_id=contact.id, days_ago=9)
        contact.parent_id = later
        self.assertEqual(len(self.lines(partner=former)), 1)
        self.assertFalse(self.lines(partner=later))
        self.assertAgree()

    def test_changes_are_seen_at_once(self):
        move = self.invoice_of(self.item(self.green, 10))
        [line] = self.env["crm.customer.purchase.line"].search(
            [("partner_id", "=", self.customer.id)]
        )
        self.assertEqual(line.categ_id, self.tea)
        self.green.categ_id = self.coffee
        found = self.env["crm.customer.purchase.line"].search(
            [("partner_id", "=", self.customer.id), ("categ_id", "=", self.coffee.id)]
        )
        self.assertEqual(found, line)
        move.button_draft()
        self.assertFalse(
            self.env["crm.customer.purchase.line"].search(
                [("partner_id", "=", self.customer.id)]
            )
        )

    def test_one_giant_invoice(self):
        self.invoice_of(*(self.item(self.green, 0.01) for _number in range(300)))
        self.assertEqual(len(self.lines()), 300)
        self.assertAgree()

"""What was taken back: credit notes, deposits, and days of the past as they were."""

from datetime import timedelta

from odoo import Command, fields
from odoo.tests import tagged

from odoo.addons.account.tests.common import AccountTestInvoicingCommon


class TakenBackCommon(AccountTestInvoicingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.group_ids += cls.env.ref("sales_team.group_sale_manager")
        cls.company = cls.company_data["company"]
        cls.company.rfm_window_months = 12
        cls.today = fields.Date.context_today(cls.env.user)
        cls.customer = cls.env["res.partner"].create({"name": "Buyer"})
        cls.product = cls.env["product.product"].create(
            {
                "name": "Machine",
                "type": "service",
                "invoice_policy": "order",
                "taxes_id": [Command.clear()],
            }
        )

    def ago(self, days):
        return self.today - timedelta(days=days)

    def invoice(
        self, amount, days_ago, partner=None, move_type="out_invoice", **values
    ):
        move = self.env["account.move"].create(
            {
                "move_type": move_type,
                "partner_id": (partner or self.customer).id,
                "invoice_date": self.ago(days_ago),
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "x",
                            "price_unit": amount,
                            "tax_ids": [Command.clear()],
                        }
                    )
                ],
                **values,
            }
        )
        move.action_post()
        return move

    def credit(self, move, days_ago, amount=None):
        """Reverse a document, in part where an amount is given."""
        values = [{"date": self.ago(days_ago), "invoice_date": self.ago(days_ago)}]
        if amount is None:
            return move._reverse_moves(values, cancel=True)
        back = move._reverse_moves(values)
        back.invoice_line_ids[0].price_unit = amount
        back.action_post()
        return back

    def reconcile(self, *moves):
        lines = self.env["account.move.line"]
        for move in moves:
            lines += move.line_ids.filtered(
                lambda line: line.account_type == "asset_receivable"
            )
        lines.reconcile()

    def order(self, amount, days_ago=0, partner=None):
        order = self.env["sale.order"].create(
            {
                "partner_id": (partner or self.customer).id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": self.product.id,
                            "price_unit": amount,
                            "tax_ids": [Command.clear()],
                        }
                    )
                ],
            }
        )
        order.action_confirm()
        order.date_order = fields.Datetime.now() - timedelta(days=days_ago)
        return order

    def bill(self, order, days_ago, percent=None):
        """Invoice an order, or a deposit of so many per cent."""
        Wizard = self.env["sale.advance.payment.inv"].with_context(
            active_model="sale.order", active_ids=order.ids
        )
        values = {"advance_payment_method": "delivered"}
        if percent:
            values = {"advance_payment_method": "percentage", "amount": percent}
        before = order.invoice_ids
        Wizard.create(
            {**values, "sale_order_ids": [Command.set(order.ids)]}
        ).create_invoices()
        move = order.invoice_ids - before
        move.invoice_date = self.ago(days_ago)
        move.action_post()
        return move

    def rows(self, partner=None):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.env["crm.customer.transaction"].search(
            [
                ("company_id", "=", self.company.id),
                ("partner_id", "=", (partner or self.customer).id),
            ],
            order="posted_date, res_id",
        )

    def score(self, days_ago=0, partner=None):
        """What a refresh finds on that day: frequency, amount, days since the first and
        the last purchase; nothing where nothing was bought."""
        self.env["crm.rfm.score"]._refresh(self.company, as_of=self.ago(days_ago))
        return self.found(partner)

    def found(self, partner=None):
        """What the last refresh found."""
        score = self.env["crm.rfm.score"].search(
            [
                ("partner_id", "=", (partner or self.customer).id),
                ("company_id", "=", self.company.id),
            ]
        )
        return (
            (
                score.frequency,
                score.revenue,
                (self.today - score.first_date).days,
                (self.today - score.last_date).days,
            )
            if score
            else None
        )


@tagged("post_install", "-at_install")
class TestTakenBack(TakenBackCommon):
    def test_what_was_taken_back_in_full_was_not_bought_on_a_day(self):
        transactions = self.env["crm.customer.transaction"]
        nothing = self.env["product.template"], self.env["product.category"]
        partners = self.env["res.partner"].create(
            [{"name": name} for name in ("Kept", "Gave Part Back", "Gave All Back")]
        )
        moves = [self.invoice(100, 10, partner) for partner in partners]
        self.credit(moves[1], 4, amount=40)
        self.credit(moves[2], 4)
        query = transactions._bought_between(
            self.company, self.ago(10), self.ago(10), *nothing
        )
        self.assertEqual(
            [partner for partner, _day in sorted(self.env.execute_query(query))],
            partners[:2].ids,
        )

    def test_a_credit_note_is_of_the_day_of_its_invoice(self):
        sold = self.invoice(1000, 400)
        back = self.credit(sold, 300)
        self.invoice(900, 100)
        rows = self.rows()
        self.assertEqual(
            [(row.date, row.posted_date, row.amount) for row in rows],
            [
                (self.ago(400), self.ago(400), 1000),
                (self.ago(400), self.ago(300), -1000),
                (self.ago(100), self.ago(100), 900),
            ],
        )
        self.assertEqual(rows[0].purchase_key, rows[1].purchase_key)
        self.assertNotEqual(rows[0].purchase_key, rows[2].purchase_key)
        self.assertEqual(rows[1].res_id, back.id)
        self.assertEqual(self.score(), (1, 900, 100, 100))
        self.env["crm.loyalty.membership"]._assess(self.company)
        figures = self.env["crm.loyalty.assessment"]._get_qualifying_totals(
            self.company, self.customer
        )
        self.assertEqual(figures, (900, 1))

    def test_past_days_stay_as_they_were(self):
        self.credit(self.invoice(1000, 200), 150)
        self.assertEqual(self.score(201), None)
        self.assertEqual(self.score(151), (1, 1000, 200, 200))
        self.assertEqual(self.score(150), None)

    def test_part_of_it(self):
        sold = self.invoice(1000, 50)
        self.credit(sold, 40, amount=300)
        self.assertEqual(self.score(), (1, 700, 50, 50))
        self.credit(sold, 30, amount=700)
        self.assertEqual(self.score(31), (1, 700, 50, 50))
        self.assertEqual(self.score(), None)
        # More than was bought.
        self.credit(sold, 20, amount=50)
        self.invoice(200, 10)
        self.assertEqual(self.score(), (1, 150, 10, 10))

    def test_reversed_and_written_again_is_one_purchase(self):
        self.credit(self.invoice(500, 200), 199)
        self.invoice(500, 199)
        self.assertEqual(self.score(), (1, 500, 199, 199))

    def test_a_reversal_that_is_reversed(self):
        sold = self.invoice(500, 200)
        back = self.credit(sold, 190)
        again = self.credit(back, 180)
        self.assertEqual(again.move_type, "out_invoice")
        self.assertEqual(set(self.rows().mapped("date")), {sold.invoice_date})
        self.assertEqual(len(set(self.rows().mapped("purchase_key"))), 1)
        self.assertEqual(self.score(181), None)
        self.assertEqual(self.score(), (1, 500, 200, 200))
        self.credit(again, 170)
        self.assertEqual(self.score(), None)

    def test_reversals_without_end_lose_nothing(self):
        move = self.invoice(500, 200)
        for days_ago in range(190, 130, -10):
            move = self.credit(move, days_ago)
        self.assertEqual(len(self.rows()), 7)
        self.assertEqual(sum(self.rows().mapped("amount")), 500)
        # Three reversals are followed back. The first four documents are one purchase, of
        # which nothing is left; each of the others counts by itself: two are invoices.
        self.assertEqual(self.score()[:2], (2, 500))

    def test_a_credit_note_reconciled_with_one_invoice(self):
        sold = self.invoice(500, 200)
        back = self.invoice(500, 100, move_type="out_refund")
        self.assertEqual(self.rows()[1].date, back.invoice_date)
        self.assertEqual(self.score()[:2], (1, 0))
        self.reconcile(sold, back)
        self.assertEqual(self.rows()[1].date, sold.invoice_date)
        self.assertEqual(self.rows()[0].purchase_key, self.rows()[1].purchase_key)
        self.assertEqual(self.score(), None)
        self.credit(back, 90)
        self.assertEqual(self.score()[:2], (1, 500))

    def test_a_credit_note_reconciled_with_several_counts_on_its_day(self):
        sold = [self.invoice(300, days_ago) for days_ago in (200, 190)]
        back = self.invoice(500, 100, move_type="out_refund")
        self.reconcile(*sold, back)
        self.assertEqual(self.rows()[2].date, back.invoice_date)
        self.assertEqual(len(set(self.rows().mapped("purchase_key"))), 3)
        self.assertEqual(self.score(), (2, 100, 200, 190))

    def test_a_credit_note_of_a_cancelled_invoice_counts_on_its_day(self):
        sold = self.invoice(500, 200)
        back = self.credit(sold, 100, amount=500)
        sold.button_draft()
        sold.button_cancel()
        self.invoice(700, 50)
        self.assertEqual(self.rows()[0].date, back.invoice_date)
        self.assertEqual(self.score(), (1, 200, 50, 50))

    def test_a_credit_note_in_draft_takes_nothing_back(self):
        sold = self.invoice(500, 200)
        sold._reverse_moves([{"invoice_date": self.ago(100)}])
        self.assertEqual(self.score(), (1, 500, 200, 200))

    def test_another_currency(self):
        currency = self.setup_other_currency("GBP", rates=[("2000-01-01", 2.0)])
        sold = self.invoice(500, 200, currency_id=currency.id)
        self.credit(sold, 190, amount=200)
        self.assertEqual(self.score()[:2], (1, 150))

    def test_two_companies(self):
        other = self.setup_other_company()["company"]
        self.credit(self.invoice(500, 200), 190)
        moves = self.env["account.move"].with_company(other)
        moves.create(
            {
                "move_type": "out_invoice",
                "company_id": other.id,
                "partner_id": self.customer.id,
                "invoice_date": self.ago(200),
                "invoice_line_ids": [
                    Command.create(
                        {"name": "x", "price_unit": 80, "tax_ids": [Command.clear()]}
                    )
                ],
            }
        ).action_post()
        self.assertEqual(self.score(), None)
        self.env["crm.rfm.score"]._refresh(other)
        score = self.env["crm.rfm.score"].search(
            [("partner_id", "=", self.customer.id), ("company_id", "=", other.id)]
        )
        self.assertEqual(score.frequency, 1)

    # -- Deposits

    def test_deposit_and_final_invoice_are_one_purchase(self):
        order = self.order(1000)
        self.bill(order, 30, percent=30)
        self.assertEqual(self.score(), (1, 300, 30, 30))
        self.bill(order, 1)
        self.assertEqual(self.rows().mapped("amount"), [300, 700])
        self.assertEqual(self.rows().mapped("date"), [self.ago(30), self.ago(1)])
        self.assertEqual(len(set(self.rows().mapped("purchase_key"))), 1)
        self.assertEqual(self.score(), (1, 1000, 30, 1))
        self.assertEqual(self.score(2), (1, 300, 30, 30))

    def test_a_deposit_before_the_window(self):
        order = self.order(1000)
        self.bill(order, 400, percent=30)
        final = self.bill(order, 30)
        self.assertEqual(self.score(), (1, 700, 400, 30))
        self.credit(final, 20)
        self.assertEqual(self.score(), (1, 0, 400, 30))

    def test_a_deposit_that_is_credited(self):
        order = self.order(1000)
        deposit = self.bill(order, 30, percent=30)
        self.credit(deposit, 20)
        self.assertEqual(self.score(), None)
        self.bill(order, 10)
        self.assertEqual(self.score()[:2], (1, 1000))

    # -- Where orders count

    def test_orders_less_what_was_credited_of_them(self):
        self.company.rfm_source = "sale"
        order = self.order(800, 60)
        move = self.bill(order, 50)
        self.assertEqual(self.score(), (1, 800, 60, 60))
        back = self.credit(move, 40, amount=300)
        self.assertEqual(self.score(), (1, 500, 60, 60))
        self.assertEqual(self.score(41), (1, 800, 60, 60))
        rows = self.rows()
        self.assertEqual(rows.mapped("amount"), [800, -300])
        self.assertEqual(rows.mapped("date"), [self.ago(60)] * 2)
        self.assertEqual(rows.mapped("posted_date"), [self.ago(60), self.ago(40)])
        self.assertEqual(rows.mapped("source"), ["sale"] * 2)
        self.assertEqual((rows[1].res_model, rows[1].res_id), (back._name, back.id))
        self.assertEqual(len(set(rows.mapped("purchase_key"))), 1)
        self.credit(move, 30, amount=500)
        self.assertEqual(self.score(), None)

    def test_an_order_that_is_invoiced_once_more_counts_in_full(self):
        self.company.rfm_source = "sale"
        order = self.order(800, 60)
        self.credit(self.bill(order, 50), 40)
        self.assertEqual(self.score(), None)
        self.bill(order, 30)
        self.assertEqual(self.score(), (1, 800, 60, 60))
        self.assertEqual(self.score(31), None)

    def test_a_credit_note_that_names_no_order_line(self):
        self.company.rfm_source = "sale"
        order = self.order(800, 60)
        move = self.bill(order, 50)
        back = move._reverse_moves([{"invoice_date": self.ago(40)}])
        back.invoice_line_ids = [
            Command.clear(),
            Command.create(
                {"name": "Goodwill", "price_unit": 100, "tax_ids": [Command.clear()]}
            ),
        ]
        back.action_post()
        self.assertEqual(self.score(), (1, 700, 60, 60))
        manual = self.invoice(50, 30, move_type="out_refund")
        self.assertEqual(self.score()[1], 700)
        self.reconcile(move, manual)
        self.assertEqual(self.score(), (1, 650, 60, 60))

    def test_a_credit_note_of_two_orders(self):
        self.company.rfm_source = "sale"
        orders = self.order(800, 60) + self.order(100, 50)
        move = orders._create_invoices()
        self.assertEqual(len(move), 1)
        move.invoice_date = self.ago(40)
        move.action_post()
        self.credit(move, 30)
        self.assertEqual(sum(self.rows().mapped("amount")), 0)
        self.assertEqual(len(self.rows()), 4)
        self.assertEqual(self.score(), None)

    # -- All of it together

    def test_every_way_of_summing_up_agrees(self):
        """Rows, refresh on any day, and rebuilt history tell the same."""
        customers = self.env["res.partner"].create(
            [{"name": f"Buyer {number}"} for number in range(4)]
        )
        for number, partner in enumerate(customers):
            moves = [
                self.invoice(100 + 10 * turn, 380 - 40 * turn, partner)
                for turn in range(number + 2)
            ]
            self.credit(moves[0], 350, amount=60)
            again = self.credit(self.credit(moves[1], 300), 280)
            if number % 2:
                self.credit(again, 200)
                self.reconcile(moves[0], self.invoice(20, 150, partner, "out_refund"))
            order = self.order(1000, partner=partner)
            self.bill(order, 370, percent=20)
            self.credit(self.bill(order, 90), 10 + number, amount=800 - number)
        rows = {partner: self.rows(partner) for partner in customers}
        for days_ago in (375, 345, 290, 210, 149, 80, 9, 0):
            self.env["crm.rfm.score"]._refresh(self.company, as_of=self.ago(days_ago))
            for partner in customers:
                with self.subTest(days_ago=days_ago, partner=partner.name):
                    self.assertEqual(
                        self.found(partner), self.expected(days_ago, rows[partner])
                    )

    def expected(self, days_ago, rows):
        """The definition, out of the rows of the read model."""
        day = self.ago(days_ago)
        start = fields.Date.subtract(day, months=12)
        rows = rows.filtered(lambda row: row.posted_date <= day and row.date <= day)
        standing = [
            those
            for those in rows.grouped("purchase_key").values()
            if sum(those.mapped("amount")) > 0
        ]
        bought = [[row.date for row in those if row.amount > 0] for those in standing]
        dates = [date for those in bought for date in those]
        if not dates:
            return None
        return (
            sum(any(date > start for date in those) for those in bought),
            sum(row.amount for row in rows if row.date > start),
            (self.today - min(dates)).days,
            (self.today - max(dates)).days,
        )

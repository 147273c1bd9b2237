from odoo import Command
from odoo.tests import tagged

from odoo.addons.crm_extended.tests.timeline.common import TimelineCommon


@tagged("post_install", "-at_install")
class TestTill(TimelineCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cashier = cls.new_user(
            "cashier", "base.group_user,point_of_sale.group_pos_user"
        )
        _bank, cls.journal = cls.env["account.journal"].create(
            [
                {
                    "name": kind,
                    "code": f"TL{kind}"[:5],
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

    def sold(self, partner, days=40, **values):
        return self.env["pos.order"].create(
            {
                "session_id": self.session.id,
                "company_id": self.company_a.id,
                "partner_id": partner.id,
                "date_order": self.ago(days),
                "state": "paid",
                "amount_total": 120,
                "amount_tax": 20,
                "amount_paid": 120,
                "amount_return": 0,
                **values,
            }
        )

    def test_orders_are_purchases_and_entries(self):
        sold = self.sold(self.contact, 3)
        self.sold(self.contact, 2, state="draft")
        taken_back = self.sold(self.contact, 1, amount_total=-60, amount_tax=-10)
        page = self.fetch(self.company, self.cashier, kinds=["pos"])
        self.assertEqual(
            [(entry["id"], entry["amount"]) for entry in page["entries"]],
            [(f"pos-{taken_back.id}", -60), (f"pos-{sold.id}", 120)],
        )
        page = self.fetch(self.company)
        self.assertEqual((page["entries"], page["counts"]), ([], {}))

        domain = [("partner_id", "=", self.company.id), ("source", "=", "pos")]
        transactions = self.as_user(self.manager, "crm.customer.transaction")
        found = transactions.search(domain, order="date")
        self.assertEqual(found.mapped("amount"), [100, -50])
        self.assertEqual(found[0].res_id, sold.id)
        self.refresh()
        self.assertEqual(self.score(self.company).monetary, 50)
        self.company_a.rfm_source = "sale"
        self.assertEqual(transactions.search_count(domain), 2)

    def test_what_is_invoiced_counts_as_its_invoice(self):
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.contact.id,
                "journal_id": self.journal.id,
            }
        )
        self.sold(self.contact, account_move=invoice.id)
        self.env.flush_all()
        domain = [("partner_id", "=", self.company.id), ("source", "=", "pos")]
        transactions = self.as_user(self.manager, "crm.customer.transaction")
        self.assertFalse(transactions.search_count(domain))
        self.company_a.rfm_source = "sale"
        self.env.flush_all()
        self.assertEqual(transactions.search_count(domain), 1)

    def test_a_sales_order_paid_at_the_till_counts_once(self):
        if "sale_order_origin_id" not in self.env["pos.order.line"]._fields:
            self.skipTest("Sales orders cannot be paid at the till here.")
        product = self.env["product.product"].create({"name": "Machine"})
        sale = self.order(self.contact)
        sale.action_confirm()
        line = {
            "product_id": product.id,
            "qty": 1,
            "price_unit": 100,
            "price_subtotal": 100,
            "price_subtotal_incl": 120,
        }
        of_sale = {**line, "sale_order_origin_id": sale.id}
        all_of_it = self.sold(self.contact, 3, lines=[Command.create(of_sale)])
        extra = {**line, "price_subtotal": 20, "price_subtotal_incl": 24}
        with_more = self.sold(
            self.contact,
            2,
            amount_total=144,
            amount_tax=24,
            lines=[Command.create(of_sale), Command.create(extra)],
        )
        transactions = self.as_user(self.manager, "crm.customer.transaction")

        def counted():
            self.env.flush_all()
            self.env.invalidate_all()
            found = transactions.search([("partner_id", "=", self.company.id)])
            return {(row.res_model, row.res_id, row.amount) for row in found}

        till = "pos.order"
        # By invoices: there is none, neither of the sales order nor of the till.
        self.assertEqual(
            counted(), {(till, all_of_it.id, 100), (till, with_more.id, 120)}
        )
        self.company_a.rfm_source = "sale"
        self.assertEqual(
            counted(), {("sale.order", sale.id, 100), (till, with_more.id, 20)}
        )

    def test_who_may_not_read_orders_of_the_till(self):
        sold = self.sold(self.contact, 3, general_customer_note="Gift wrapped")
        found = self.ids(self.contact, self.cashier, search="gift")
        self.assertEqual(found, [f"pos-{sold.id}"])
        other = self.new_user(
            "other_cashier",
            "base.group_user,point_of_sale.group_pos_user",
            self.company_b,
        )
        for user in (self.employee, self.salesman, other):
            page = self.fetch(self.contact, user, search="gift", limit=1)
            self.assertEqual(
                page, {"entries": [], "cursor": False, "counts": {}}, user.login
            )
            authors = self.timeline(user).head("res.partner", self.contact.id)
            self.assertEqual(authors["authors"], [], user.login)
        head = self.timeline(self.employee).head("res.partner", self.contact.id)
        self.assertNotIn("pos", [kind["key"] for kind in head["kinds"]])

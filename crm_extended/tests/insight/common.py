"""A shop with all that documents can be: what its lines have to agree with."""

import random
from datetime import timedelta

from odoo import Command, fields

from ..purchase.test_taken_back import TakenBackCommon


class LinesCommon(TakenBackCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["crm.feature"]._switch(insight=True, loyalty=True)
        cls.random = random.Random(19)
        cls.tea, cls.coffee = cls.env["product.category"].create(
            [{"name": "Tea"}, {"name": "Coffee"}]
        )
        cls.green, cls.black, cls.mocha = cls.env["product.product"].create(
            [
                {
                    "name": name,
                    "type": "consu",
                    "invoice_policy": "order",
                    "categ_id": category.id,
                    "taxes_id": [Command.clear()],
                }
                for name, category in (
                    ("Green", cls.tea),
                    ("Black", cls.tea),
                    ("Mocha", cls.coffee),
                )
            ]
        )
        cls.products = cls.green + cls.black + cls.mocha
        cls.dozen = cls.env.ref("uom.product_uom_dozen")
        cls.rounding = cls.env["account.cash.rounding"].create(
            {
                "name": "Coins",
                "rounding": 0.05,
                "strategy": "add_invoice_line",
                "profit_account_id": cls.company_data["default_account_revenue"].id,
                "loss_account_id": cls.company_data["default_account_expense"].id,
            }
        )
        cls.foreign = cls.setup_other_currency(
            "EUR", rates=[("1990-01-01", 0.9137), ("2016-01-01", 0.9137)]
        )

        cls.abroad = cls.env["product.pricelist"].create(
            {"name": "Abroad", "currency_id": cls.foreign.id}
        )

    def item(self, product=None, price=10.0, quantity=1, **values):
        return Command.create(
            {
                "product_id": product.id if product else False,
                "name": "x",
                "price_unit": price,
                "quantity": quantity,
                "tax_ids": [Command.clear()],
                **values,
            }
        )

    def invoice_of(self, *items, days_ago=5, **values):
        return self.invoice(0, days_ago, invoice_line_ids=list(items), **values)

    def order_of(self, *items, days_ago=5, **values):
        """Items are of invoices; an order calls the quantity and the unit otherwise."""
        lines = []
        for _command, _id, line in items:
            line = dict(line)
            line["product_uom_qty"] = line.pop("quantity")
            lines.append(Command.create(line))
        order = self.env["sale.order"].create(
            {"partner_id": self.customer.id, "order_line": lines, **values}
        )
        order.action_confirm()
        order.date_order = fields.Datetime.now() - timedelta(days=days_ago)
        return order

    def lines(self, *domain, partner=None):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.env["crm.customer.purchase.line"].search(
            [
                ("company_id", "=", self.company.id),
                ("partner_id", "=", (partner or self.customer).id),
                *domain,
            ],
            order="posted_date, id",
        )

    def sums(self, model, by, *domain, company=None):
        """Amounts in cents, so that nothing is lost in floats."""
        self.env.flush_all()
        company = company or self.company
        found = self.env[model]._read_group(
            [("company_id", "=", company.id), *domain], by, ["amount:sum"]
        )
        return {tuple(map(str, keys)): round(total, 2) for *keys, total in found}

    def assertAgree(self, company=None):
        """Lines sum up to the purchases, for each customer, document, day and purchase."""
        for by in (
            ["partner_id"],
            ["res_model", "res_id"],
            ["partner_id", "date:day", "posted_date:day", "purchase_key", "source"],
        ):
            purchases = {
                key: total
                for key, total in self.sums(
                    "crm.customer.transaction", by, company=company
                ).items()
                if total
            }
            lines = {
                key: total
                for key, total in self.sums(
                    "crm.customer.purchase.line", by, company=company
                ).items()
                if total
            }
            self.assertEqual(lines, purchases, by)
            self.assertTrue(purchases)

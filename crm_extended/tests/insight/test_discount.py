"""What was taken off the price of lines, and the rate of a group of them."""

from lxml import etree

from odoo import Command
from odoo.tests import new_test_user, tagged
from odoo.tools.safe_eval import safe_eval

from .common import LinesCommon

MODEL = "crm.customer.purchase.line"


@tagged("post_install", "-at_install")
class TestDiscount(LinesCommon):
    def discounts(self, *domain):
        """Discount and amount before it of each line, lowest revenue first."""
        lines = self.lines(*domain).sorted("amount")
        for line in lines:
            self.assertAlmostEqual(line.list_amount - line.discount, line.amount, 6)
        return [(line.discount, line.list_amount) for line in lines]

    def rate(self, *domain, by=()):
        self.env.flush_all()
        found = self.env[MODEL]._read_group(
            [("company_id", "=", self.company.id), *domain], by, ["discount_rate:avg"]
        )
        return {row[:-1]: row[-1] for row in found}

    def test_a_percentage(self):
        self.invoice_of(
            self.item(self.green, 19.99, 3, discount=15),
            self.item(self.black, 10, discount=0),
            # A raised price is no discount.
            self.item(self.mocha, 10, discount=-20),
        )
        self.assertEqual(self.discounts(), [(0, 10), (0, 12), (9.0, 59.97)])

    def test_rate_of_two_companies_with_two_currencies(self):
        """Their amounts are converted before they are added up."""
        foreign = self.setup_other_currency(
            "CHF", rates=[("1990-01-01", 4), ("2016-01-01", 4)]
        )
        other = self.setup_other_company(currency_id=foreign.id)["company"]
        self.assertEqual(other.currency_id, foreign)
        other.rfm_source = "sale"
        self.invoice_of(self.item(self.green, 100, discount=50))
        order = self.env["sale.order"].with_company(other)
        item = {
            "product_id": self.green.id,
            "price_unit": 400,
            "tax_ids": [Command.clear()],
        }
        order = order.create(
            {
                "partner_id": self.customer.id,
                "company_id": other.id,
                "order_line": [Command.create(item)],
            }
        )
        order.action_confirm()
        self.env.flush_all()
        both = self.company + other
        lines = self.env[MODEL].with_context(allowed_company_ids=both.ids)
        domain = [("partner_id", "=", self.customer.id), ("company_id", "in", both.ids)]
        [[rate]] = lines._read_group(domain, [], ["discount_rate:avg"])
        self.assertAlmostEqual(rate, 50 / 200, 6)

    def test_a_percentage_of_an_order(self):
        self.company.rfm_source = "sale"
        self.order_of(
            self.item(self.green, 19.99, 3, discount=15), self.item(self.mocha, 10)
        )
        self.assertEqual(self.discounts(), [(0, 10), (9.0, 59.97)])

    def test_all_of_the_price(self):
        """Goods given away, in another currency: nothing is left to tell the rate from."""
        for source in ("invoice", "sale"):
            with self.subTest(source):
                self.company.rfm_source = source
                if source == "sale":
                    self.order_of(
                        self.item(self.green, 100),
                        self.item(self.mocha, 9.137, 2, discount=100),
                        pricelist_id=self.abroad.id,
                    )
                else:
                    self.invoice_of(
                        self.item(self.green, 100),
                        self.item(self.mocha, 9.137, 2, discount=100),
                        currency_id=self.foreign.id,
                    )
                found = self.discounts()
                self.assertEqual(found[0], (20, 20))
                self.assertEqual(found[1][0], 0)

    def test_another_currency(self):
        self.invoice_of(
            self.item(self.green, 91.37, discount=10), currency_id=self.foreign.id
        )
        [(discount, before)] = self.discounts()
        self.assertAlmostEqual(before, 100, 1)
        self.assertAlmostEqual(discount, 10, 1)

    def test_a_price_that_includes_taxes(self):
        tax = self.env["account.tax"].create(
            {
                "name": "In the price",
                "amount": 25,
                "price_include_override": "tax_included",
                "company_id": self.company.id,
            }
        )
        item = self.item(self.green, 125, discount=20, tax_ids=[Command.set(tax.ids)])
        self.invoice_of(item)
        self.assertEqual(self.discounts(), [(20, 100)])

    def test_a_line_with_a_negative_price(self):
        self.invoice_of(
            self.item(self.green, 100),
            self.item(None, -15),
            # Goods taken back are no discount.
            self.item(self.mocha, 20, -1),
        )
        self.assertEqual(self.discounts(), [(0, -20), (15, 0), (0, 100)])
        [rate] = self.rate().values()
        self.assertAlmostEqual(rate, 15 / 80)

    def test_the_discount_of_the_order(self):
        order = self.order_of(self.item(self.green, 100), self.item(self.mocha, 50))
        wizard = self.env["sale.order.discount"].create(
            {
                "sale_order_id": order.id,
                "discount_type": "so_discount",
                "discount_percentage": 0.1,
            }
        )
        wizard.action_apply_discount()
        self.company.rfm_source = "sale"
        self.assertEqual(self.discounts(), [(15, 0), (0, 50), (0, 100)])
        self.company.rfm_source = "invoice"
        self.bill(order, 2)
        self.assertEqual(self.discounts(), [(15, 0), (0, 50), (0, 100)])
        self.assertAgree()

    def test_a_deposit_is_no_discount(self):
        order = self.order_of(self.item(self.green, 100, discount=10))
        self.bill(order, 4, percent=30)
        self.bill(order, 2)
        lines = self.lines()
        self.assertEqual(sum(lines.mapped("discount")), 10)
        self.assertEqual(sum(lines.mapped("list_amount")), 100)

    def test_a_credit_note_takes_the_discount_back(self):
        move = self.invoice_of(
            self.item(self.green, 100, discount=10),
            self.item(None, -15),
            self.item(self.mocha, 5, discount=100),
            days_ago=9,
        )
        self.assertEqual(
            self.discounts(("is_refund", "=", False)), [(15, 0), (5, 5), (10, 100)]
        )
        self.credit(move, 2)
        self.assertEqual(
            self.discounts(("is_refund", "=", True)), [(-10, -100), (-5, -5), (-15, 0)]
        )
        self.assertEqual(sum(self.lines().mapped("discount")), 0)
        # Nothing is left to be divided.
        self.assertEqual(list(self.rate().values()), [False])

    def test_a_credit_note_of_an_order(self):
        self.company.rfm_source = "sale"
        order = self.order_of(
            self.item(self.green, 100, 2, discount=10), self.item(self.mocha, 50)
        )
        move = self.bill(order, 4)
        back = move._reverse_moves([{"invoice_date": self.ago(2)}])
        back.invoice_line_ids.filtered(
            lambda line: line.product_id == self.mocha
        ).unlink()
        back.invoice_line_ids.quantity = 1
        back.action_post()
        self.assertEqual(self.discounts(("is_refund", "=", True)), [(-10, -100)])
        self.assertEqual(sum(self.lines().mapped("discount")), 10)
        self.assertAgree()

    def test_a_cash_rounding_is_no_discount(self):
        self.invoice_of(
            self.item(self.mocha, 5.01, discount=50),
            invoice_cash_rounding_id=self.rounding.id,
        )
        [(discount, _before)] = self.discounts()
        self.assertEqual(discount, 2.5)

    def test_imported_purchases_are_left_out(self):
        self.env["crm.purchase.history"].create(
            {
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "date": self.ago(30),
                "amount": 900,
            }
        )
        self.assertEqual(list(self.rate().values()), [False])
        self.invoice_of(self.item(self.green, 100, discount=10))
        [rate] = self.rate().values()
        self.assertAlmostEqual(rate, 0.1)
        # Nor does the filter of lines with a discount find them.
        lines = self.env[MODEL]
        arch = etree.fromstring(lines.get_view(view_type="search")["arch"])
        [node] = arch.xpath("//filter[@name='discounted']")
        found = lines.search(
            [*safe_eval(node.get("domain")), ("company_id", "=", self.company.id)]
        )
        self.assertEqual(found.mapped("amount"), [90])

    def test_the_rate_of_a_group_is_that_of_its_sums(self):
        other = self.env["res.partner"].create({"name": "Other"})
        self.invoice_of(self.item(self.green, 1000, discount=1))
        self.invoice_of(self.item(self.green, 10, discount=50), days_ago=40)
        self.invoice_of(self.item(self.mocha, 100, discount=20), partner_id=other.id)
        by_customer = self.rate(by=["partner_id"])
        self.assertAlmostEqual(by_customer[(self.customer,)], 15 / 1010)
        self.assertAlmostEqual(by_customer[(other,)], 0.2)
        lines = self.env[MODEL].search([("partner_id", "=", self.customer.id)])
        self.assertEqual(sorted(lines.mapped("discount_rate")), [0.01, 0.5])
        # By segment and tier, over time, in an order, and for a pivot.
        self.env["crm.rfm.score"]._refresh(self.company)
        for by in ("rfm_segment_id", "loyalty_tier_id", "date:quarter", "user_id"):
            found = self.env[MODEL].formatted_read_group(
                [("company_id", "=", self.company.id)],
                [by],
                ["discount:sum", "list_amount:sum", "discount_rate:avg"],
                order="discount_rate:avg desc",
            )
            for row in found:
                self.assertAlmostEqual(
                    row["discount_rate:avg"],
                    row["discount:sum"] / row["list_amount:sum"],
                )
        found = self.env[MODEL].search(
            [("company_id", "=", self.company.id), ("discount_rate", ">", 0.1)],
            order="discount_rate desc",
        )
        self.assertEqual([round(line.discount_rate, 2) for line in found], [0.5, 0.2])
        rows = found.export_data(["discount", "discount_rate"])["datas"]
        self.assertEqual(rows, [[5.0, 0.5], [20.0, 0.2]])

    def test_salespeople_see_the_discounts_of_their_customers(self):
        salesman = new_test_user(
            self.env,
            "discount_salesman",
            groups="sales_team.group_sale_salesman",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        self.customer.user_id = salesman
        other = self.env["res.partner"].create({"name": "Other"})
        self.invoice_of(self.item(self.green, 100, discount=10))
        self.invoice_of(self.item(self.green, 100, discount=50), partner_id=other.id)
        lines = self.env[MODEL].with_user(salesman)
        [(total, rate)] = lines._read_group(
            [], [], ["discount:sum", "discount_rate:avg"]
        )
        self.assertEqual(total, 10)
        self.assertAlmostEqual(rate, 0.1)

    def test_columns_that_are_not_asked_for_are_not_planned(self):
        """Discounts join documents and currencies; sums without them do not."""
        self.invoice_of(self.item(self.green, 100, discount=10))
        self.env.flush_all()
        plans = []
        for name in ("amount", "discount"):
            query = self.env[MODEL]._search([("company_id", "=", self.company.id)])
            select = query.select(self.env[MODEL]._field_to_sql(query.table, name))
            self.env.cr.execute("EXPLAIN " + select.code, select.params)
            plans.append("\n".join(line for [line] in self.env.cr.fetchall()))
        self.assertNotIn("own_currency", plans[0])
        self.assertNotIn("price_currency", plans[0])
        self.assertIn("price_currency", plans[1])

    def test_by_life_cycle_stage(self):
        """Beside the other figures of a stage: the rate of its discounts, and whom its
        customers recommended. Lines, margins and cohorts have the stage as a dimension."""
        names = ("New", "Recommended")
        new, other = self.env["res.partner"].create([{"name": name} for name in names])
        contact = self.env["res.partner"].create({"name": "C", "parent_id": new.id})
        for partner, rate in ((new, 0), (contact, 20)):
            self.invoice_of(
                self.item(self.green, 100, discount=rate), partner_id=partner.id
            )
        # Before the lookback period.
        self.company.rfm_window_months = 12
        self.invoice_of(
            self.item(self.green, 100, discount=50), partner_id=new.id, days_ago=500
        )
        other.with_company(self.company).referred_by_id = contact
        self.env["crm.rfm.score"]._refresh(self.company)
        self.env["crm.lifecycle"]._refresh(self.company)
        self.env.flush_all()
        mine = [("company_id", "=", self.company.id)]
        report = self.env["crm.lifecycle.report"].with_company(self.company)
        [row] = report.search([*mine, ("partner_id", "=", new.id)])
        self.assertEqual((row.discount, row.list_amount), (20, 200))
        self.assertEqual(row.referral_count, 1)
        [group] = report._read_group(
            [*mine, ("partner_id", "=", new.id)],
            ["stage"],
            ["discount_rate:avg", "referral_count:sum"],
        )
        self.assertEqual(group, (row.stage, 0.1, 1))
        for name in (
            MODEL,
            "crm.customer.margin",
            "crm.cohort",
            "crm.customer.flow",
            "crm.referral.report",
        ):
            with self.subTest(name):
                rows = self.env[name].with_company(self.company)
                found = [*mine, ("partner_id", "=", new.id)]
                stages = rows._read_group(found, ["lifecycle_stage"], ["__count"])
                self.assertEqual([stage for stage, _count in stages], [row.stage])
                self.assertTrue(
                    rows.search_count([*found, ("lifecycle_stage", "=", row.stage)])
                )
                self.assertEqual(
                    set(rows.search(found).mapped("lifecycle_stage")), {row.stage}
                )

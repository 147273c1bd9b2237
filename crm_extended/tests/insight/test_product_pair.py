"""Products bought together: against a count in plain Python, and in each odd case."""

from collections import defaultdict
from contextlib import contextmanager
from datetime import timedelta

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import SQL, mute_logger

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
    def sell(cls, *products, partner=None, days_ago=5):
        move = cls.env["account.move"].create(
            {
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
        )
        move.action_post()
        return move

    def update(self, company=None):
        self.env.flush_all()
        return self.env["crm.product.pair"]._update(company or self.company)

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
        for _number in range(3):
            self.sell(self.desk, self.chair)
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

    def test_a_random_shop_agrees_with_a_count_in_python(self):
        dice = self.random
        by_order, by_customer = [], defaultdict(lambda: defaultdict(float))
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
            move = self.invoice_of(*items, days_ago=20, partner_id=partner.id)
            if number % 9 == 0:
                self.credit(move, 10)
                basket = {}
            by_order.append(basket)
            for product, quantity in basket.items():
                by_customer[partner][product] += quantity
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
        for _number in range(7):
            self.sell(self.desk, self.chair)
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

    def test_discount_and_deposit_products_are_left_out(self):
        self.company.pair_with_services = True
        self.company.sale_discount_product_id = self.product
        self.sell(self.desk, self.product)
        self.update()
        self.assertEqual(self.pairs(), {})

    def test_orders_where_the_company_counts_those(self):
        self.company.rfm_source = "sale"
        order = self.order_of(self.item(self.desk), self.item(self.chair))
        self.order_of(self.item(self.desk), self.item(self.lamp))
        order.order_line[1].product_uom_qty = 0
        self.bill(order, 3, percent=50)
        self.update()
        self.assertEqual(self.pairs(), {("Desk", "Lamp"): 1})
        self.assertEqual(self.pairs("customer"), {("Desk", "Lamp"): 1})

    def test_a_basket_of_everything_is_left_out_and_counted(self):
        many = self.env["product.product"].create(
            [{"name": f"Thing {number}", "type": "consu"} for number in range(101)]
        )
        self.sell(*many)
        self.sell(*many[:100], partner=self.people[0])
        run = self.update()
        self.assertEqual((run.order_count, run.order_left_out), (1, 1))
        self.assertEqual((run.customer_count, run.customer_left_out), (1, 1))
        self.assertEqual(run.order_pair_count, 100 * 99 // 2)
        self.assertIn("2", run._describe())

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

    def test_two_companies_with_one_product(self):
        other = self.setup_other_company()["company"]
        other.write({"pair_min_baskets": 1, "pair_min_together": 1})
        self.sell(self.desk, self.chair)
        self.update()
        self.update(other)
        self.assertEqual(self.pairs(company=other), {})
        self.assertEqual(self.pairs(), {("Chair", "Desk"): 1})

    def test_nothing_bought(self):
        run = self.update()
        self.assertEqual((run.order_count, run.pair_count, run.state), (0, 0, "done"))
        self.assertIn("0 pairs", run._describe())


@tagged("post_install", "-at_install")
class TestProductPairRun(PairCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.boss, cls.seller = (
            new_test_user(
                cls.env,
                login=f"crm_extended_pairs_{group}",
                groups=f"sales_team.group_sale_{group}",
                company_id=cls.company.id,
                company_ids=[Command.set(cls.company.ids)],
            )
            for group in ("manager", "salesman")
        )

    @contextmanager
    def cron(self):
        with self.enter_registry_test_mode():
            yield self.env.ref("crm_extended.ir_cron_product_pair")

    def runs(self):
        return self.env["crm.product.pair.run"].search(
            [("company_id", "=", self.company.id)]
        )

    def test_the_scheduled_action(self):
        self.sell(self.desk, self.chair)
        self.env.flush_all()
        with self.cron() as job:
            job.method_direct_trigger()
            self.env.invalidate_all()
            run = self.runs()[0]
            self.assertEqual((run.state, run.step), ("done", False))
            self.assertEqual(self.pairs(), {("Chair", "Desk"): 1})
            self.assertEqual(self.pairs("customer"), {("Chair", "Desk"): 1})

    def test_an_interrupted_run_goes_on_with_what_is_left(self):
        self.sell(self.desk, self.chair)
        begun = self.env["crm.product.pair.run"].sudo()._begin(self.company)
        begun._count("order")
        begun.step = "customer"
        self.env.flush_all()
        with self.cron() as job:
            job.method_direct_trigger()
            self.env.invalidate_all()
            self.assertEqual(self.runs()[0], begun)
            self.assertEqual((begun.state, begun.customer_count), ("done", 1))

    @mute_logger("odoo.addons.crm_extended.models.insight.crm_product_pair_run")
    def test_a_failing_company_does_not_stop_the_others(self):
        self.sell(self.desk, self.chair)
        self.update()
        self.sell(self.desk, self.lamp)
        self.env.flush_all()
        # Nobody could enter that.
        self.env.cr.execute(
            "UPDATE res_company SET pair_min_percent = 'NaN' WHERE id = %s",
            [self.company.id],
        )
        self.env.invalidate_all()
        with self.cron() as job:
            job.method_direct_trigger()
            self.env.invalidate_all()
            self.assertEqual(self.runs()[0].state, "failed")
            self.assertEqual(self.pairs(), {("Chair", "Desk"): 1})

    def test_nothing_runs_while_analytics_are_off(self):
        self.env["crm.feature"]._switch(insight=False)
        before = self.runs()
        with self.cron() as job:
            job.method_direct_trigger()
            self.assertEqual(self.runs(), before)

    def test_managers_update_and_salespeople_read(self):
        self.sell(self.desk, self.chair)
        self.env.flush_all()
        pairs = self.env["crm.product.pair"]
        action = pairs.with_user(self.boss).action_update()
        self.assertIn("2 pairs found", action["params"]["message"])
        found = pairs.with_user(self.seller).search([])
        self.assertEqual(len(found), 2)
        with self.assertRaises(AccessError):
            pairs.with_user(self.seller).action_update()
        with self.assertRaises(AccessError):
            self.env["crm.product.pair.run"].with_user(self.seller).search([])
        for user in (self.boss, self.seller):
            with self.assertRaises(AccessError):
                found.with_user(user).lift = 9
            with self.assertRaises(AccessError):
                found.with_user(user).unlink()
        others = new_test_user(self.env, "crm_extended_pairs_none", "base.group_user")
        with self.assertRaises(AccessError):
            pairs.with_user(others).search([])

    def test_pairs_of_another_company_are_not_seen(self):
        self.sell(self.desk, self.chair)
        self.update()
        other = new_test_user(
            self.env, "crm_extended_pairs_other", "sales_team.group_sale_manager"
        )
        other.write(
            {
                "company_ids": [Command.set(self.env.ref("base.main_company").ids)],
                "company_id": self.env.ref("base.main_company").id,
            }
        )
        found = self.env["crm.product.pair"].with_user(other).search([])
        self.assertNotIn(self.company, found.company_id)

    def test_a_pair_is_found_by_either_name(self):
        self.sell(self.desk, self.chair)
        self.update()
        pairs = self.env["crm.product.pair"]
        mine = [("company_id", "=", self.company.id), ("unit", "=", "order")]
        for name, expected in (("Desk", 1), ("Chair", 1), ("Lamp", 0)):
            self.assertEqual(len(pairs.name_search(name, mine)), expected, name)

    def test_a_pair_opens_its_lines(self):
        self.sell(self.desk, self.chair)
        self.sell(self.lamp)
        self.update()
        pair = self.env["crm.product.pair"].search(
            [("company_id", "=", self.company.id), ("unit", "=", "order")]
        )
        action = pair.with_user(self.boss).action_open_lines()
        lines = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(lines.product_id, self.desk + self.chair)

    def test_one_update_at_a_time(self):
        runs = self.env["crm.product.pair.run"]
        with self.registry.cursor() as other:
            other.execute(
                "SELECT pg_advisory_xact_lock(hashtext(%s), %s)",
                [runs._table, self.company.id],
            )
            with self.assertRaises(UserError):
                self.update()

    def test_settings(self):
        settings = Form(self.env["res.config.settings"].with_company(self.company))
        settings.pair_level = "category"
        settings.pair_min_percent = 0.25
        settings.recommend_in_portal = True
        settings.save().execute()
        self.assertEqual(self.company.pair_level, "category")
        self.assertAlmostEqual(self.company.pair_min_percent, 0.25)
        self.assertTrue(self.company.recommend_in_portal)
        for values in (
            {"pair_months": 0},
            {"pair_months": 1000},
            {"pair_min_together": 0},
            {"pair_min_percent": 101},
        ):
            with self.assertRaises(ValidationError), self.cr.savepoint():
                self.company.write(values)
                self.env.flush_all()

    def test_empty_pages(self):
        pairs = self.env["crm.product.pair"]
        text = pairs.with_user(self.boss).get_empty_list_help("")
        self.assertIn("Update Now", text)
        text = pairs.with_user(self.seller).get_empty_list_help("")
        self.assertNotIn("Update Now", text)
        self.assertIn("100 products", text)

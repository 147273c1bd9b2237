"""Products bought together: who starts the search, what if it fails, and its settings."""

from contextlib import contextmanager

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from .test_product_pair import PairCommon


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

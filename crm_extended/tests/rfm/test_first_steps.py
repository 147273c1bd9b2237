import json
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ...models.common.progress import Progress
from ..common import CustomerValueCommon, load_migration

SOURCE, IMPORT, SCORES, REBUILD = (
    f"crm_extended.onboarding_step_{name}"
    for name in ("source", "import", "scores", "rebuild")
)


@tagged("post_install", "-at_install")
class TestFirstSteps(CustomerValueCommon):
    """The checklist of the first hour: the steps about purchases and scores."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # A company that nothing was ever done in.
        cls.company = cls.new_company("Newcomer", cls.eur)
        cls.boss = cls.new_user(
            "first_boss", "sales_team.group_sale_manager", cls.company
        )
        cls.admin = cls.new_user(
            "first_admin",
            "sales_team.group_sale_manager,base.group_system",
            cls.company,
        )

    def setUp(self):
        super().setUp()
        # Messages are committed while the work goes on.
        self.sent = []
        self.startPatcher(
            patch.object(Progress, "_send", lambda _self, sent: self.sent.append(sent))
        )

    def checklist(self, user=None):
        return self.as_user(user or self.boss, "onboarding.onboarding")

    def steps(self, user=None):
        return self.as_user(user or self.boss, "onboarding.onboarding.step")

    def state(self, xml_id, user=None):
        step_id = self.env.ref(xml_id).id
        steps = self.checklist(user).get_first_steps()["steps"]
        return {step["id"]: step["state"] for step in steps}[step_id]

    def details(self, xml_id, user=None):
        return self.checklist(user).get_first_step_details(self.env.ref(xml_id).id)

    def methods(self, xml_id, user=None):
        buttons = self.details(xml_id, user).get("buttons", [])
        return [button["method"] for button in buttons]

    def old_purchase(self):
        customer = self.customer()
        self.buy(customer, 100.0, days_ago=400, company=self.company)
        return customer

    # -- Whom it is for

    def test_a_new_company_has_everything_to_do(self):
        found = self.checklist().get_first_steps()
        self.assertFalse(found["is_closed"])
        first = [step["state"] for step in found["steps"][:4]]
        self.assertEqual(first, ["open"] * 4)
        self.assertEqual(found["company"], "Newcomer")

    def test_others_see_none(self):
        for user in self.salesman + self.employee:
            checklist = self.checklist(user)
            self.assertFalse(checklist.get_first_steps())
            for call in (
                checklist.close_first_steps,
                checklist.show_first_steps,
                lambda c=checklist: c.skip_first_step(self.env.ref(SOURCE).id),
                lambda c=checklist: c.get_first_step_details(self.env.ref(SOURCE).id),
            ):
                with self.assertRaises(AccessError):
                    call()
            for action in self.env["onboarding.onboarding.step"]._first_steps():
                with self.assertRaises(AccessError):
                    getattr(self.steps(user), action)()

    def test_a_step_that_is_none(self):
        other = self.env["onboarding.onboarding.step"].create({"title": "Elsewhere"})
        for step_id in (other.id, 0, -1):
            with self.assertRaises(UserError):
                self.checklist().skip_first_step(step_id)

    def test_a_deleted_checklist(self):
        self.env.ref("crm_extended.onboarding_first_steps").unlink()
        self.assertFalse(self.checklist().get_first_steps())

    def test_companies_do_not_share_it(self):
        self.checklist().close_first_steps()
        self.checklist().skip_first_step(self.env.ref(SOURCE).id)
        other = self.checklist(self.manager).get_first_steps()
        self.assertFalse(other["is_closed"])
        self.assertEqual(self.state(SOURCE, self.manager), "open")

    # -- Skip, close, find again

    def test_skipped_is_not_done(self):
        before = self.checklist().get_first_steps()["done"]
        self.checklist().skip_first_step(self.env.ref(IMPORT).id)
        self.assertEqual(self.state(IMPORT), "skipped")
        self.assertEqual(self.checklist().get_first_steps()["done"], before + 1)
        self.old_purchase()
        self.assertEqual(self.state(IMPORT), "done")

    def test_closed_and_shown_again(self):
        self.checklist().close_first_steps()
        self.assertTrue(self.checklist().get_first_steps()["is_closed"])
        action = self.checklist().show_first_steps()
        self.assertEqual(action["res_model"], "crm.rfm.score")
        self.assertFalse(self.checklist().get_first_steps()["is_closed"])

    def test_an_upgraded_company_begins_closed(self):
        self.old_purchase()
        self.refresh(self.company)
        load_migration("19.0.1.7.0/post-first-steps.py").migrate(self.env.cr, None)
        self.assertTrue(self.checklist().get_first_steps()["is_closed"])

    def test_odoo_keeps_the_state(self):
        self.old_purchase()
        self.checklist().get_first_steps()
        step = self.env.ref(IMPORT).with_company(self.company)
        self.assertEqual(step.current_step_state, "done")
        self.assertEqual(step.current_progress_step_id.company_id, self.company)
        for name in ("source", "scores", "rebuild"):
            step = self.env.ref(f"crm_extended.onboarding_step_{name}")
            self.checklist().skip_first_step(step.id)
        for step in self.env.ref("crm_extended.onboarding_first_steps").step_ids:
            self.checklist().skip_first_step(step.id)
        onboarding = self.env.ref("crm_extended.onboarding_first_steps")
        onboarding = onboarding.with_company(self.company)
        self.assertEqual(onboarding.current_onboarding_state, "done")

    # -- 1. Purchases

    def test_numbers_stand_beside_each_choice(self):
        self.old_purchase()
        choices = self.details(SOURCE)["choices"]
        self.assertEqual([each["value"] for each in choices], ["invoice", "sale"])
        for choice in choices:
            self.assertEqual(choice["figures"], "Customers: 1 · Purchases: 1")

    def test_orders_and_invoices_are_counted_apart(self):
        product = self.env["product.product"].create({"name": "Thing"})
        order = (
            self.env["sale.order"]
            .with_company(self.company)
            .create(
                {
                    "partner_id": self.customer().id,
                    "company_id": self.company.id,
                    "order_line": [
                        Command.create({"product_id": product.id, "price_unit": 10.0})
                    ],
                }
            )
        )
        order.action_confirm()
        invoices, orders = self.details(SOURCE)["choices"]
        self.assertIn("Purchases: 0", invoices["figures"])
        self.assertIn("Purchases: 1", orders["figures"])

    def test_the_default_is_confirmed(self):
        self.steps().action_first_step_source("invoice")
        self.assertEqual(self.state(SOURCE), "done")
        self.assertEqual(self.company.rfm_source, "invoice")

    def test_only_an_administrator_changes_it(self):
        details = self.details(SOURCE)
        self.assertIn(self.admin.name, details["refusal"])
        self.assertEqual([each["is_locked"] for each in details["choices"]], [0, 1])
        with self.assertRaises(AccessError):
            self.steps().action_first_step_source("sale")
        details = self.details(SOURCE, self.admin)
        self.assertFalse(details["refusal"])
        self.steps(self.admin).action_first_step_source("sale")
        self.assertEqual(self.company.rfm_source, "sale")
        self.assertEqual(self.state(SOURCE), "done")

    def test_an_unknown_choice(self):
        for value in ("nothing", ["sale"], {"sale": 1}):
            with self.assertRaises(UserError):
                self.steps(self.admin).action_first_step_source(value)

    def test_changed_in_the_settings(self):
        self.company.rfm_source = "sale"
        self.assertEqual(self.state(SOURCE), "done")

    # -- 2. to 4.

    def test_import_opens(self):
        action = self.steps().action_first_step_import()
        self.assertEqual(action["tag"], "import")
        self.assertEqual(action["params"]["active_model"], "crm.purchase.history")

    def test_scores(self):
        self.old_purchase()
        self.steps().action_first_step_scores()
        self.assertEqual(self.state(SCORES), "done")
        self.assertIn("Customers scored: 1", self.details(SCORES)["facts"])

    def test_an_update_without_purchases_is_not_done(self):
        self.steps().action_first_step_scores()
        self.assertEqual(self.state(SCORES), "open")
        self.assertIn("No purchases were found", self.details(SCORES)["facts"][-1])

    def test_phases_of_an_update_are_sent_in_their_order(self):
        self.old_purchase()
        self.steps().action_first_step_scores()
        self.assertEqual(
            [[phase["state"] for phase in each["phases"]] for each in self.sent],
            [
                ["running", "open", "open"],
                ["done", "running", "open"],
                ["done", "done", "running"],
            ],
        )
        percents = [each["percent"] for each in self.sent]
        self.assertEqual(percents, sorted(set(percents)))
        self.assertEqual({each["company_id"] for each in self.sent}, {self.company.id})
        self.assertEqual(
            [phase["result"] for phase in self.sent[-1]["phases"]],
            ["customers found: 1", "changes: 1", ""],
        )

    def test_other_updates_send_nothing(self):
        self.old_purchase()
        self.refresh(self.company)
        self.as_user(self.boss, "crm.rfm.score").action_refresh()
        with self.enter_registry_test_mode():
            self.env.ref("crm_extended.ir_cron_rfm_refresh").method_direct_trigger()
        self.assertFalse(self.sent)

    def test_no_past_to_rebuild(self):
        self.buy(self.customer(), company=self.company)
        self.assertFalse(self.methods(REBUILD))
        with self.assertRaises(UserError):
            self.steps().action_first_step_rebuild()

    def test_months_are_found_and_rebuilt(self):
        self.old_purchase()
        first = (
            self.env["crm.purchase.history"]
            .search([("company_id", "=", self.company.id)])
            .date
        )
        months = (self.today.year - first.year) * 12 + self.today.month - first.month
        self.assertIn(f"Months found: {months}", self.details(REBUILD)["facts"][0])
        self.steps().action_first_step_rebuild()
        self.assertIn("progress", self.details(REBUILD))
        # A second click starts no second one.
        self.steps().action_first_step_rebuild()
        job = self.env["crm.rfm.rebuild"].search([("company_id", "=", self.company.id)])
        self.assertEqual(len(job), 1)
        self.assertEqual(job.date_from, first.replace(day=1))
        while job._work():
            pass
        self.assertEqual(job.state, "done")
        self.assertEqual(self.state(REBUILD), "done")

    def test_recorded_changes_are_asked_for(self):
        customer = self.old_purchase()
        [rebuild] = self.details(REBUILD)["buttons"]
        self.assertFalse(rebuild["confirm"])
        self.refresh(self.company)
        self.buy(customer, company=self.company)
        self.buy(self.customer(), 50.0, company=self.company)
        self.refresh(self.company)
        [rebuild] = self.details(REBUILD)["buttons"]
        self.assertTrue(rebuild["confirm"])

    def test_a_very_old_purchase(self):
        self.buy(self.customer(), company=self.company, date="1901-01-01")
        self.steps().action_first_step_rebuild()
        job = self.env["crm.rfm.rebuild"].search([("company_id", "=", self.company.id)])
        self.assertEqual(job.state, "running")


@tagged("post_install", "-at_install")
class TestProgress(CustomerValueCommon):
    """The messages on Odoo's bus about a call that is at work."""

    def update(self):
        steps = self.as_user(self.manager, "onboarding.onboarding.step")
        return steps.action_first_step_scores()

    def channels(self):
        messages = self.env["bus.bus"].search(
            [("message", "like", "crm_extended.progress")]
        )
        return [json.loads(channel) for channel in messages.mapped("channel")]

    def test_they_are_for_the_user_alone(self):
        self.buy(self.customer())
        with self.enter_registry_test_mode():
            self.update()
        own = [self.env.cr.dbname, "res.partner", self.manager.partner_id.id]
        self.assertEqual(self.channels(), [own] * 3)

    def test_without_a_bus_the_work_goes_on(self):
        customer = self.customer()
        self.buy(customer)
        log = "odoo.addons.crm_extended.models.common.progress"
        with (
            patch.object(type(self.env.registry), "cursor", side_effect=OSError),
            self.assertLogs(log, "WARNING") as logs,
        ):
            self.update()
        self.assertEqual(len(logs.output), 3)
        self.assertTrue(self.score(customer))
        self.assertFalse(self.channels())

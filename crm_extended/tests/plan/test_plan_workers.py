from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name, tagged

NAME = "Care plan of two workers"


@tagged("post_install", "-at_install")
class TestPlanWorkers(BaseCase):
    """Two workers at once, and one that is killed: in transactions of their own, on
    records that are removed in the end."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        self.addCleanup(self.clean_up)
        with self.registry.cursor() as cr:
            env = self.env_of(cr)
            self.features = {
                key: env["crm.feature"]._is_on(key) for key in ("plans", "consent")
            }
            env["crm.feature"]._switch(plans=True)
            partners = env["res.partner"].create(
                [{"name": f"{NAME} {number}"} for number in range(4)]
            )
            plan = env["crm.care.plan"].create(
                {
                    "name": NAME,
                    "user_id": SUPERUSER_ID,
                    "purpose_id": env.ref("crm_extended.purpose_loyalty").id,
                }
            )
            env["crm.care.plan.step"].create(
                {
                    "version_id": plan._get_draft().id,
                    "name": "Note",
                    "kind": "log",
                    "note": "Noted",
                }
            )
            plan.action_start()
            plan._enroll(plan._source(partners))
            env["crm.care.enrollment"].search([("plan_id", "=", plan.id)]).write(
                {"next_date": fields.Datetime.now() - timedelta(hours=1)}
            )
            self.plan_id, self.partner_ids = plan.id, partners.ids

    def env_of(self, cr):
        return api.Environment(cr, SUPERUSER_ID, {})

    def clean_up(self):
        with self.registry.cursor() as cr:
            env = self.env_of(cr)
            plan = env["crm.care.plan"].search([("name", "=", NAME)])
            env["crm.care.enrollment"].search([("plan_id", "in", plan.ids)]).unlink()
            plan.unlink()
            partners = env["res.partner"].search([("name", "like", NAME)])
            partners.unlink()
            env["crm.feature"]._switch(**self.features)

    def notes(self):
        with self.registry.cursor() as cr:
            messages = self.env_of(cr)["mail.message"].search(
                [
                    ("model", "=", "res.partner"),
                    ("res_id", "in", self.partner_ids),
                    ("body", "like", "Noted"),
                ]
            )
            return sorted(messages.mapped("res_id"))

    def test_two_workers(self):
        with self.registry.cursor() as one, self.registry.cursor() as two:
            first = self.env_of(one)["crm.care.enrollment"]
            second = self.env_of(two)["crm.care.enrollment"]
            self.assertEqual(first._run_next(), 4)
            # All are locked by the first one.
            self.assertEqual(second._run_next(), 0)
            one.commit()
        self.assertEqual(self.notes(), sorted(self.partner_ids))

    def test_a_worker_that_was_late(self):
        with self.registry.cursor() as two:
            # It has begun before the other one commits.
            two.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
            two.execute("SELECT 1")
            with self.registry.cursor() as one:
                self.assertEqual(self.env_of(one)["crm.care.enrollment"]._run_next(), 4)
            self.assertEqual(self.env_of(two)["crm.care.enrollment"]._run_next(), 0)
        self.assertEqual(self.notes(), sorted(self.partner_ids))

    def test_killed_before_it_commits(self):
        with self.registry.cursor() as one:
            self.assertEqual(self.env_of(one)["crm.care.enrollment"]._run_next(), 4)
            one.rollback()
        self.assertEqual(self.notes(), [])
        with self.registry.cursor() as one:
            self.assertEqual(self.env_of(one)["crm.care.enrollment"]._run_next(), 4)
        self.assertEqual(self.notes(), sorted(self.partner_ids))

    def test_enrolled_by_two(self):
        with self.registry.cursor() as cr:
            plan = self.env_of(cr)["crm.care.plan"].browse(self.plan_id)
            partners = plan.env["res.partner"].browse(self.partner_ids)
            plan.reentry = "after_exit"
            self.assertEqual(plan._enroll(plan._source(partners)), 0)
            plan.env["crm.care.enrollment"].search([("plan_id", "=", plan.id)])._exit(
                "manual"
            )
            self.assertEqual(plan._enroll(plan._source(partners)), 4)

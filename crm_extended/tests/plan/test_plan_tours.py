from odoo.tests import HttpCase, tagged

from .common import PlanCommon


@tagged("post_install", "-at_install")
class TestPlanTours(PlanCommon, HttpCase):
    def test_a_manager_makes_starts_and_changes_a_plan(self):
        boss = self.new_user("plan_tour", "sales_team.group_sale_manager")
        self.start_tour("/odoo/care-plans", "crm_extended_care_plan", login=boss.login)
        plan = self.env["crm.care.plan"].search(
            [("company_id", "=", self.company_a.id)]
        )
        self.assertEqual(len(plan), 1)
        self.assertEqual(
            (plan.state, plan.trigger, plan.trigger_days, plan.user_id),
            ("running", "inactive", 90, boss),
        )
        self.assertEqual(
            [version.step_ids.mapped("name") for version in plan.version_ids],
            [["Call them", "Tour note"], ["Call them"]],
        )
        self.assertEqual(plan.version_id, plan.version_ids[-1])

"""Automation rules enroll customers in care plans."""

from odoo import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.crm_extended.tests.plan.common import PlanCommon


@tagged("post_install", "-at_install")
class TestCarePlanEnroll(PlanCommon):
    def rule(self, plan, trigger, **values):
        model = self.env["ir.model"]._get("res.partner")
        return self.env["base.automation"].create(
            {
                "name": "Rule",
                "model_id": model.id,
                "trigger": trigger,
                "action_server_ids": [
                    Command.create(
                        {
                            "name": "Enroll",
                            "model_id": model.id,
                            "usage": "base_automation",
                            "state": "care_plan",
                            "care_plan_id": plan.id,
                        }
                    )
                ],
                **values,
            }
        )

    def test_a_rule_enrolls(self):
        plan = self.new_plan(self.log())
        self.rule(plan, "on_create_or_write", filter_domain="[('ref', '=', 'vip')]")
        customer, other = self.customers(2)
        customer.with_user(self.salesman).ref = "vip"
        other.ref = "plain"
        self.assertEqual(self.of(plan).partner_id, customer)

    def test_a_loop_ends(self):
        """Two plans whose tags enroll in one another."""
        tags = self.env["res.partner.category"].create([{"name": "A"}, {"name": "B"}])
        plans = self.plans.union(
            *(
                self.new_plan(
                    self.tagging(tag_ids=tag.ids), reentry="after_exit", name=tag.name
                )
                for tag in tags
            )
        )
        for tag, other in zip(tags, reversed(plans.sorted("name")), strict=True):
            self.rule(
                other,
                "on_create_or_write",
                filter_domain=f"[('category_id', 'in', {tag.ids})]",
            )
        plans.sorted("name")[0].enroll(self.customer())
        with mute_logger("odoo.addons.crm_extended.models.plan.crm_care_plan_enroll"):
            self.run_due()
        self.assertEqual(sorted(plans.enrollment_ids.mapped("depth")), list(range(6)))
        self.assertEqual(set(plans.enrollment_ids.mapped("state")), {"done"})

    def test_off(self):
        plan = self.new_plan(self.log())
        self.rule(plan, "on_create_or_write", filter_domain="[('ref', '=', 'vip')]")
        self.env["crm.feature"]._switch(plans=False)
        self.customer(ref="vip")
        self.assertFalse(self.of(plan))

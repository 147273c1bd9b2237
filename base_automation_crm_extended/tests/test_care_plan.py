from odoo.tests import tagged

from odoo.addons.crm_extended.tests.plan.common import PlanCommon

from .automation_common import RuleCommon


@tagged("post_install", "-at_install")
class TestCarePlanTags(RuleCommon, PlanCommon):
    model_name = "res.partner"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.addClassCleanup(cls.env["base.automation"]._unregister_hook)

    def test_what_rules_change_is_tracked(self):
        [name, *_others] = sorted(
            field
            for field in self.env["res.partner"]._track_get_fields()
            if self.env["res.partner"]._fields[field].type == "char"
            and not self.env["res.partner"]._fields[field].compute
        )
        self.rule(
            trigger="on_create_or_write",
            domain=[("category_id", "in", self.tag.ids)],
            state="code",
            code=f"records.write({{{name!r}: 'changed@example.com'}})",
        )
        plan = self.new_plan(self.tagging())
        customer = self.customer(**{name: "old@example.com"})
        plan.enroll(customer)
        self.env.cr.flush()
        before = customer.message_ids
        self.run_due()
        self.env.cr.flush()
        self.assertEqual(customer[name], "changed@example.com")
        tracked = (customer.message_ids - before).sudo().tracking_value_ids
        self.assertIn(name, tracked.field_id.mapped("name"))

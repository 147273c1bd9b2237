"""Changes of life-cycle stages start automation rules."""

from datetime import timedelta

from odoo.tests import tagged

from .automation_common import RuleCommon


@tagged("post_install", "-at_install")
class TestLifecycleAutomation(RuleCommon):
    model_name = "crm.lifecycle.change"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["crm.feature"]._switch(insight=True)
        cls.moving = cls.customer("Moving", user_id=cls.salesman.id)
        for ago in (300, 200, 100, 20):
            cls.buy(cls.moving, 50, ago)
        cls.update(2)
        cls.buy(cls.moving, -70, 1)
        cls.update(1)

    @classmethod
    def update(cls, days_ago):
        return cls.env["crm.lifecycle"]._refresh(
            cls.company_a, cls.today - timedelta(days=days_ago)
        )

    def test_a_change_starts_a_rule(self):
        self.note_rule(domain=[("new_stage", "=", "decline")])
        self.update(0)
        self.assertEqual(self.heard(self.moving), 1)
        self.update(0)
        self.assertEqual(self.heard(self.moving), 1)

    def test_changed_settings_and_other_days_do_not(self):
        self.note_rule()
        self.company_a.lifecycle_days = 100
        run = self.update(0)
        self.assertTrue(run.moved_count)
        self.update(260)
        self.update(0)
        self.assertEqual(self.heard(self.moving), 0)

    def test_off(self):
        rules = self.env["base.automation"]
        self.assertFalse(rules._is_off("crm.lifecycle.change"))
        self.env["crm.feature"]._switch(insight=False)
        self.assertTrue(rules._is_off("crm.lifecycle.change"))
        self.assertFalse(rules._is_off("crm.rfm.change"))

"""Changes of tiers that an assessment finds start automation rules."""

from datetime import timedelta

from odoo.tests import tagged

from odoo.addons.crm_extended.tests.loyalty.common import LoyaltyCommon

from .automation_common import RuleCommon

ANNOUNCED = "odoo.addons.crm_extended.models.common.crm_change_event_mixin"


@tagged("post_install", "-at_install")
class TestLoyaltyAutomation(RuleCommon, LoyaltyCommon):
    model_name = "crm.loyalty.change"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.addClassCleanup(cls.env["base.automation"]._unregister_hook)
        cls.low, cls.high = cls.customers(2, user_id=cls.salesman.id)
        cls.buy(cls.low, 500)
        cls.buy(cls.high, 1000)

    def assert_heard(self, low, high):
        self.assertEqual((self.heard(self.low), self.heard(self.high)), (low, high))

    def test_a_change_starts_a_rule_once(self):
        self.note_rule()
        self.assess()
        self.assert_heard(1, 1)
        self.assess()
        self.assert_heard(1, 1)

    def test_on_create_and_edit_too_and_only_what_the_rule_asks_for(self):
        self.note_rule(
            trigger="on_create_or_write",
            domain=[("new_tier_id", "=", self.gold.id)],
        )
        self.assess()
        self.assert_heard(0, 1)

    def test_a_rule_that_came_later(self):
        self.assess()
        rule = self.note_rule()
        self.assess()
        rule.active = False
        self.buy(self.low, 500)
        self.assess()
        rule.active = True
        self.assess()
        self.assert_heard(0, 0)

    def test_a_change_by_hand_starts_it_once(self):
        self.note_rule()
        members = self.as_user(self.manager, "crm.loyalty.membership")
        customer = self.low.with_env(members.env)
        members._set_override(
            customer, self.gold, self.today + timedelta(days=30), "Friend"
        )
        self.assert_heard(1, 0)
        self.assess()
        self.assert_heard(1, 1)
        # Lifted, he falls to what he has earned: that is the assessment's.
        members._end_override(customer)
        self.assertMember(self.low, self.silver)
        self.assert_heard(2, 1)

    def test_a_rule_that_fails_for_one_customer(self):
        self.rule(
            state="code",
            code=f"if record.partner_id.id == {self.low.id}:\n"
            "    raise UserError('no')\n"
            "record.partner_id.write({'comment': 'heard'})",
        )
        with self.assertLogs(ANNOUNCED, "ERROR") as log:
            assessment = self.assess()
        self.assertEqual(len(log.output), 1)
        self.assertFalse(assessment.next_change_id)
        self.assertMember(self.low, self.silver)
        self.assert_heard(0, 1)

    def test_the_example(self):
        rule = self.env.ref("base_automation_crm_extended.automation_fallen")
        self.assertFalse(rule.active)
        self.assertFalse(rule.action_server_ids.warning)
        rule.active = True
        self.assess()
        self.assertFalse((self.low + self.high).activity_ids)
        self.low.env["crm.purchase.history"].search(
            [("partner_id", "=", self.low.id)]
        ).unlink()
        self.assess(self.today + timedelta(days=800))
        self.assertEqual(self.changes(self.low)[-1][-1], "fell")
        [activity] = self.low.activity_ids
        self.assertEqual(activity.user_id, self.salesman)

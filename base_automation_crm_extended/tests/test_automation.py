"""Moves that a refresh finds start automation rules."""

from unittest.mock import patch

from odoo.tests import tagged

from .automation_common import RuleCommon

ANNOUNCING = "odoo.addons.crm_extended.models.common.crm_event_dispatch_mixin"
ANNOUNCED = "odoo.addons.crm_extended.models.common.crm_change_event_mixin"


class AutomationCommon(RuleCommon):
    model_name = "crm.rfm.change"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.best, cls.fallen = cls.customers(2, user_id=cls.salesman.id)
        for customer in cls.best + cls.fallen:
            for days_ago in (5, 10, 15):
                cls.buy(customer, days_ago=days_ago)
        cls.refresh()

    @classmethod
    def let_fall(cls):
        """``best`` buys again, so ``fallen`` stands lower than before."""
        cls.buy(cls.best)
        return cls.refresh()


class TestAutomation(AutomationCommon):
    def test_a_move_starts_a_rule(self):
        self.note_rule()
        refresh = self.let_fall()
        self.assertFalse(refresh.next_change_id)
        self.assertEqual(self.heard(self.fallen), 1)
        self.refresh()
        self.assertEqual(self.heard(self.fallen), 1)

    def test_on_create_and_edit_too(self):
        self.note_rule(trigger="on_create_or_write")
        self.let_fall()
        self.assertEqual(self.heard(self.fallen), 1)

    def test_only_moves_that_the_rule_asks_for(self):
        before = self.score(self.fallen).segment_id
        self.note_rule(domain=[("old_segment_id", "!=", before.id)])
        self.let_fall()
        self.assertEqual(self.heard(self.fallen), 0)
        moved = self.env["crm.rfm.change"].search([("partner_id", "=", self.fallen.id)])
        self.assertEqual(moved.old_segment_id, before)

    def test_an_archived_rule_does_not_listen(self):
        rule, subscriber = self.note_rule(), "_run_automation_rules"
        moves = self.env["crm.rfm.change"]
        self.assertIn(subscriber, moves._get_subscribers(self.company_a))
        rule.active = False
        self.assertNotIn(subscriber, moves._get_subscribers(self.company_a))
        self.let_fall()
        self.assertEqual(self.heard(self.fallen), 0)

    def test_rules_act_as_odoobot_in_the_moves_company(self):
        self.rule(
            state="code",
            code="record.partner_id.write("
            "{'comment': '%s %s' % (env.uid, env.company.name)})",
        )
        self.buy(self.best)
        self.as_user(self.manager, "crm.rfm.score").action_refresh()
        self.assertIn(
            f"{self.env.ref('base.user_root').id} Value A", self.fallen.comment
        )

    def test_a_rule_that_fails_for_one_customer(self):
        self.rule(
            state="code",
            code=f"if record.partner_id.id == {self.fallen.id}:\n"
            "    raise UserError('no')\n"
            "record.partner_id.write({'comment': 'heard'})",
        )
        new = self.customer()
        self.buy(new, days_ago=3)
        with self.assertLogs(ANNOUNCED, "ERROR"):
            refresh = self.let_fall()
        self.assertTrue(self.score(self.fallen))
        self.assertFalse(refresh.next_change_id)
        self.assertEqual(self.heard(self.fallen), 0)
        self.assertEqual(self.heard(new), 1)

    def test_an_activity_is_planned_on_the_customer(self):
        rule = self.rule(
            state="next_activity",
            activity_type_id=self.env.ref("mail.mail_activity_data_call").id,
            activity_summary="Call him",
            activity_user_type="generic",
            activity_user_field_name="user_id",
        )
        self.assertFalse(rule.action_server_ids.warning)
        self.let_fall()
        activity = self.fallen.activity_ids
        self.assertEqual(activity.summary, "Call him")
        self.assertEqual(activity.user_id, self.salesman)
        self.fallen.user_id = False
        self.env["crm.rfm.change"].search([("partner_id", "=", self.fallen.id)])[
            0
        ]._dispatch()
        self.assertFalse((self.fallen.activity_ids - activity).user_id)

    def test_a_value_of_the_customer_can_be_set(self):
        tag = self.env["res.partner.category"].create({"name": "Fell"})
        rule = self.rule(
            state="object_write",
            update_path="partner_id.category_id",
            update_m2m_operation="add",
            resource_ref=f"res.partner.category,{tag.id}",
        )
        self.assertFalse(rule.action_server_ids.warning)
        self.let_fall()
        self.assertEqual(self.fallen.category_id, tag)

    def test_the_example(self):
        rule = self.env.ref("base_automation_crm_extended.automation_at_risk")
        self.assertFalse(rule.active)
        rule.active = True
        at_risk = self.env.ref("crm_extended.crm_rfm_segment_at_risk")
        self.env["crm.rfm.change"].create(
            [
                {
                    "partner_id": partner.id,
                    "company_id": self.company_a.id,
                    "date": self.today,
                    "old_segment_id": old.id,
                    "new_segment_id": at_risk.id,
                }
                for partner, old in (
                    (self.best, at_risk),
                    (self.fallen, self.env["crm.rfm.segment"]),
                )
            ]
        )._dispatch()
        self.assertFalse(self.best.activity_ids)
        self.assertEqual(self.fallen.activity_ids.user_id, self.salesman)


@tagged("post_install", "-at_install")
class TestAutomationCron(AutomationCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(patch(f"{ANNOUNCING}.DISPATCH_LIMIT", 2))
        cls.addClassCleanup(cls.env["base.automation"]._unregister_hook)

    def test_many_moves_start_a_rule_once_each(self):
        self.note_rule()
        customers = self.customers(5)
        for customer in customers:
            self.buy(customer, days_ago=5)
        refresh = self.let_fall()
        self.assertTrue(refresh.next_change_id)
        refresh._dispatch_next()
        with self.enter_registry_test_mode():
            self.env.ref("crm_extended.ir_cron_rfm_announce").method_direct_trigger()
        self.env.invalidate_all()
        self.assertFalse(refresh.next_change_id)
        for customer in customers:
            self.assertEqual(self.heard(customer), 1)

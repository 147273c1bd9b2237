"""Changes of tiers that an assessment finds reach those who listen: once each."""

from unittest.mock import patch

from odoo.tests import tagged

from ..common import load_migration
from .common import LoyaltyCommon

ANNOUNCING = "odoo.addons.crm_extended.models.common.crm_event_dispatch_mixin"


class LoyaltyAnnouncingCommon(LoyaltyCommon):
    def setUp(self):
        super().setUp()
        self.heard = heard = []
        model = type(self.env["crm.loyalty.change"])

        def listen(changes):
            heard.append(changes)

        self.startPatcher(patch.object(model, "_subscribe", listen, create=True))
        self.subscribers = self.startPatcher(
            patch.object(model, "_get_subscribers", return_value=["_subscribe"])
        )

    def heard_of(self):
        # Those of the scheduled action are of its own cursor.
        return [
            change.partner_id
            for changes in self.heard
            for change in changes.with_env(self.env)
        ]

    def rise(self, customers, amount=500):
        for customer in customers:
            self.buy(customer, amount)
        return self.assess()


class TestLoyaltyAnnouncing(LoyaltyAnnouncingCommon):
    def test_each_change_once(self):
        first, second = self.customers(2)
        assessment = self.rise(first + second)
        self.assertFalse(assessment.next_change_id)
        [changes] = self.heard
        self.assertEqual(changes.partner_id, first + second)
        self.assertEqual(changes.env.user, self.env.ref("base.user_root"))
        self.assertEqual(changes.env.company, self.company_a)
        self.assertFalse(self.assess().last_change_id)
        self.assertEqual(len(self.heard), 1)
        self.rise(first)
        self.assertEqual(self.heard_of(), [first, second, first])

    def test_where_nobody_listens_changes_are_not_even_read(self):
        self.subscribers.return_value = []
        customers = self.customers(2)
        model = type(self.env["crm.loyalty.assessment"])
        with patch.object(
            model, "_recorded_by_runs", side_effect=AssertionError("read")
        ):
            assessment = self.rise(customers)
        self.assertEqual(assessment.added_count, 2)
        self.assertFalse(assessment.next_change_id)
        self.subscribers.assert_called_once_with(self.company_a)
        # Nor does anybody hear of them who begins to listen later.
        self.subscribers.return_value = ["_subscribe"]
        self.assess()
        self.assertFalse(self.heard)

    def test_what_others_record_meanwhile_is_not_told(self):
        """Ids of changes by hand and of other companies lie between."""
        customer, by_hand, elsewhere = self.customers(3)
        changes = self.env["crm.loyalty.change"]
        model = type(self.env["crm.loyalty.assessment"])
        run = model._sum_up

        def record_others(assessments, assessing):
            changes.create(
                [
                    {
                        "partner_id": partner.id,
                        "company_id": company.id,
                        "date": self.today,
                        "new_tier_id": self.gold.id,
                        "reason": reason,
                    }
                    for partner, company, reason in (
                        (by_hand, self.company_a, "by_hand"),
                        (elsewhere, self.company_b, "earned"),
                    )
                ]
            )
            return run(assessments, assessing)

        with patch.object(model, "_sum_up", record_others):
            self.rise(customer)
        self.assertEqual(self.heard_of(), [customer])

    def test_of_the_past_too(self):
        customer = self.customer()
        self.bought(customer, 500, "2024-03-01")
        self.assess("2024-03-02")
        self.assertEqual(self.heard_of(), [customer])
        self.assertEqual(str(self.heard[0].date), "2024-03-02")


@tagged("post_install", "-at_install")
class TestLoyaltyAnnounceCron(LoyaltyAnnouncingCommon):
    """Where changes are many, the scheduled action goes on until all are announced."""

    def setUp(self):
        super().setUp()
        self.startPatcher(patch(f"{ANNOUNCING}.DISPATCH_LIMIT", 2))
        self.cron = self.env.ref("crm_extended.ir_cron_loyalty_announce")
        self.env["ir.cron.trigger"].search([("cron_id", "=", self.cron.id)]).unlink()
        self.risen = self.customers(5)
        self.big = self.rise(self.risen)

    def run_cron(self):
        with self.enter_registry_test_mode():
            self.cron.method_direct_trigger()
        self.env.invalidate_all()

    def test_many_changes_are_left_to_the_scheduled_action(self):
        self.assertFalse(self.heard)
        self.assertEqual(self.big.next_change_id, self.big.first_change_id)
        self.assertTrue(
            self.env["ir.cron.trigger"].search([("cron_id", "=", self.cron.id)])
        )
        self.run_cron()
        self.assertFalse(self.big.next_change_id)
        self.assertEqual([len(changes) for changes in self.heard], [2, 2, 1])
        self.run_cron()
        self.assertEqual(self.heard_of(), list(self.risen))

    def test_it_goes_on_where_it_was_stopped(self):
        self.assertEqual(self.big._dispatch_next(), 2)
        self.assertEqual(self.heard_of(), list(self.risen[:2]))
        self.run_cron()
        self.assertEqual(self.heard_of(), list(self.risen))
        self.assertFalse(self.big.next_change_id)

    def test_scheduled_actions_get_names_of_what_they_do(self):
        words = load_migration("19.0.1.7.0/post-words.py")
        prices = self.env.ref("crm_extended.ir_cron_loyalty_follow")
        events = self.env.ref("crm_extended.ir_cron_loyalty_announce")
        for cron, old in (
            (prices, "Customers: prices of loyalty tiers"),
            (events, "Customers: announce changes of tiers"),
        ):
            cron.ir_actions_server_id.name = old
            cron.cron_name = old
        self.env.flush_all()
        words.reword_records(self.env)
        for cron, new in (
            (prices, "Customers: apply tier prices, send tier emails"),
            (events, "Customers: process tier changes"),
        ):
            self.assertEqual(cron.ir_actions_server_id.name, new)
            self.assertEqual(cron.cron_name, new)
        prices.ir_actions_server_id.name = prices.cron_name = "Ours"
        self.env.flush_all()
        words.reword_records(self.env)
        self.assertEqual(prices.ir_actions_server_id.name, "Ours")
        self.assertEqual(prices.cron_name, "Ours")

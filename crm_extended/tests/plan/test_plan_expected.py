"""How many customers a quarter a plan is expected to enroll."""

from datetime import timedelta

from odoo import fields

from .common import PlanCommon


class TestPlanExpected(PlanCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.some = cls.customers(4)

    def expected(self, **values):
        plan = self.new_plan(self.log(), start=False, **values)
        with self.assertQueryCount(40):
            return plan._expected_per_quarter()

    def days_ago(self, days):
        return fields.Date.subtract(self.plans._today(), days=days)

    def log_changes(self, model, days, **values):
        for customer, ago in zip(self.some, days, strict=False):
            self.env[model].create(
                {
                    "partner_id": customer.id,
                    "company_id": self.company_a.id,
                    "date": self.days_ago(ago),
                    **values,
                }
            )

    def test_nothing_is_there(self):
        triggers = self.plans._fields["trigger"].get_values(self.env)
        kind = self.env.ref("crm_extended.date_kind_birthday")
        segment = self.env["crm.rfm.segment"]._of_company(self.company_a)[:1]
        other = self.new_plan(self.log())
        for trigger in triggers:
            with self.subTest(trigger=trigger):
                count = self.expected(
                    trigger=trigger,
                    trigger_days=30,
                    date_kind_id=kind.id,
                    date_field="create_date",
                    segment_ids=segment.ids,
                    trigger_plan_id=other.id,
                    domain="[('name', '=', 'No one')]",
                )
                self.assertEqual(count, 0)

    def test_those_who_were_enrolled(self):
        """Where a plan has run for a quarter, what happened counts."""
        plan = self.new_plan(self.log(), reentry="after_exit")
        plan.enroll(self.some)
        self.of(plan)._exit("manual")
        plan.enroll(self.some[0])
        self.of(plan, self.some[3]).start_date = self.now() - timedelta(days=95)
        plan.started_date = self.days_ago(100)
        self.assertEqual(plan._expected_per_quarter(), 3)
        # Started just now, it is its trigger that counts.
        plan.started_date = self.days_ago(10)
        plan.domain = "[('name', '=', 'No one')]"
        self.assertEqual(plan._expected_per_quarter(), 0)

    def test_a_plan_that_ended_long_ago(self):
        """It enrolled no one in the last quarter, and would now."""
        for customer, ago in zip(self.some, (5, 80, 95, 400), strict=True):
            self.buy(customer, days_ago=ago)
        self.refresh()
        plan = self.new_plan(self.log(), trigger="first_purchase")
        plan.action_end()
        plan.started_date = self.days_ago(500)
        self.assertEqual(plan._expected_per_quarter(), 2)
        # It ended just now: they are in it already.
        plan.action_start()
        plan.enroll(self.some[:3])
        plan.action_end()
        plan.started_date = self.days_ago(500)
        self.assertEqual(plan._expected_per_quarter(), 3)

    def test_first_purchases(self):
        for customer, ago in zip(self.some, (5, 80, 95, 400), strict=True):
            self.buy(customer, days_ago=ago)
        self.refresh()
        self.assertEqual(self.expected(trigger="first_purchase"), 2)

    def test_segments(self):
        first, second = self.env["crm.rfm.segment"]._of_company(self.company_a)[:2]
        moved = {"old_segment_id": first.id, "new_segment_id": second.id}
        self.log_changes("crm.rfm.change", (1, 50, 95), **moved)
        # Once each.
        self.log_changes("crm.rfm.change", (3,), **moved)
        # Moved by new settings, or not at all.
        self.log_changes(
            "crm.rfm.change", (9, 9, 9), **moved, reason="definition_changed"
        )
        same = {"old_segment_id": second.id, "new_segment_id": second.id}
        self.log_changes("crm.rfm.change", (9, 9, 9, 9), **same)
        for trigger, segment, count in (
            ("segment_left", first, 2),
            ("segment_left", second, 0),
        ):
            found = self.expected(trigger=trigger, segment_ids=segment.ids)
            self.assertEqual(found, count)
        # Only those who are in the segment now can be enrolled.
        self.assertEqual(self.expected(trigger="segment", segment_ids=second.ids), 0)
        for customer in self.some[:2]:
            self.env["crm.rfm.score"].create(
                {
                    "partner_id": customer.id,
                    "company_id": self.company_a.id,
                    "segment_id": second.id,
                }
            )
        self.assertEqual(self.expected(trigger="segment", segment_ids=second.ids), 2)

    def test_tiers(self):
        low, high = self.env["crm.loyalty.tier"].create(
            [
                {"name": name, "company_id": self.company_a.id, "sequence": number}
                for number, name in enumerate(("Low", "High"), 1)
            ]
        )
        up = {"old_tier_id": low.id, "new_tier_id": high.id}
        self.log_changes("crm.loyalty.change", (1, 50, 95), reason="earned", **up)
        self.log_changes("crm.loyalty.change", (1, 1, 1, 1), reason="by_hand", **up)
        down = {"old_tier_id": high.id, "new_tier_id": low.id}
        self.log_changes("crm.loyalty.change", (2,), reason="fell", **down)
        self.assertEqual(self.expected(trigger="tier_up"), 2)
        self.assertEqual(self.expected(trigger="tier_down"), 1)

    def test_a_plan_that_was_completed(self):
        before = self.new_plan(self.log())
        before.enroll(self.some)
        self.run_due(days=1)
        self.of(before, self.some[0]).end_date = self.now() - timedelta(days=95)
        self.of(before, self.some[1]).arm = "control"
        found = self.expected(trigger="plan", trigger_plan_id=before.id)
        self.assertEqual(found, 2)

    def test_purchases(self):
        for customer, ago in zip(self.some, (5, 60, 110, 200), strict=True):
            self.buy(customer, days_ago=ago)
        self.assertEqual(self.expected(trigger="purchase", trigger_days=1), 2)
        self.assertEqual(self.expected(trigger="purchase", trigger_days=30), 2)

    def test_days_of_persons(self):
        kind = self.env.ref("crm_extended.date_kind_birthday")
        today = self.plans._today()
        for customer, day, yearly in (
            (self.some[0], today.replace(year=1980, day=1) - timedelta(days=40), True),
            (self.some[1], today - timedelta(days=365 * 3 + 200), True),
            (self.some[2], today - timedelta(days=30), False),
            # Not yet a year ago.
            (self.some[3], today - timedelta(days=30), True),
        ):
            self.env["crm.customer.date"].create(
                {
                    "partner_id": customer.id,
                    "company_id": self.company_a.id,
                    "kind_id": kind.id,
                    "date": day,
                    "yearly": yearly,
                }
            )
        found = self.expected(trigger="date", date_kind_id=kind.id)
        self.assertEqual(found, 2)

    def test_manual_and_regular_plans(self):
        self.some[:2].ref = "match"
        match = {"domain": "[('ref', '=', 'match')]"}
        self.assertEqual(self.expected(**match), 2)
        for days, count in ((30, 2), (180, 1)):
            found = self.expected(trigger="regular", trigger_days=days, **match)
            self.assertEqual(found, count)
        # The day's limit.
        self.assertEqual(self.expected(max_per_day=0, **match), 0)

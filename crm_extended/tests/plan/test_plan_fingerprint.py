"""Only what happens today starts a plan: no changed setting ever enrolls customers."""

from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import Command

from .common import PlanCommon


class TestPlanFingerprint(PlanCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.silver, cls.gold = cls.env["crm.loyalty.tier"].create(
            [
                {
                    "name": name,
                    "sequence": number,
                    "company_id": cls.company_a.id,
                    "rise_amount": amount,
                    "keep_amount": amount,
                }
                for number, name, amount in ((1, "Silver", 500), (2, "Gold", 1000))
            ]
        )
        cls.people = cls.customers(6)
        for number, customer in enumerate(cls.people):
            for days in range(number + 1):
                cls.buy(customer, 150 * (number + 1), days_ago=40 * days + 1)
        for _each in range(2):
            cls.refresh()
            cls.assess()
        segments = cls.env["crm.rfm.segment"].search(
            [("company_id", "in", (False, cls.company_a.id))]
        )
        anyone = {"reentry": "after_exit", "max_per_day": 1000}
        cls.watching = cls.plans.union(
            cls.new_plan(
                cls.log(), trigger="segment", segment_ids=segments.ids, **anyone
            ),
            cls.new_plan(
                cls.log(), trigger="segment_left", segment_ids=segments.ids, **anyone
            ),
            cls.new_plan(cls.log(), trigger="first_purchase", **anyone),
            cls.new_plan(cls.log(), trigger="tier_up", **anyone),
            cls.new_plan(cls.log(), trigger="tier_down", **anyone),
            cls.new_plan(cls.log(), trigger="tier_risk", **anyone),
        )

    @classmethod
    def assess(cls, as_of=None):
        return cls.env["crm.loyalty.membership"]._assess(cls.company_a, as_of=as_of)

    def changes(self):
        """How many changes there are in the logs."""
        return sum(
            self.env[name].search_count([("company_id", "=", self.company_a.id)])
            for name in ("crm.rfm.change", "crm.loyalty.change")
        )

    def nights(self, times=1, as_of=None):
        for _each in range(times):
            self.refresh(as_of=as_of)
            self.assess(as_of=as_of)
            for plan in self.watching:
                self.env["crm.care.plan.run"].search(
                    [("plan_id", "=", plan.id)]
                ).unlink()
                self.env["crm.care.plan.run"]._look(plan)

    def assertNoOne(self, moved=True):
        """Nobody is enrolled, although customers moved."""
        before = self.changes()
        self.nights()
        if moved:
            self.assertGreater(self.changes(), before, "The change moves no one.")
        self.assertFalse(self.watching.enrollment_ids.mapped("plan_id.trigger"))
        # Nor in the night after, where nothing happened.
        self.nights()
        self.assertFalse(self.watching.enrollment_ids.mapped("plan_id.trigger"))

    def test_what_customers_do_enrolls_them(self):
        new = self.customer("New")
        self.buy(new, 5000)
        for _each in range(5):
            self.buy(self.people[0], 900)
        self.nights()
        found = {plan.trigger: plan.enrollment_ids.partner_id for plan in self.watching}
        self.assertEqual(found["first_purchase"], new)
        self.assertIn(self.people[0], found["segment"])
        self.assertIn(self.people[0], found["segment_left"])
        self.assertIn(self.people[0], found["tier_up"])

    def test_number_of_levels(self):
        self.company_a.rfm_bins = 3
        self.assertNoOne()

    def test_own_thresholds(self):
        self.company_a.write(
            {
                "rfm_method": "threshold",
                "rfm_recency_thresholds": [10, 20, 30, 40],
                "rfm_frequency_thresholds": [1, 2, 3, 4],
                "rfm_monetary_thresholds": [100, 5000, 6000, 7000],
            }
        )
        self.assertNoOne()
        self.company_a.rfm_monetary_thresholds = [1, 2, 3, 4]
        self.assertNoOne()

    def test_lookback_period(self):
        self.company_a.rfm_window_months = 1
        self.assertNoOne()

    def test_average_instead_of_total(self):
        self.company_a.rfm_monetary_measure = "average"
        self.assertNoOne(moved=False)

    def test_source_of_purchases(self):
        self.company_a.rfm_source = "sale"
        self.assertNoOne(moved=False)

    def test_criteria_of_a_segment(self):
        segment = self.score(self.people[0]).segment_id
        copied = segment.copy({"sequence": -5, "company_id": self.company_a.id})
        self.assertNoOne()
        copied.r_max = copied.r_min
        self.assertNoOne(moved=False)
        copied.active = False
        self.assertNoOne(moved=False)

    def test_lower_thresholds_of_tiers(self):
        self.silver.write({"rise_amount": 100, "keep_amount": 100})
        self.assertNoOne()

    def test_higher_thresholds_of_tiers(self):
        (self.silver | self.gold).write({"keep_amount": 90000, "rise_amount": 90000})
        self.company_a.loyalty_grace_months = 2
        self.assertNoOne(moved=False)
        self.company_a.loyalty_grace_months = 0
        self.assertNoOne(moved=False)

    def test_tier_archived_and_added(self):
        self.gold.active = False
        self.assertNoOne()
        self.gold.copy(
            {"active": True, "rise_amount": 600, "keep_amount": 600, "sequence": 3}
        )
        self.assertNoOne()

    def test_tier_restricted_to_segments(self):
        segment = self.score(self.people[-1]).segment_id
        self.silver.segment_ids = [Command.set(segment.ids)]
        self.assertNoOne(moved=False)
        segment.copy({"sequence": -5, "company_id": self.company_a.id})
        self.assertNoOne(moved=False)

    def test_qualifying_period(self):
        self.company_a.loyalty_period_months = 1
        self.assertNoOne(moved=False)
        self.company_a.loyalty_period = "calendar"
        self.assertNoOne(moved=False)

    def test_currency(self):
        self.company_a.currency_id = self.usd
        self.assertNoOne(moved=False)

    def test_definition_changed(self):
        self.buy(self.people[0], 9000)
        self.company_a.write(
            {"rfm_definition_changed": True, "loyalty_definition_changed": True}
        )
        self.assertNoOne()

    def test_update_of_another_day(self):
        self.buy(self.people[0], 9000, days_ago=3)
        self.refresh(as_of=self.today - timedelta(days=2))
        self.assess(as_of=self.today - timedelta(days=2))
        self.assertFalse(self.watching.enrollment_ids)

    def test_rebuilt_history(self):
        job = self.env["crm.rfm.rebuild"].create(
            {
                "company_id": self.company_a.id,
                "date_from": self.today - relativedelta(months=6),
            }
        )
        before = self.changes()
        job.action_start()
        with self.enter_registry_test_mode():
            self.env.ref("crm_extended.ir_cron_rfm_rebuild").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(job.state, "done", job.error)
        self.assertGreater(self.changes(), before)
        self.assertFalse(self.watching.enrollment_ids)

    def test_first_update_of_a_company(self):
        plans = self.plans.union(
            *(
                self.new_plan(self.log(), trigger=trigger, company=self.company_b)
                for trigger in ("first_purchase", "tier_up")
            )
        )
        self.buy(self.people[0], 9000, company=self.company_b)
        self.silver.copy({"company_id": self.company_b.id, "sequence": 1})
        self.refresh(self.company_b)
        self.env["crm.loyalty.membership"]._assess(self.company_b)
        self.assertFalse(plans.enrollment_ids)

"""Changes of life-cycle stages enroll customers in care plans."""

from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo.tests import tagged

from .common import PlanCommon


@tagged("post_install", "-at_install")
class TestPlanLifecycle(PlanCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.moving, cls.staying = cls.customers(2)
        for partner in cls.moving + cls.staying:
            for ago in (300, 200, 100, 20):
                cls.buy(partner, 50, ago)
        cls.update(2)
        cls.buy(cls.moving, -70, 1)

    @classmethod
    def update(cls, days_ago):
        with freeze_time(datetime.now() - timedelta(days=days_ago)):
            return cls.env["crm.lifecycle"]._refresh(cls.company_a)

    def plan(self, **values):
        return self.new_plan(self.log(), trigger="lifecycle", **values)

    def enrolled(self, plan):
        return self.of(plan).partner_id

    def test_moved_to_a_stage(self):
        decline = self.plan(to_decline=True, to_exploration=True)
        growth = self.plan(to_formation=True)
        any_stage = self.plan()
        self.update(1)
        self.assertFalse(self.of(decline))
        self.assertEqual(decline._expected_lifecycle(self.today, None)[1], 1)
        self.update(0)
        self.assertEqual(self.enrolled(decline), self.moving)
        self.assertEqual(self.enrolled(any_stage), self.moving)
        self.assertFalse(self.of(growth))
        self.update(0)
        self.assertEqual(len(self.of(any_stage)), 1)
        self.assertEqual(len(decline._today_lifecycle()), 1)

    def test_who_is_there_matches(self):
        plan = self.plan(to_stable=True)
        self.assertEqual(plan._count_matching(), 2)
        self.assertEqual(self.plan()._count_matching(), 0)

    def test_settings_and_other_days_enroll_no_one(self):
        plan = self.plan()
        self.update(1)
        self.company_a.lifecycle_days = 200
        self.update(0)
        self.assertFalse(self.of(plan))
        self.env["crm.lifecycle"]._refresh(
            self.company_a, self.today - timedelta(days=260)
        )
        self.update(0)
        self.assertFalse(self.of(plan))

    def test_who_refused_profiling_is_left_out(self):
        plan = self.plan(to_decline=True)
        self.assertTrue(plan._is_profiling())
        filtered = self.new_plan(
            self.log(), domain="[('lifecycle_stage', '=', 'decline')]"
        )
        self.assertTrue(filtered._is_profiling())
        self.env["crm.consent"].create(
            {
                "partner_id": self.moving.id,
                "company_id": self.company_a.id,
                "purpose_id": self.env.ref("crm_extended.purpose_profiling").id,
                "state": "refused",
            }
        )
        self.update(1)
        self.update(0)
        self.assertFalse(self.of(plan))

    def test_words(self):
        plan = self.plans.new(
            {
                "company_id": self.company_a.id,
                "trigger": "lifecycle",
                "to_decline": True,
                "to_stable": True,
            }
        )
        self.assertEqual(
            plan.trigger_text, "Life-cycle stage changed to Stable or Decline"
        )
        self.assertIn("lifecycle", plan.available_triggers)
        self.env["crm.feature"]._switch(insight=False)
        plan.invalidate_recordset(["available_triggers"])
        self.assertNotIn("lifecycle", plan.available_triggers)

from odoo.tests import tagged

from .common import PlanCommon


@tagged("post_install", "-at_install")
class TestPlanForecast(PlanCommon):
    """The expected next purchase enrolls customers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["crm.feature"]._switch(insight=True)
        cls.due = cls.buyer("Due", 90, 60, 30)
        cls.soon = cls.buyer("Soon", 87, 57, 27)
        cls.late = cls.buyer("Late", 100, 70, 40)
        cls.gone = cls.buyer("Gone", 960, 930, 900)
        cls.env["crm.forecast"]._refresh(cls.company_a)

    @classmethod
    def buyer(cls, name, *days):
        partner = cls.customer(name)
        for ago in days:
            cls.buy(partner, 10, ago)
        return partner

    def enrolled_by(self, **values):
        plan = self.new_plan(self.log(), trigger="next_purchase", **values)
        self.env["crm.care.plan.run"]._look(plan)
        enrolled = self.enrollments.search([("plan_id", "=", plan.id)])
        return enrolled.partner_id & (self.due + self.soon + self.late + self.gone)

    def test_on_the_day_before_and_after(self):
        self.assertEqual(self.enrolled_by(), self.due)
        self.assertEqual(self.enrolled_by(trigger_days=3), self.soon)
        late = self.enrolled_by(trigger_days=10, trigger_when="after")
        self.assertEqual(late, self.late)

    def test_those_who_refused_profiling_are_left_out(self):
        self.env["crm.consent"].create(
            {
                "partner_id": self.due.id,
                "company_id": self.company_a.id,
                "purpose_id": self.env.ref("crm_extended.purpose_profiling").id,
                "state": "refused",
            }
        )
        self.assertFalse(self.enrolled_by())

    def test_words_and_numbers(self):
        plan = self.new_plan(
            self.log(), trigger="next_purchase", trigger_days=3, start=False
        )
        self.assertIn("Expected next purchase", plan.trigger_text)
        self.assertTrue(plan._is_profiling())
        self.assertIn("next_purchase", plan.available_triggers)
        query, _days = plan._expected_next_purchase(plan._today(), plan._today())
        rows = self.env.execute_query(query)
        self.assertIn(self.soon.id, [row[0] for row in rows])

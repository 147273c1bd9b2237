from odoo.tests import tagged

from .common import PlanCommon


@tagged("post_install", "-at_install")
class TestPlanMonth(PlanCommon):
    """Months count enrollments, and goals that were reached."""

    def test_enrolled_and_goals(self):
        self.env["crm.feature"]._switch(insight=True)
        plan = self.new_plan(self.log())
        partners = [self.customer(name) for name in ("One", "Two", "Control")]
        now = self.now()
        self.enrollments.create(
            [
                {
                    "partner_id": partner.id,
                    "company_id": self.company_a.id,
                    "plan_id": plan.id,
                    "version_id": plan.version_id.id,
                    "arm": arm,
                    "state": state,
                    "exit_reason": reason,
                    "start_date": now,
                    "end_date": reason and now,
                }
                for partner, arm, state, reason in zip(
                    partners,
                    ("plan", "plan", "control"),
                    ("running", "exited", "exited"),
                    (False, "goal", "goal"),
                    strict=True,
                )
            ]
        )
        self.env["crm.insight.run"]._run_now(self.company_a)
        months = self.env["crm.insight.month"].sudo()
        [sums] = months._read_group(
            [("company_id", "=", self.company_a.id)], [], ["enrolled:sum", "goals:sum"]
        )
        self.assertEqual(sums, (2, 1))

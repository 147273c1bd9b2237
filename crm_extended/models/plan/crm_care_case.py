from odoo import fields, models

TRIGGERS = ("case_solved", "complaint_solved")


class CrmCareCase(models.Model):
    """Solved cases start care plans."""

    _inherit = "crm.care.case"

    def _apply_outcomes(self, before):
        result = super()._apply_outcomes(before)
        solved = self.filtered(
            lambda case: case.outcome == "solved" and before[case] != "solved"
        )
        for company, cases in solved.grouped("company_id").items():
            cases._start_plans(company)
        return result

    def _start_plans(self, company):
        """Enroll the customers of cases that were solved today."""
        # sudo: plans enroll, whoever solves a case.
        plans = self.env["crm.care.plan"].sudo()
        plans._on_deed(company, TRIGGERS, self._customers_solved)

    def _customers_solved(self, plan):
        """The customers of these cases that were solved today, in the zone of a plan."""
        cases = self
        if plan.trigger == "complaint_solved":
            cases = self.filtered(lambda case: case.type == "complaint")
        today, zone = plan._today(), plan._get_zone()
        cases = cases.filtered(
            lambda case: (
                case.closed_date
                and fields.Datetime.context_timestamp(
                    case.with_context(tz=zone), case.closed_date
                ).date()
                == today
            )
        )
        # sudo: a case's customer, also one that the user may not read.
        return cases.sudo().partner_id.commercial_partner_id

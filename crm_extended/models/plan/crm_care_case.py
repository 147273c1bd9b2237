from odoo import fields, models


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
        complaints = self.filtered(lambda case: case.type == "complaint")
        for trigger, cases in (("case_solved", self), ("complaint_solved", complaints)):
            for plan in plans._running(company, [trigger]):
                today = cases.filtered(
                    lambda case, plan=plan: (
                        case.closed_date
                        and fields.Datetime.context_timestamp(
                            case.with_context(tz=plan._get_zone()), case.closed_date
                        ).date()
                        == plan._today()
                    )
                )
                # sudo: a case's customer, also one that the user may not read.
                customers = today.sudo().partner_id.commercial_partner_id
                if customers:
                    plan._enroll(plan._source(customers))

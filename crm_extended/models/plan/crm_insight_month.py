from odoo import api, fields, models
from odoo.tools import SQL


class CrmInsightMonth(models.Model):
    """How many customers care plans began with in a month, and how many reached the goal
    of a plan."""

    _inherit = "crm.insight.month"

    enrolled = fields.Integer(
        string="Enrolled in Plans",
        readonly=True,
        help="Times that a care plan began for a customer. Control groups do not count.",
    )

    goals = fields.Integer(
        string="Plan Goals Reached",
        readonly=True,
        help="Times that a customer left a care plan because they reached its goal. "
        "Control groups do not count.",
    )

    @api.model
    def _get_events(self, company):
        query = """
            SELECT partner_id, %s AS date FROM crm_care_enrollment AS enrollment
             WHERE company_id = %s AND arm = 'plan' AND %s
            """
        begun = self._local(company, SQL("enrollment.start_date"))
        ended = self._local(company, SQL("enrollment.end_date"))
        return {
            **super()._get_events(company),
            "enrolled": SQL(query, begun, company.id, SQL("TRUE")),
            "goals": SQL(query, ended, company.id, SQL("exit_reason = 'goal'")),
        }

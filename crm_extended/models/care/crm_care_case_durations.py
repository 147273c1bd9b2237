from odoo import api, fields, models

from ...analytics.care.working_time import elapsed


class CrmCareCase(models.Model):
    """How much working time it took to answer and to solve a case."""

    _inherit = "crm.care.case"

    # Stored: working hours, with leaves, lunch breaks and summer time, are beyond SQL,
    # and what they were is settled the moment the dates are. So they depend on the dates
    # alone: a calendar, a team or a holiday that changes later does not rewrite history,
    # and no more does a pause after the answer.
    first_response_hours = fields.Float(
        string="Hours to First Response",
        compute="_compute_first_response_hours",
        store=True,
        # Averages are in the reports, which know of cases that have none yet.
        aggregator=None,
        help="Working hours of the team from the opening to the first answer that the "
        "customer could see, without the time in which his own was awaited.",
    )
    resolution_hours = fields.Float(
        string="Hours to Resolution",
        compute="_compute_resolution_hours",
        store=True,
        # Averages are in the reports, which know of cases that have none yet.
        aggregator=None,
        help="Working hours of the team from the opening until the case was solved, "
        "without the time in which the customer's answer was awaited or the case was "
        "closed.",
    )

    @api.depends("opened_date", "first_response_date")
    def _compute_first_response_hours(self):
        answered = self.filtered(
            lambda case: case.opened_date and case.first_response_date
        )
        (self - answered).first_response_hours = False
        for case, hours in answered._hours_until("first_response_date"):
            case.first_response_hours = hours

    @api.depends("opened_date", "closed_date", "outcome")
    def _compute_resolution_hours(self):
        solved = self.filtered(
            lambda case: (
                case.opened_date and case.closed_date and case.outcome == "solved"
            )
        )
        (self - solved).resolution_hours = False
        for case, hours in solved._hours_until("closed_date"):
            case.resolution_hours = hours

    def _hours_until(self, name):
        """Working hours from the opening of cases to another of their dates.

        :param str name: the other date
        :return: pairs of case and hours
        """
        for time, cases in self._by_working_time():
            for case in cases:
                pauses = case._pauses()
                if case.sla_paused_since:
                    pauses.append((case.sla_paused_since, case[name]))
                seconds = elapsed(time, case.opened_date, case[name], pauses)
                yield case, seconds / 3600

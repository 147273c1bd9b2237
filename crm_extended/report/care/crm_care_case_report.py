from odoo import api, fields, models
from odoo.tools import SQL

from ...models.care.crm_care_stage import OUTCOMES
from ...models.care.empty_help import cases_help
from .crm_care_report_mixin import CASE_COLUMNS


class CrmCareCaseReport(models.Model):
    """Cases, how long they took and whether they came back: one row for each.

    A measure has no value where the case says nothing about it, so that averages, shares
    and percentiles are of those it does: hours of cases answered or solved, reopening of
    cases that were closed once, first contact of cases that are solved.
    """

    _name = "crm.care.case.report"
    _inherit = "crm.care.report.mixin"
    _description = "Service Case Analysis"
    _auto = False
    _order = "opened_date desc, id desc"
    _depends = {
        "crm.care.case": [
            *CASE_COLUMNS,
            "stage_id",
            "outcome",
            "closed_date",
            "first_response_date",
            "first_response_hours",
            "resolution_hours",
            "reopen_count",
            "sla_pauses",
        ],
    }
    _percentiles = {
        "first_response_median": 0.5,
        "first_response_p90": 0.9,
        "resolution_median": 0.5,
        "resolution_p90": 0.9,
    }

    stage_id = fields.Many2one("crm.care.stage", readonly=True)
    outcome = fields.Selection(OUTCOMES, readonly=True)
    first_response_date = fields.Datetime(readonly=True)
    closed_date = fields.Datetime(string="Closed On", readonly=True)
    open_count = fields.Integer(
        string="Open", readonly=True, help="Not solved or cancelled yet."
    )
    closed_count = fields.Integer(
        string="Closed", readonly=True, help="Solved or cancelled."
    )
    first_response_hours = fields.Float(
        string="First Response (Average)",
        readonly=True,
        aggregator="avg",
        help="Working hours of the team to the first response.",
    )
    first_response_median = fields.Float(
        string="First Response (Median)",
        readonly=True,
        aggregator="avg",
        help="Working hours: half of the answered cases took less.",
    )
    first_response_p90 = fields.Float(
        string="First Response (90th pct.)",
        readonly=True,
        aggregator="avg",
        help="Working hours: 90% of the answered cases took less.",
    )
    resolution_hours = fields.Float(
        string="Resolution (Average)",
        readonly=True,
        aggregator="avg",
        help="Working hours of the team to the resolution.",
    )
    resolution_median = fields.Float(
        string="Resolution (Median)",
        readonly=True,
        aggregator="avg",
        help="Working hours: half of the solved cases took less.",
    )
    resolution_p90 = fields.Float(
        string="Resolution (90th pct.)",
        readonly=True,
        aggregator="avg",
        help="Working hours: 90% of the solved cases took less.",
    )
    reopen_count = fields.Integer(
        string="Times Reopened", readonly=True, aggregator="sum"
    )
    reopened = fields.Float(
        string="Reopen Rate",
        readonly=True,
        aggregator="avg",
        help="Share of cases closed at least once that were reopened.",
    )
    first_contact = fields.Float(
        string="Solved at First Contact",
        readonly=True,
        aggregator="avg",
        help="Share of solved cases that never waited for the customer and were never "
        "reopened.",
    )

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT care.id, care.id AS case_id, care.stage_id, care.outcome,
                   care.first_response_date, care.closed_date,
                   (care.outcome IN ('open', 'waiting'))::int AS open_count,
                   (care.outcome IN ('solved', 'cancelled'))::int AS closed_count,
                   hours.answer AS first_response_hours,
                   hours.answer AS first_response_median,
                   hours.answer AS first_response_p90,
                   hours.solving AS resolution_hours,
                   hours.solving AS resolution_median,
                   hours.solving AS resolution_p90,
                   COALESCE(care.reopen_count, 0) AS reopen_count,
                   CASE WHEN care.reopen_count > 0 THEN 1.0
                        WHEN care.outcome IN ('solved', 'cancelled') THEN 0.0
                    END AS reopened,
                   CASE WHEN care.outcome <> 'solved' THEN NULL
                        WHEN care.reopen_count > 0 OR care.sla_pauses IS NOT NULL
                        THEN 0.0 ELSE 1.0
                    END AS first_contact,
                   %(columns)s
              FROM crm_care_case AS care
        CROSS JOIN LATERAL (
                SELECT CASE WHEN care.first_response_date IS NOT NULL
                            THEN care.first_response_hours END AS answer,
                       CASE WHEN care.outcome = 'solved' AND care.closed_date IS NOT NULL
                            THEN care.resolution_hours END AS solving) AS hours
            """,
            columns=self._case_columns(),
        )

    @api.model
    def get_empty_list_help(self, help_message):
        return cases_help(self.env, super().get_empty_list_help(help_message))

from odoo import api, fields, models
from odoo.tools import SQL

from ...models.care.crm_care_sla import METRICS
from ...models.care.crm_care_sla_status import STATES, state_sql
from ...models.care.empty_help import targets_help
from .crm_care_report_mixin import CASE_COLUMNS


class CrmCareSlaReport(models.Model):
    """Targets of cases, and what became of them: one row for each.

    The success rate is those met among those met or missed. A target whose deadline is
    over is decided, and missed, from that moment on, whatever has been written since; one
    that is running or paused counts neither way.
    """

    _name = "crm.care.sla.report"
    _inherit = "crm.care.report.mixin"
    _description = "SLA Target Analysis"
    _auto = False
    _order = "opened_date desc, id desc"
    _depends = {
        "crm.care.case": list(CASE_COLUMNS),
        "crm.care.sla.status": [
            "case_id",
            "sla_id",
            "metric",
            "hours",
            "deadline",
            "reached_date",
            "paused_since",
        ],
    }

    sla_id = fields.Many2one("crm.care.sla", string="SLA Target", readonly=True)
    metric = fields.Selection(METRICS, readonly=True)
    state = fields.Selection(STATES, readonly=True)
    deadline = fields.Datetime(readonly=True)
    reached_date = fields.Datetime(string="Met On", readonly=True)
    hours = fields.Float(string="Hours Allowed", readonly=True, aggregator="avg")
    attainment = fields.Float(
        string="Success Rate",
        readonly=True,
        aggregator="avg",
        help="Share of SLA targets that were met, among those that were met or missed.",
    )
    reached_count = fields.Integer(string="Met", readonly=True)
    missed_count = fields.Integer(string="Missed", readonly=True)
    going_count = fields.Integer(
        string="Pending", readonly=True, help="In progress or paused."
    )

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT status.id, status.case_id, status.sla_id, status.metric,
                   status.hours, status.deadline, status.reached_date,
                   now.state,
                   CASE now.state WHEN 'reached' THEN 1.0 WHEN 'failed' THEN 0.0 END
                       AS attainment,
                   (now.state = 'reached')::int AS reached_count,
                   (now.state = 'failed')::int AS missed_count,
                   (now.state IN ('ongoing', 'paused'))::int AS going_count,
                   %(columns)s
              FROM crm_care_sla_status AS status
              JOIN crm_care_case AS care ON care.id = status.case_id
        CROSS JOIN LATERAL (
                SELECT %(state)s AS state) AS now
            """,
            columns=self._case_columns(),
            state=state_sql(
                SQL("%s::timestamp", fields.Datetime.now()),
                SQL.identifier("status", "deadline"),
                SQL.identifier("status", "reached_date"),
                SQL.identifier("status", "paused_since"),
            ),
        )

    @api.model
    def get_empty_list_help(self, help_message):
        return targets_help(self.env, super().get_empty_list_help(help_message))

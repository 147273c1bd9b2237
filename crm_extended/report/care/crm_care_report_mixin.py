from odoo import api, fields, models
from odoo.tools import SQL

from ...models.care.crm_care_case import CHANNELS, PRIORITIES, TYPES
from ...models.common.bulk_sql import tune_for_bulk

# What the web client and spreadsheets may ask of a measure.
OF_NUMBERS = ("avg", "sum", "min", "max")

# Columns of a case that reports are grouped by, and their names in reports. Tier and
# segment are those by which its targets were computed: a customer who is upgraded later
# does not rewrite what was done for them before.
CASE_COLUMNS = {
    "company_id": "company_id",
    "team_id": "team_id",
    "user_id": "user_id",
    "type": "type",
    "priority": "priority",
    "category_id": "category_id",
    "channel": "channel",
    "partner_id": "partner_id",
    "sla_tier_id": "tier_id",
    "sla_segment_id": "segment_id",
    "opened_date": "opened_date",
    "active": "active",
}


class CrmCareReportMixin(models.AbstractModel):
    """What reports on cases have in common: what they are grouped by, and medians.

    Odoo's aggregates are fixed, and pivots, graphs and spreadsheets ask for the one of
    the field. A field named in ``_percentiles`` therefore answers all of them with its
    percentile. PostgreSQL finds it among the rows of each group and each total: a total
    is the median of all its rows, not a mean of medians.

    Rows of cases that the reader may not see are neither shown nor counted, as the mixin
    of a case's records has it.
    """

    _name = "crm.care.report.mixin"
    _inherit = "crm.care.case.record.mixin"
    _description = "Service Case Report"
    _rec_name = "case_id"

    # Names of fields, and which share of the values lies below theirs.
    _percentiles = {}

    company_id = fields.Many2one("res.company", related=None, readonly=True)
    team_id = fields.Many2one("crm.care.team", readonly=True)
    user_id = fields.Many2one("res.users", string="Assigned to", readonly=True)
    type = fields.Selection(TYPES, readonly=True)
    priority = fields.Selection(PRIORITIES, readonly=True)
    category_id = fields.Many2one("crm.care.category", readonly=True)
    channel = fields.Selection(CHANNELS, readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    tier_id = fields.Many2one(
        "crm.loyalty.tier",
        readonly=True,
        help="Tier of the customer when the SLA targets of the case were last computed.",
    )
    segment_id = fields.Many2one(
        "crm.rfm.segment",
        readonly=True,
        help="Segment of the customer when the SLA targets of the case were last "
        "computed.",
    )
    opened_date = fields.Datetime(string="Opened On", readonly=True)
    active = fields.Boolean(readonly=True)

    @api.model
    def _case_columns(self) -> SQL:
        """The columns of the case, which is called ``care``."""
        return SQL(", ").join(
            SQL("care.%s AS %s", SQL.identifier(column), SQL.identifier(name))
            for column, name in CASE_COLUMNS.items()
        )

    @api.model
    def _read_group(
        self,
        domain,
        groupby=(),
        aggregates=(),
        having=(),
        offset=0,
        limit=None,
        order=None,
    ):
        tune_for_bulk(self.env)
        return super()._read_group(
            domain, groupby, aggregates, having, offset, limit, order
        )

    @api.model
    def _read_grouping_sets(self, domain, grouping_sets, aggregates=(), order=None):
        tune_for_bulk(self.env)
        return super()._read_grouping_sets(domain, grouping_sets, aggregates, order)

    @api.model
    def _read_group_select(self, aggregate_spec, query):
        name, _sep, function = aggregate_spec.partition(":")
        if name not in self._percentiles or function not in OF_NUMBERS:
            return super()._read_group_select(aggregate_spec, query)
        return SQL(
            "PERCENTILE_CONT(%s) WITHIN GROUP (ORDER BY %s)",
            self._percentiles[name],
            self._field_to_sql(self._table, name, query),
        )

    def action_open_case(self):
        """Open the case that the row is about."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "crm.care.case",
            "res_id": self.case_id.id,
            "view_mode": "form",
        }

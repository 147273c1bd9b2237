from datetime import timedelta

from odoo import api, fields, models
from odoo.tools.constants import GC_UNLINK_LIMIT

# How long the log of refreshes is kept, in days: a year, and a month to look back on it.
KEEP_DAYS = 400


class CrmRfmRefresh(models.Model):
    """One computation of a company's scores: when, of what day, with what outcome."""

    _name = "crm.rfm.refresh"
    _description = "Refresh of Customer Standings"
    _rec_name = "as_of"
    _order = "id desc"

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    create_date = fields.Datetime(string="Done On", readonly=True)
    as_of = fields.Date(
        string="Standing Of",
        required=True,
        readonly=True,
        help="The day the scores describe.",
    )
    duration = fields.Float(
        string="Seconds", readonly=True, digits=(16, 2), aggregator="avg"
    )
    customer_count = fields.Integer(string="Customers", readonly=True)
    moved_count = fields.Integer(
        string="Moved",
        readonly=True,
        help="Customers whose scores or segment changed.",
    )
    added_count = fields.Integer(string="New", readonly=True)
    removed_count = fields.Integer(
        string="Removed",
        readonly=True,
        help="Customers with no purchase any more, for example because their only "
        "invoice was reset to draft.",
    )
    recency_cuts = fields.Json(readonly=True)
    frequency_cuts = fields.Json(readonly=True)
    monetary_cuts = fields.Json(readonly=True)

    def _describe(self) -> str:
        """Say in one sentence what the refreshes found."""
        return self.env._(
            "%(customers)s customers scored: %(moved)s moved, %(added)s new, "
            "%(removed)s removed.",
            customers=sum(self.mapped("customer_count")),
            moved=sum(self.mapped("moved_count")),
            added=sum(self.mapped("added_count")),
            removed=sum(self.mapped("removed_count")),
        )

    @api.autovacuum
    def _gc_refreshes(self):
        limit = fields.Datetime.now() - timedelta(days=KEEP_DAYS)
        self.search([("create_date", "<", limit)], limit=GC_UNLINK_LIMIT).unlink()

from odoo import api, fields, models
from odoo.tools.constants import GC_UNLINK_LIMIT

from ..common.crm_company_job_mixin import KEEP_DAYS


class CrmCustomerListCount(models.Model):
    """How many customers were on a list on a day, for its trend."""

    _name = "crm.customer.list.count"
    _description = "Customer List by Day"
    _order = "date desc, id desc"
    _rec_name = "date"

    list_id = fields.Many2one(
        "crm.customer.list",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="list_id.company_id", store=True, index="btree_not_null"
    )
    date = fields.Date(string="Day", required=True, readonly=True)
    count = fields.Integer(string="Customers", readonly=True, aggregator="avg")

    _unique_day = models.Constraint(
        "UNIQUE (list_id, date)", "The list has been counted on this day already."
    )

    @api.autovacuum
    def _gc_counts(self):
        limit = fields.Date.subtract(fields.Date.today(), days=KEEP_DAYS)
        self.search([("date", "<", limit)], limit=GC_UNLINK_LIMIT).unlink()

from odoo import fields, models


class CrmRfmRebuildPoint(models.Model):
    """The scores a customer came to on a day, while history is being rebuilt.

    Kept until the rebuild is done, so that a rebuild that is stopped or cancelled in the
    middle leaves the score changes as they were.
    """

    _name = "crm.rfm.rebuild.point"
    _inherit = "crm.customer.record.mixin"
    _description = "History Rebuild Step"
    _order = "rebuild_id, partner_id, date desc"

    rebuild_id = fields.Many2one("crm.rfm.rebuild", required=True, ondelete="cascade")
    partner_id = fields.Many2one(ondelete="cascade")
    company_id = fields.Many2one(ondelete="cascade")
    date = fields.Date(required=True)
    revenue = fields.Float()
    recency_score = fields.Integer(string="R")
    frequency_score = fields.Integer(string="F")
    monetary_score = fields.Integer(string="M")
    code = fields.Char(string="RFM")
    segment_id = fields.Many2one("crm.rfm.segment", ondelete="set null")

    # Also serves queries for a customer's last point.
    _unique_day = models.Constraint(
        "UNIQUE (rebuild_id, partner_id, date)",
        "A customer can have only one score on each day.",
    )

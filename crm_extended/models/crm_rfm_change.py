from odoo import api, fields, models


class CrmRfmChange(models.Model):
    """A move of a customer between grades, as a refresh found it.

    Old values are empty for a customer who came, new ones for one who went (whose
    purchases were all taken back).
    """

    _name = "crm.rfm.change"
    _inherit = "crm.customer.record.mixin"
    _description = "Move Between Grades"
    _rec_name = "partner_id"
    _order = "date desc, id desc"

    partner_id = fields.Many2one(index=True, ondelete="cascade", readonly=True)
    company_id = fields.Many2one(ondelete="cascade", readonly=True)
    date = fields.Date(required=True, readonly=True)
    old_recency_score = fields.Integer(string="Old R", readonly=True, aggregator=None)
    old_frequency_score = fields.Integer(string="Old F", readonly=True, aggregator=None)
    old_monetary_score = fields.Integer(string="Old M", readonly=True, aggregator=None)
    new_recency_score = fields.Integer(string="New R", readonly=True, aggregator=None)
    new_frequency_score = fields.Integer(string="New F", readonly=True, aggregator=None)
    new_monetary_score = fields.Integer(string="New M", readonly=True, aggregator=None)
    old_code = fields.Char(string="Old RFM", readonly=True)
    new_code = fields.Char(string="New RFM", readonly=True)
    old_segment_id = fields.Many2one(
        "crm.rfm.segment", string="From Segment", readonly=True, ondelete="set null"
    )
    new_segment_id = fields.Many2one(
        "crm.rfm.segment", string="To Segment", readonly=True, ondelete="set null"
    )
    old_segment_color = fields.Integer(
        related="old_segment_id.color",
        string="Old Segment Color",
        aggregator=None,
    )
    new_segment_color = fields.Integer(
        related="new_segment_id.color",
        string="New Segment Color",
        aggregator=None,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    revenue = fields.Monetary(
        readonly=True,
        help="What the customer had spent in the months looked back when he moved.",
    )
    user_id = fields.Many2one(related="partner_id.user_id", string="Salesperson")

    _company_date_index = models.Index("(company_id, date)")

    @api.depends("old_code", "new_code")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for change in self:
            change.display_name = (
                f"{change.partner_id.display_name}: "
                f"{change.old_code or '–'} → {change.new_code or '–'}"
            )

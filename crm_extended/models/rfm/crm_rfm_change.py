from odoo import api, fields, models

from .empty_help import scores_help


class CrmRfmChange(models.Model):
    """A change of a customer's scores or segment, as a refresh found it.

    Old values are empty for a customer who came, new ones for a customer who went
    (whose purchases were all taken back).
    """

    _name = "crm.rfm.change"
    _inherit = ["crm.customer.record.mixin", "crm.change.event.mixin"]
    _description = "Score Change"
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
        help="Customer's revenue in the lookback period at the time of the change.",
    )
    reason = fields.Selection(
        [("definition_changed", "Definition changed")],
        readonly=True,
        help="Empty if the change was caused by the customer's purchases or by the "
        "passing of time. Otherwise, purchases were defined differently from this "
        "date onward.",
    )
    user_id = fields.Many2one(related="partner_id.user_id", string="Salesperson")

    # Odoo's chances of winning depend on the segment, whatever changed it.
    _quiet_subscribers = ("_update_leads",)

    _company_date_index = models.Index("(company_id, date)")

    @api.depends("old_code", "new_code")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for change in self:
            change.display_name = (
                f"{change.partner_id.display_name}: "
                f"{change.old_code or '–'} → {change.new_code or '–'}"
            )

    # -- Subscribers

    @api.model
    def _get_subscribers(self, company):
        subscribers = super()._get_subscribers(company)
        if self.env["crm.lead"]._pls_uses_segment():
            subscribers.append("_update_leads")
        if company.rfm_post_moves in ("segment", "all"):
            subscribers.append("_post_on_partners")
        return subscribers

    def _update_leads(self):
        moves = self.filtered(lambda move: move.old_segment_id != move.new_segment_id)
        self.env["crm.lead"]._pls_update_customers(moves.partner_id, self.company_id)

    def _post_on_partners(self):
        """Leave a note on each customer, without notifying users."""
        company = self.company_id
        moves = self.with_context(lang=company.partner_id.lang)
        if company.rfm_post_moves == "segment":
            moves = moves.filtered(
                lambda move: move.old_segment_id != move.new_segment_id
            )
        one_of_several = self.env["res.company"].search_count([], limit=2) > 1
        notes = {
            move.partner_id.id: move._describe(with_company=one_of_several)
            for move in moves
        }
        moves.partner_id._message_log_batch(notes)

    def _describe(self, with_company: bool) -> str:
        """The change in one line."""
        self.ensure_one()
        codes = f"{self.old_code or '–'} → {self.new_code or '–'}"
        if self.old_segment_id == self.new_segment_id:
            segments = self.new_segment_id.name or "–"
        else:
            old, new = self.old_segment_id.name, self.new_segment_id.name
            segments = f"{old or '–'} → {new or '–'}"
        if with_company:
            return self.env._(
                "Customer value at %(company)s: %(segments)s (%(codes)s)",
                company=self.company_id.name,
                segments=segments,
                codes=codes,
            )
        return self.env._(
            "Customer value: %(segments)s (%(codes)s)", segments=segments, codes=codes
        )

    @api.model
    def get_empty_list_help(self, help_message):
        return scores_help(self.env, super().get_empty_list_help(help_message))

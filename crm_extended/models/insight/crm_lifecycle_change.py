from odoo import api, fields, models

from .crm_lifecycle import STAGES
from .empty_help import lifecycle_help


class CrmLifecycleChange(models.Model):
    """A change of a customer's life-cycle stage, as an update found it.

    The old stage is empty for a customer who came, the new one for a customer who went
    (whose purchases were all taken back).
    """

    _name = "crm.lifecycle.change"
    _inherit = [
        "crm.customer.record.mixin",
        "crm.change.event.mixin",
        "crm.selection.order.mixin",
    ]
    _description = "Life-Cycle Change"
    _rec_name = "partner_id"
    _order = "date desc, id desc"
    _ordered_selections = ("old_stage", "new_stage")

    partner_id = fields.Many2one(index=True, ondelete="cascade", readonly=True)
    company_id = fields.Many2one(ondelete="cascade", readonly=True)
    date = fields.Date(required=True, readonly=True)
    old_stage = fields.Selection(STAGES, string="From Stage", readonly=True)
    new_stage = fields.Selection(STAGES, string="To Stage", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    revenue_now = fields.Monetary(
        string="Revenue, This Period",
        readonly=True,
        help="Of the last period in the settings, on that day.",
    )
    revenue_before = fields.Monetary(string="Revenue, Period Before", readonly=True)
    reason = fields.Selection(
        [
            ("definition_changed", "Definition changed"),
            ("other_day", "Computed for another day"),
        ],
        readonly=True,
        help="Empty if the change was caused by the customer's purchases or by the "
        "passing of time. Otherwise the settings changed, or someone computed the stages "
        "of an earlier day.",
    )
    user_id = fields.Many2one(related="partner_id.user_id", string="Salesperson")

    _company_date_index = models.Index("(company_id, date)")

    @api.depends("old_stage", "new_stage")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for change in self:
            change.display_name = f"{change.partner_id.display_name}: {change._title()}"

    def _title(self) -> str:
        """Both stages, in the language of the reader."""
        labels = dict(self._fields["new_stage"]._description_selection(self.env))
        stages = labels.get(self.old_stage, "–"), labels.get(self.new_stage, "–")
        return " → ".join(stages)

    @api.model
    def get_empty_list_help(self, help_message):
        return lifecycle_help(self.env, super().get_empty_list_help(help_message))

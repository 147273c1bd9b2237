from odoo import api, fields, models

from .empty_help import tiers_help


class CrmLoyaltyChange(models.Model):
    """A change of a customer's tier, or its extension, with the totals behind it."""

    _name = "crm.loyalty.change"
    _inherit = ["crm.customer.record.mixin", "crm.change.event.mixin"]
    _description = "Loyalty Tier Change"
    _rec_name = "partner_id"
    _order = "date desc, id desc"

    partner_id = fields.Many2one(index=True, ondelete="cascade", readonly=True)
    company_id = fields.Many2one(ondelete="cascade", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(required=True, readonly=True)
    old_tier_id = fields.Many2one(
        "crm.loyalty.tier",
        string="From Tier",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
    )
    new_tier_id = fields.Many2one(
        "crm.loyalty.tier",
        string="To Tier",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
    )
    old_tier_name = fields.Char(
        string="From Deleted Tier",
        readonly=True,
        help="Name of the tier, if it was deleted later.",
    )
    new_tier_name = fields.Char(
        string="To Deleted Tier",
        readonly=True,
        help="Name of the tier, if it was deleted later.",
    )
    # sudo: users who may read a change see the names of its tiers.
    old_tier_label = fields.Char(
        string="From", compute="_compute_tier_labels", compute_sudo=True
    )
    new_tier_label = fields.Char(
        string="To", compute="_compute_tier_labels", compute_sudo=True
    )
    old_tier_color = fields.Integer(
        related="old_tier_id.color", string="Old Tier Color", aggregator=None
    )
    new_tier_color = fields.Integer(
        related="new_tier_id.color", string="New Tier Color", aggregator=None
    )
    reason = fields.Selection(
        [
            ("earned", "Earned"),
            ("kept", "Kept"),
            ("fell", "Downgraded"),
            ("by_hand", "Manual"),
            ("lock_ended", "Override ended"),
            ("ladder_changed", "Tiers changed"),
            ("taken_back", "Purchase reversed"),
            ("definition_changed", "Definition changed"),
        ],
        required=True,
        readonly=True,
    )
    note = fields.Char(readonly=True, help="Note of a manual change.")
    qualifying_amount = fields.Monetary(readonly=True, aggregator=None)
    qualifying_orders = fields.Integer(readonly=True, aggregator=None)
    create_uid = fields.Many2one("res.users", string="Changed by", readonly=True)
    user_id = fields.Many2one(related="partner_id.user_id", string="Salesperson")
    # Pricelists do not depend on it: they are found by comparison.
    notification_pending = fields.Boolean(
        readonly=True,
        help="The pricelist and the notifications of this change are still pending.",
    )

    _company_date_index = models.Index("(company_id, date)")
    _notification_pending_index = models.Index(
        "(company_id, id) WHERE notification_pending"
    )

    @api.depends(
        "old_tier_id.name", "new_tier_id.name", "old_tier_name", "new_tier_name"
    )
    @api.depends_context("lang")
    def _compute_tier_labels(self):
        for change in self:
            change.old_tier_label = change.old_tier_id.name or change.old_tier_name
            change.new_tier_label = change.new_tier_id.name or change.new_tier_name

    @api.depends("old_tier_label", "new_tier_label")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for change in self:
            change.display_name = (
                f"{change.partner_id.display_name}: "
                f"{change.old_tier_label or '–'} → {change.new_tier_label or '–'}"
            )

    @api.model
    def get_empty_list_help(self, help_message):
        return tiers_help(self.env, super().get_empty_list_help(help_message))

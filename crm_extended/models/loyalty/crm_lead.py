from odoo import fields, models

from ..common.joined_fields import JoinedFloat, JoinedInteger, JoinedMonetary
from .groups import USE_LOYALTY


class CrmLead(models.Model):
    """Leads show the tier of their customer."""

    _inherit = "crm.lead"

    loyalty_tier_id = fields.Many2one(
        related="partner_id.loyalty_tier_id", string="Customer Tier", groups=USE_LOYALTY
    )
    loyalty_tier_color = fields.Integer(
        related="partner_id.loyalty_tier_color",
        string="Tier Color",
        aggregator=None,
        groups=USE_LOYALTY,
    )
    loyalty_tier_icon = fields.Selection(
        related="partner_id.loyalty_tier_icon", string="Tier Icon", groups=USE_LOYALTY
    )
    loyalty_membership_state = fields.Selection(
        related="partner_id.loyalty_membership_state", groups=USE_LOYALTY
    )
    loyalty_membership_valid_until = fields.Date(
        related="partner_id.loyalty_membership_valid_until", groups=USE_LOYALTY
    )
    loyalty_membership_falls_after = fields.Date(
        related="partner_id.loyalty_membership_falls_after", groups=USE_LOYALTY
    )
    loyalty_membership_lock_reason = fields.Char(
        related="partner_id.loyalty_membership_lock_reason", groups=USE_LOYALTY
    )
    loyalty_membership_next_tier_id = fields.Many2one(
        related="partner_id.loyalty_membership_next_tier_id", groups=USE_LOYALTY
    )
    loyalty_membership_progress = JoinedFloat(
        related="partner_id.loyalty_membership_progress",
        aggregator=None,
        groups=USE_LOYALTY,
    )
    loyalty_membership_currency_id = fields.Many2one(
        related="partner_id.loyalty_membership_currency_id", groups=USE_LOYALTY
    )
    loyalty_membership_amount_to_next = JoinedMonetary(
        related="partner_id.loyalty_membership_amount_to_next",
        currency_field="loyalty_membership_currency_id",
        aggregator=None,
        groups=USE_LOYALTY,
    )
    loyalty_membership_orders_to_next = JoinedInteger(
        related="partner_id.loyalty_membership_orders_to_next",
        aggregator=None,
        groups=USE_LOYALTY,
    )
    loyalty_membership_amount_to_keep = JoinedMonetary(
        related="partner_id.loyalty_membership_amount_to_keep",
        currency_field="loyalty_membership_currency_id",
        aggregator=None,
        groups=USE_LOYALTY,
    )
    loyalty_membership_orders_to_keep = JoinedInteger(
        related="partner_id.loyalty_membership_orders_to_keep",
        aggregator=None,
        groups=USE_LOYALTY,
    )
    loyalty_membership_missing_to_next = fields.Char(
        related="partner_id.loyalty_membership_missing_to_next", groups=USE_LOYALTY
    )
    loyalty_membership_missing_to_keep = fields.Char(
        related="partner_id.loyalty_membership_missing_to_keep", groups=USE_LOYALTY
    )
    loyalty_membership_next_text = fields.Char(
        related="partner_id.loyalty_membership_next_text", groups=USE_LOYALTY
    )
    loyalty_membership_keep_text = fields.Char(
        related="partner_id.loyalty_membership_keep_text", groups=USE_LOYALTY
    )
    loyalty_membership_close_to_next = fields.Boolean(
        related="partner_id.loyalty_membership_close_to_next", groups=USE_LOYALTY
    )
    loyalty_membership_about_to_fall = fields.Boolean(
        related="partner_id.loyalty_membership_about_to_fall", groups=USE_LOYALTY
    )

    def action_loyalty_changes(self):
        """Open the history of tiers of the lead's customer."""
        self.ensure_one()
        return self.partner_id.action_loyalty_changes()

from odoo import fields, models

from ..common.groups import SALES
from ..common.joined_fields import JoinedFloat, JoinedInteger, JoinedMonetary


class CrmLead(models.Model):
    """Leads show the tier of their customer."""

    _inherit = "crm.lead"

    loyalty_tier_id = fields.Many2one(
        related="partner_id.loyalty_tier_id", string="Customer Tier", groups=SALES
    )
    loyalty_tier_color = fields.Integer(
        related="partner_id.loyalty_tier_color",
        string="Tier Color",
        aggregator=None,
        groups=SALES,
    )
    loyalty_tier_icon = fields.Selection(
        related="partner_id.loyalty_tier_icon", string="Tier Icon", groups=SALES
    )
    loyalty_membership_state = fields.Selection(
        related="partner_id.loyalty_membership_state", groups=SALES
    )
    loyalty_membership_valid_until = fields.Date(
        related="partner_id.loyalty_membership_valid_until", groups=SALES
    )
    loyalty_membership_falls_after = fields.Date(
        related="partner_id.loyalty_membership_falls_after", groups=SALES
    )
    loyalty_membership_lock_reason = fields.Char(
        related="partner_id.loyalty_membership_lock_reason", groups=SALES
    )
    loyalty_membership_next_tier_id = fields.Many2one(
        related="partner_id.loyalty_membership_next_tier_id", groups=SALES
    )
    loyalty_membership_progress = JoinedFloat(
        related="partner_id.loyalty_membership_progress", aggregator=None, groups=SALES
    )
    loyalty_membership_currency_id = fields.Many2one(
        related="partner_id.loyalty_membership_currency_id", groups=SALES
    )
    loyalty_membership_amount_to_next = JoinedMonetary(
        related="partner_id.loyalty_membership_amount_to_next",
        currency_field="loyalty_membership_currency_id",
        aggregator=None,
        groups=SALES,
    )
    loyalty_membership_orders_to_next = JoinedInteger(
        related="partner_id.loyalty_membership_orders_to_next",
        aggregator=None,
        groups=SALES,
    )
    loyalty_membership_amount_to_keep = JoinedMonetary(
        related="partner_id.loyalty_membership_amount_to_keep",
        currency_field="loyalty_membership_currency_id",
        aggregator=None,
        groups=SALES,
    )
    loyalty_membership_orders_to_keep = JoinedInteger(
        related="partner_id.loyalty_membership_orders_to_keep",
        aggregator=None,
        groups=SALES,
    )
    loyalty_membership_missing_to_next = fields.Char(
        related="partner_id.loyalty_membership_missing_to_next", groups=SALES
    )
    loyalty_membership_missing_to_keep = fields.Char(
        related="partner_id.loyalty_membership_missing_to_keep", groups=SALES
    )
    loyalty_membership_close_to_next = fields.Boolean(
        related="partner_id.loyalty_membership_close_to_next", groups=SALES
    )
    loyalty_membership_about_to_fall = fields.Boolean(
        related="partner_id.loyalty_membership_about_to_fall", groups=SALES
    )

    def action_loyalty_changes(self):
        """Open the history of tiers of the lead's customer."""
        self.ensure_one()
        return self.partner_id.action_loyalty_changes()

from odoo import fields, models
from odoo.tools import SQL

from .joined_fields import JoinedFloat, JoinedInteger, JoinedMonetary
from .res_partner import JOINED_NAMES, SALES


class CrmLead(models.Model):
    _inherit = "crm.lead"

    rfm_segment_id = fields.Many2one(
        related="partner_id.rfm_segment_id", string="Customer Segment", groups=SALES
    )
    rfm_segment_color = fields.Integer(
        related="partner_id.rfm_segment_color", aggregator=None, groups=SALES
    )
    rfm_segment_action = fields.Text(
        related="partner_id.rfm_segment_action", groups=SALES
    )
    rfm_code = fields.Char(related="partner_id.rfm_code", groups=SALES)

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
    loyalty_membership_close_to_next = fields.Boolean(
        related="partner_id.loyalty_membership_close_to_next", groups=SALES
    )
    loyalty_membership_about_to_fall = fields.Boolean(
        related="partner_id.loyalty_membership_about_to_fall", groups=SALES
    )

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        if field_name.startswith(JOINED_NAMES) and not nulls.code:
            # Leads of people who never bought come last in either direction.
            nulls = SQL("NULLS LAST")
        return super()._order_field_to_sql(alias, field_name, direction, nulls, query)

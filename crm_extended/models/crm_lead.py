from odoo import fields, models
from odoo.tools import SQL

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

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        if field_name.startswith(JOINED_NAMES) and not nulls.code:
            # Leads of people who never bought come last in either direction.
            nulls = SQL("NULLS LAST")
        return super()._order_field_to_sql(alias, field_name, direction, nulls, query)

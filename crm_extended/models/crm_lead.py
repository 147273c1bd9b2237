from odoo import fields, models
from odoo.tools import SQL

SALES = "sales_team.group_sale_salesman"


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

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        if field_name.startswith("rfm_") and not nulls.code:
            # Leads of people who never bought come last in either direction.
            nulls = SQL("NULLS LAST")
        return super()._order_field_to_sql(alias, field_name, direction, nulls, query)

from odoo import fields, models

from ..rfm.res_partner import SALES


class SaleOrder(models.Model):
    _inherit = "sale.order"

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

    def action_care_cases(self):
        """Open the cases about the order."""
        self.ensure_one()
        return self.env["crm.care.case"]._action_of("order_id", self)

    def action_care_new_case(self):
        """Open a new case of the order's customer, linked to the order."""
        self.ensure_one()
        return self.env["crm.care.case"]._action_new(
            name=self.env._("About order %s", self.name),
            order_id=self.id,
            partner_id=self.partner_id.id,
            company_id=self.company_id.id,
            lead_id=self.opportunity_id.id if "opportunity_id" in self else False,
        )

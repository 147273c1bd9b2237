from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResCompany(models.Model):
    _inherit = "res.company"

    margin_case_cost = fields.Monetary(
        string="Cost of a Service Case",
        help="Deducted from the customer's margin for each case. 0: not at all.",
    )
    margin_interaction_cost = fields.Monetary(
        string="Cost of an Interaction",
        help="Deducted from the customer's margin for each logged call, visit or email. "
        "0: not at all.",
    )

    referral_links = fields.Boolean(
        string="Recommendation Links in the Portal",
        help="Customers get a personal link in the portal, which they send to people they "
        "recommend you to. What these send becomes a lead.",
    )

    @api.constrains("margin_case_cost", "margin_interaction_cost")
    def _check_margin_costs(self):
        for company in self:
            if company.margin_case_cost < 0 or company.margin_interaction_cost < 0:
                raise ValidationError(
                    self.env._("The cost of service cannot be negative.")
                )

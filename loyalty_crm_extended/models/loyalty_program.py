from odoo import fields, models


class LoyaltyProgram(models.Model):
    _inherit = "loyalty.program"

    # With archived ones, and never cut off by deleting a tier: a program that has lost
    # its tiers would be open to everybody.
    tier_ids = fields.Many2many(
        "crm.loyalty.tier",
        string="Limit to Tiers",
        context={"active_test": False},
        ondelete="restrict",
        check_company=True,
        groups="sales_team.group_sale_salesman",
        help="Only customers with one of these tiers take part, on sales orders and "
        "in the online shop; leave empty for all customers. The point of sale "
        "does not check tiers.",
    )

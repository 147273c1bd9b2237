from odoo import models


class CrmLoyaltyChange(models.Model):
    """Changes of tiers can have activities planned, so that rules can plan them."""

    _name = "crm.loyalty.change"
    _inherit = ["crm.loyalty.change", "mail.activity.mixin"]

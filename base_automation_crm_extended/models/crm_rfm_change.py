from odoo import models


class CrmRfmChange(models.Model):
    """Moves between grades can have activities planned, so that rules can plan them."""

    _name = "crm.rfm.change"
    _inherit = ["crm.rfm.change", "mail.activity.mixin"]

from odoo import models


class CrmLifecycleChange(models.Model):
    """Changes of life-cycle stages can have activities planned, so that rules can plan
    them."""

    _name = "crm.lifecycle.change"
    _inherit = ["crm.lifecycle.change", "mail.activity.mixin"]

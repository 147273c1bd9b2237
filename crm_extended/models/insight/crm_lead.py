from odoo import models


class CrmLead(models.Model):
    """Opportunities open what their customer prefers to buy."""

    _inherit = "crm.lead"

    def action_preferences(self):
        self.ensure_one()
        self.check_access("read")
        return self.partner_id.action_preferences()

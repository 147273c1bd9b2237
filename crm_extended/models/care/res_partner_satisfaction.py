from odoo import models


class ResPartner(models.Model):
    _inherit = "res.partner"

    def action_care_satisfaction(self):
        """Open what the contact, or all contacts of the company, have answered."""
        self.ensure_one()
        return self.env["crm.care.satisfaction"]._action_of(
            self._care_cases_domain(), self.display_name
        )

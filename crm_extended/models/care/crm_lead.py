from odoo import models


class CrmLead(models.Model):
    """Leads open their cases."""

    _inherit = "crm.lead"

    def _get_customer_figures(self):
        cases = self.env["crm.care.case"]
        return super()._get_customer_figures() | cases._get_figures_of("lead_id", self)

    def action_care_cases(self):
        """Open the cases about the lead."""
        self.ensure_one()
        return self.env["crm.care.case"]._action_of("lead_id", self)

    def action_care_new_case(self):
        """Open a new case of the lead's customer, linked to the lead."""
        self.ensure_one()
        return self.env["crm.care.case"]._action_new(
            name=self.name,
            lead_id=self.id,
            partner_id=self.partner_id.id,
            email_from=self.email_from,
            company_id=self.company_id.id,
        )

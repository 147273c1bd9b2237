from odoo import models


class CrmCustomerList(models.Model):
    _inherit = "crm.customer.list"

    def action_ask_feedback(self):
        """Open who on the list would be asked for feedback."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "survey_crm_extended.crm_satisfaction_invite_action"
        )
        return {
            **action,
            "context": {
                "default_list_id": self.id,
                "default_company_id": self.company_id.id,
            },
        }

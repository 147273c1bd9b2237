from odoo import api, models


class CrmSatisfactionReport(models.AbstractModel):
    _inherit = "crm.satisfaction.report"

    @api.model
    def _get_send_action(self):
        return "survey_crm_extended.crm_satisfaction_invite_action"

    @api.model
    def _get_links(self):
        links = super()._get_links()
        if self.env["crm.kano.analysis"]._may_see_page():
            links.append(
                {
                    "name": self.env._("Kano"),
                    "action": "survey_crm_extended.crm_kano_page_action",
                }
            )
        return links

from odoo import api, models


class CrmSatisfactionReport(models.AbstractModel):
    _inherit = "crm.satisfaction.report"

    @api.model
    def _get_send_action(self):
        return "survey_crm_extended.crm_satisfaction_invite_action"

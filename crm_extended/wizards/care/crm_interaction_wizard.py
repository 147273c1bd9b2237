from odoo import api, fields, models


class CrmInteractionWizard(models.TransientModel):
    """Logs contacts about service cases."""

    _inherit = "crm.interaction.wizard"

    case_id = fields.Many2one("crm.care.case")

    @api.depends_context("default_case_id")
    def _compute_is_known(self):
        return super()._compute_is_known()

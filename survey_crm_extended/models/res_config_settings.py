from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    satisfaction_survey_id = fields.Many2one(
        related="company_id.satisfaction_survey_id",
        readonly=False,
        groups="survey.group_survey_user",
    )

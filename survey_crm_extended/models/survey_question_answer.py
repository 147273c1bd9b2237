from odoo import fields, models


class SurveyQuestionAnswer(models.Model):
    _inherit = "survey.question.answer"

    crm_is_yes = fields.Boolean(
        string="Means Yes",
        help="Customers who choose it have complained. All other choices mean no.",
    )

from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    satisfaction_survey_id = fields.Many2one(
        "survey.survey",
        domain=[("question_and_page_ids.crm_role", "=", "satisfaction")],
        index="btree_not_null",
        ondelete="set null",
        help="By which survey customers are asked. Empty: the one that comes with the app.",
    )

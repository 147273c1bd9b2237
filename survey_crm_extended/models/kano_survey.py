from odoo import api, fields, models

USE_INSIGHT = "crm_extended.group_use_insight"


class SurveySurvey(models.Model):
    """Kano: a survey with pairs of questions about features is a wave."""

    _inherit = "survey.survey"

    kano_feature_count = fields.Integer(
        compute="_compute_kano_feature_count", groups=USE_INSIGHT
    )

    @api.depends("question_and_page_ids.kano_feature_id")
    def _compute_kano_feature_count(self):
        counts = dict(
            self.env["survey.question"]._read_group(
                [("survey_id", "in", self.ids), ("kano_feature_id", "!=", False)],
                ["survey_id"],
                ["kano_feature_id:count_distinct"],
            )
        )
        for survey in self:
            survey.kano_feature_count = counts.get(survey._origin, 0)

    def action_kano_analysis(self):
        """Open the Kano page with this survey."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.client"]._for_xml_id(
            "survey_crm_extended.crm_kano_page_action"
        )
        return {**action, "context": {"active_id": self.id}}

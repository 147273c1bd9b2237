from odoo import fields, models


class SurveyQuestionAnswer(models.Model):
    """Kano: what an answer means, whatever its wording and place."""

    _inherit = "survey.question.answer"

    kano_answer = fields.Selection(
        [
            ("like", "Like"),
            ("must_be", "Must-be"),
            ("neutral", "Neutral"),
            ("live_with", "Live with"),
            ("dislike", "Dislike"),
        ],
        help="Which of the five Kano answers this is. The wording may change at any time.",
    )

from odoo import api, fields, models
from odoo.exceptions import ValidationError

# What a question is about, as fields of ``crm.satisfaction.answer``, and its scale.
ROLES = [
    ("satisfaction", "Overall Satisfaction"),
    ("expectation", "Expectations Met"),
    ("ideal", "Closeness to the Ideal"),
    ("quality", "Quality"),
    ("value", "Value for Money"),
    ("complaint", "Complaint (yes or no)"),
    ("loyalty", "Will Buy Again"),
    ("expected", "What They Expected"),
    ("perceived", "What They Got"),
    ("nps", "Would Recommend (0-10)"),
]
# The three of the index.
INDEX_ROLES = ("satisfaction", "expectation", "ideal")


class SurveyQuestion(models.Model):
    """Questions of which the satisfaction index is computed are known by their role, in
    any survey, whatever they are called."""

    _inherit = "survey.question"

    crm_role = fields.Selection(
        ROLES,
        string="Satisfaction Index",
        index="btree_not_null",
        help="What the question asks customers about. Answers count by this role, not by "
        "the text of the question. Of two questions with the same role the first counts.",
    )

    @api.constrains("crm_role", "question_type", "scale_min", "scale_max", "is_page")
    def _check_crm_role(self):
        for question in self:
            role = question.crm_role
            if not role:
                continue
            if role == "complaint":
                if question.question_type != "simple_choice":
                    raise ValidationError(
                        self.env._(
                            "“%s”: the question about complaints is one with a single "
                            "choice, yes or no.",
                            question.title,
                        )
                    )
                continue
            lowest = 0 if role == "nps" else 1
            scale = (question.question_type, question.scale_min, question.scale_max)
            if scale != ("scale", lowest, 10):
                raise ValidationError(
                    self.env._(
                        "“%(question)s”: for the satisfaction index it needs a scale from "
                        "%(lowest)s to 10.",
                        question=question.title,
                        lowest=lowest,
                    )
                )

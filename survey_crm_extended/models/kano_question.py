from odoo import api, fields, models
from odoo.exceptions import ValidationError


class SurveyQuestion(models.Model):
    """Kano: a question is one of the two about a feature, whatever its wording.

    The fields are for all who edit surveys: copying a survey reads them. Views show them
    to those who use analytics.
    """

    _name = "survey.question"
    _inherit = ["survey.question", "crm.rechecked.record.mixin"]

    kano_feature_id = fields.Many2one(
        "crm.kano.feature",
        index="btree_not_null",
        ondelete="set null",
        help="The feature that this question is about. Each feature needs two questions.",
    )
    kano_side = fields.Selection(
        [("functional", "Functional"), ("dysfunctional", "Dysfunctional")],
        string="Kano Question",
        help="Functional: how customers feel if the feature is there. Dysfunctional: if it "
        "is not.",
    )

    _kano_unique = models.UniqueIndex(
        "(survey_id, kano_feature_id, kano_side) WHERE kano_feature_id IS NOT NULL",
        "This survey already has this Kano question about the feature.",
    )

    @api.model
    def _attached_to(self):
        return {"crm.kano.feature"}

    def copy(self, default=None):
        """A question that is duplicated in its survey is an ordinary one: the survey has
        both about the feature. Copying a survey does not come here, it copies all."""
        plain = {"kano_feature_id": False, "kano_side": False}
        return super().copy({**plain, **(default or {})})

    @api.constrains("kano_feature_id", "kano_side")
    def _check_kano_side(self):
        for question in self:
            if question.kano_feature_id and not question.kano_side:
                raise ValidationError(
                    self.env._(
                        "Choose whether the question “%s” is the functional or the "
                        "dysfunctional one about its feature.",
                        question.title,
                    )
                )

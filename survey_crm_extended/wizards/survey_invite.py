from odoo import models
from odoo.exceptions import UserError


class SurveyInvite(models.TransientModel):
    """Shared by Odoo's own dialog, the satisfaction survey goes to no one who was asked in
    the last 12 months, or whom the contact policy does not let us ask."""

    _inherit = "survey.invite"

    def _get_answers_values(self):
        values = super()._get_answers_values()
        if self.survey_id._crm_is_index():
            values["crm_company_id"] = self.env.company.id
        return values

    def _prepare_answers(self, partners, emails):
        if self.survey_id._crm_is_index():
            partners = self._crm_may_be_asked(partners)
            if not (partners or emails):
                raise UserError(
                    self.env._(
                        "These contacts were asked in the last 12 months, or may not be "
                        "asked."
                    )
                )
        return super()._prepare_answers(partners, emails)

    def _crm_may_be_asked(self, partners):
        partners -= self.survey_id._crm_asked(partners)
        # sudo: purposes and answers, whoever shares a survey.
        policy = self.env["crm.contact.policy"].sudo()
        purpose = self.env.ref("crm_extended.purpose_survey").sudo()
        answers = policy._check(partners, purpose, "email")
        return partners.filtered(
            lambda one: answers[one.id]["allowed"] or answers[one.id]["date"]
        )

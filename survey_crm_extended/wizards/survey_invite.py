from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError

from ..models.crm_contact_hold import SHARED


class SurveyInvite(models.TransientModel):
    """Shared by Odoo's own dialog, the satisfaction survey goes to no one who was asked in
    the last 12 months, or whom the contact policy does not let us ask. Who may be asked
    later gets the mail of the dialog later."""

    _inherit = "survey.invite"

    def _get_answers_values(self):
        values = super()._get_answers_values()
        if self.survey_id._crm_is_index():
            values["crm_company_id"] = self.env.company.id
        return values

    def _prepare_answers(self, partners, emails):
        if self.survey_id._crm_is_index():
            partners, later = self._crm_may_be_asked(partners)
            if not (partners or later or emails):
                raise UserError(
                    self.env._(
                        "These contacts were asked in the last 12 months, or may not be "
                        "asked."
                    )
                )
            if later:
                inputs = super()._prepare_answers(partners.browse(later), [])
                self._crm_hold(inputs, later)
        return super()._prepare_answers(partners, emails)

    def _crm_may_be_asked(self, partners) -> tuple:
        """Who may be asked now, which counts as a touch, and by id what the contact policy
        answers about those who may be later."""
        partners -= self.survey_id._crm_asked(partners)
        # sudo: purposes, answers and touches, whoever shares a survey.
        policy = self.env["crm.contact.policy"].sudo()
        purpose = self.env.ref("crm_extended.purpose_survey").sudo()
        answers = policy._claim(partners, purpose, "email")
        last = fields.Datetime.now() + timedelta(
            days=self.env.company.contact_wait_days
        )
        now = partners.filtered(lambda one: answers[one.id]["allowed"])
        later = {
            one.id: answers[one.id]
            for one in partners - now
            if answers[one.id]["date"] and answers[one.id]["date"] <= last
        }
        return now, later

    def _crm_hold(self, inputs, answers):
        """Make the mails, and let them wait until the contact policy allows them.

        :param answers: of the policy, by id of the contact
        """
        # sudo: messages are held by the system, whoever shares.
        holds = self.env["crm.contact.hold"].sudo()
        holds._hold_back(
            inputs.partner_id,
            answers,
            {one.partner_id.id: one for one in inputs},
            {
                "company_id": self.env.company.id,
                "purpose_id": self.env.ref("crm_extended.purpose_survey").id,
                "channel": "email",
                "sender": SHARED,
            },
        )
        for one in inputs:
            mail = self._send_mail(one)
            # Not for the queue of mails.
            mail.state = "cancel"
            holds._of_shared(one).mail_id = mail

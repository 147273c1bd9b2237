from dateutil.relativedelta import relativedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.tools import SQL

from .survey_question import INDEX_ROLES

# A person is asked at most once in so many months.
ASK_AGAIN_MONTHS = 12


class SurveySurvey(models.Model):
    """Surveys with the questions of the satisfaction index: who was asked lately, and how
    customers are asked, whichever way it comes about."""

    _inherit = "survey.survey"

    @api.model
    def _crm_survey(self):
        """The survey by which the current company asks its customers, as superuser: no one
        needs rights on surveys for that. Empty where it is archived or deleted."""
        # sudo: as said above.
        survey = self.env.company.sudo().satisfaction_survey_id
        if not survey:
            template = self.env.ref(
                "survey_crm_extended.survey_satisfaction", raise_if_not_found=False
            )
            survey = template.sudo() if template else survey
        return survey.filtered("active")

    def _crm_is_index(self) -> bool:
        """Whether it asks for the satisfaction index."""
        # sudo: only what its questions are about.
        return any(
            role in INDEX_ROLES for role in self.sudo().question_ids.mapped("crm_role")
        )

    @api.model
    def _crm_asked(self, contacts):
        """Of these contacts those who were asked for the index in the last 12 months, in any
        way and by any company, also by a transaction that was committed meanwhile."""
        self.env["survey.user_input"].flush_model()
        self.env["survey.question"].flush_model()
        since = fields.Datetime.now() - relativedelta(months=ASK_AGAIN_MONTHS)
        query = SQL(
            """
            SELECT DISTINCT input.partner_id
              FROM survey_user_input AS input
             WHERE input.partner_id = ANY(%(ids)s) AND input.create_date > %(since)s
               AND input.test_entry IS NOT TRUE
               AND EXISTS (SELECT FROM survey_question AS question
                            WHERE question.survey_id = input.survey_id
                              AND question.crm_role = ANY(%(roles)s))
            """,
            ids=contacts.ids,
            since=since,
            roles=list(INDEX_ROLES),
        )
        ids = {id_ for [id_] in self.env.execute_query(query)}
        # This transaction sees the database as it was when it began.
        with self.pool.cursor() as cr:
            cr.execute(query)
            ids.update(id_ for [id_] in cr.fetchall())
        return contacts.filtered(lambda contact: contact.id in ids)

    def _crm_invite(self, contacts) -> dict:
        """Invite contacts to the survey, each by a link of their own, for the current
        company, in their language. Whether they may be asked is known already.

        :return: the mail of each, by id of the contact
        """
        self.ensure_one()
        company = self.env.company
        languages = set(self._get_supported_lang_codes())
        inputs = self.env["survey.user_input"].sudo()
        of_input = {}
        for contact in contacts:
            language = contact.lang if contact.lang in languages else False
            answer = self._create_answer(
                partner=contact,
                check_attempts=False,
                crm_company_id=company.id,
                lang_id=self.env["res.lang"]._lang_get(language).id
                if language
                else False,
            )
            of_input[answer.id] = contact.id
            inputs += answer
        # sudo: as the superuser, because authors of mails can read them, and the link is
        # the customer's alone. For the same reason mails belong to no document.
        template = self.env.ref("survey_crm_extended.mail_template_satisfaction").sudo()
        mails = (
            template.with_user(SUPERUSER_ID)
            .with_company(company)
            .send_mail_batch(
                inputs.ids,
                force_send=False,
                email_values={
                    "model": False,
                    "res_id": False,
                    "headers": repr({"Auto-Submitted": "auto-generated"}),
                },
            )
        )
        # sudo: mails are signed by the system, whoever sends.
        policy = self.env["crm.contact.policy"].sudo()
        purpose = self.env.ref("crm_extended.purpose_survey").sudo()
        policy._sign_mails(mails.sudo(), purpose)
        return {
            of_input[id_]: mail for id_, mail in zip(inputs.ids, mails, strict=True)
        }

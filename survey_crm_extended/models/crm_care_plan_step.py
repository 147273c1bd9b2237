from odoo import fields, models


class CrmCarePlanStep(models.Model):
    """Steps that send the satisfaction survey of the company, to whom the contact policy
    allows it, both for the purpose of the plan and for surveys. No one is asked twice in 12
    months."""

    _inherit = "crm.care.plan.step"

    kind = fields.Selection(
        selection_add=[("survey", "Satisfaction survey")],
        ondelete={"survey": lambda steps: steps._forget_kind()},
    )

    def _is_message(self):
        return self.kind == "survey" or super()._is_message()

    def _reason_to_skip(self):
        if self.kind == "survey" and not self._satisfaction_survey():
            return "definition_gone"
        return super()._reason_to_skip()

    def _satisfaction_survey(self):
        return self.env["survey.survey"].with_company(self.company_id)._crm_survey()

    def _run_survey(self, enrollments):
        survey = self._satisfaction_survey()
        if not self.env["crm.feature"]._is_on("insight"):
            return self._skipped(enrollments, "feature_off")
        if not survey:
            return self._skipped(enrollments, "definition_gone")
        contacts = enrollments._find_contacts("email")
        people = self.env["res.partner"].union(*contacts.values())
        asked = survey._crm_asked(people)
        purpose = self.env.ref("crm_extended.purpose_survey")
        policy = self.env["crm.contact.policy"].with_company(self.company_id)
        answers = policy._check(people - asked, purpose, "email")
        outcomes, seen = {}, set(asked.ids)
        for each in enrollments:
            contact = contacts[each.id]
            if not contact:
                continue
            # Two customers with the same addressee are asked once.
            if contact.id in seen:
                outcomes |= self._skipped(each, "asked")
                continue
            seen.add(contact.id)
            answer = answers[contact.id]
            if not (answer["allowed"] or answer["date"]):
                outcomes |= self._skipped(each, answer["reason"])
        rest = enrollments.filtered(lambda each: each.id not in outcomes)
        if rest:
            outcomes |= self._contact(rest, "email", self._queue_surveys)
        return outcomes

    def _queue_surveys(self, contacts, _of_contact) -> dict[int, dict]:
        mails = self._satisfaction_survey()._crm_invite(contacts)
        return {
            id_: {"mail_message_id": mail.mail_message_id.id}
            for id_, mail in mails.items()
        }

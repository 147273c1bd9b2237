"""The survey that comes with the app, and people who answer it."""

from odoo.fields import Command

from odoo.addons.crm_extended.tests.plan.common import PlanCommon


class SurveyCommon(PlanCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.survey = cls.env.ref("survey_crm_extended.survey_satisfaction")
        cls.answers = cls.env["crm.satisfaction.answer"]
        cls.ada = cls.customer("Ada", email="ada@example.com", lang="en_US")

    @classmethod
    def question(cls, role):
        return cls.survey.question_ids.filtered(lambda each: each.crm_role == role)

    @classmethod
    def invited(cls, partner=None, survey=None, company=None, **values):
        return cls.env["survey.user_input"].create(
            {
                "survey_id": (survey or cls.survey).id,
                "partner_id": partner and partner.id,
                "crm_company_id": (company or cls.company_a).id,
                **values,
            }
        )

    @classmethod
    def fill(cls, asked, complaint=None, **given):
        """Answer the questions by their role, and finish."""
        lines = [
            Command.create(
                {
                    "question_id": cls.question(role).id,
                    "answer_type": "scale",
                    "value_scale": value,
                }
            )
            for role, value in given.items()
        ]
        if complaint is not None:
            question = cls.question("complaint")
            lines.append(
                Command.create(
                    {
                        "question_id": question.id,
                        "answer_type": "suggestion",
                        "suggested_answer_id": question.suggested_answer_ids.filtered(
                            lambda choice: choice.crm_is_yes == complaint
                        ).id,
                    }
                )
            )
        asked.user_input_line_ids = lines
        asked._mark_done()
        return asked

    @classmethod
    def answered(cls, partner=None, value=8, **values):
        return cls.fill(
            cls.invited(partner, **values),
            satisfaction=value,
            expectation=value,
            ideal=value,
        )

    def answer_of(self, asked):
        return self.answers._of_inputs(asked)

    def night(self, company=None):
        """The nightly update: how many were added, changed and removed."""
        self.env.flush_all()
        found = self.answers._refresh(company or self.company_a)
        return found["added"], found["changed"], found["removed"]

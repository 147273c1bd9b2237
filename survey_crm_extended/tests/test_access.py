"""What calls from outside try, of another company."""

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common import SurveyCommon


@tagged("post_install", "-at_install")
class TestOtherCompanies(SurveyCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.officer = new_test_user(
            cls.env,
            login="survey_officer_a",
            groups="base.group_user,survey.group_survey_user",
            company_id=cls.company_a.id,
            company_ids=cls.company_a.ids,
        )
        cls.feature_b = cls.env["crm.kano.feature"].create(
            {"name": "Of B", "company_id": cls.company_b.id}
        )

    def test_an_invitation_tells_nothing_of_another_company(self):
        self.env["crm.consent"].create(
            {
                "partner_id": self.ada.id,
                "company_id": self.company_b.id,
                "purpose_id": self.env.ref("crm_extended.purpose_survey").id,
                "state": "refused",
            }
        )
        invites = self.as_user(self.manager, "crm.satisfaction.invite")
        values = {"partner_ids": self.ada.ids, "is_chosen": True}
        own = invites.create(values)
        self.assertEqual((own.asked_count, own.left_out_count), (1, 0))
        forged = invites.create({**values, "company_id": self.company_b.id})
        self.assertEqual((forged.asked_count, forged.left_out_count), (0, 0))
        self.assertFalse(forged.left_out_text or forged.survey_name)
        with self.assertRaises(UserError):
            forged.action_send()

    def test_a_question_is_about_a_feature_that_one_sees(self):
        surveys = self.as_user(self.officer, "survey.survey")
        question = {
            "title": "Forged",
            "question_type": "simple_choice",
            "kano_side": "functional",
        }
        survey = surveys.create(
            {"title": "Mine", "question_and_page_ids": [Command.create(question)]}
        )
        feature = {"kano_feature_id": self.feature_b.id}
        with self.assertRaises(AccessError):
            survey.question_ids.write(feature)
        with self.assertRaises(AccessError):
            survey.question_ids.create(
                {**question, **feature, "survey_id": survey.id, "title": "Second"}
            )
        mine = self.as_user(self.officer, "crm.kano.feature").create({"name": "Mine"})
        survey.question_ids.kano_feature_id = mine
        self.assertEqual(survey.copy().question_ids.kano_feature_id, mine)
        # What others made it about is left out.
        survey.sudo().question_ids.kano_feature_id = self.feature_b
        self.env.invalidate_all()
        self.assertFalse(survey.copy().sudo().question_ids.kano_feature_id)

    def test_an_entry_counts_for_a_company_that_one_works_in(self):
        entries = self.as_user(self.officer, "survey.user_input")
        values = {"survey_id": self.survey.id}
        entry = entries.create({**values, "crm_company_id": self.company_a.id})
        with self.assertRaises(AccessError):
            entry.write({"crm_company_id": self.company_b.id})
        with self.assertRaises(AccessError):
            entries.create({**values, "crm_company_id": self.company_b.id})

"""A Kano survey out of a list of features."""

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from odoo.addons.crm_extended.analytics.insight.kano import ANSWERS

from .kano_common import KanoCommon


@tagged("post_install", "-at_install")
class TestKanoWizard(KanoCommon):
    def wizard(self, *names, user=None):
        form = Form(self.as_user(user or self.officer, "crm.kano.wizard"))
        for name in names:
            with form.line_ids.new() as line:
                line.name = name
        return form.save()

    def make(self, *names, user=None):
        action = self.wizard(*names, user=user).action_create_survey()
        return self.env[action["res_model"]].browse(action["res_id"])

    def test_a_survey_out_of_names(self):
        survey = self.make("Call back", "Wrapping")
        self.assertEqual(survey.page_ids.mapped("title"), ["Call back", "Wrapping"])
        self.assertEqual(len(survey.question_ids), 4)
        for question in survey.question_ids:
            self.assertEqual(question.page_id.title, question.kano_feature_id.name)
            self.assertIn(question.kano_feature_id.name, question.title)
            self.assertEqual(
                tuple(question.suggested_answer_ids.mapped("kano_answer")), ANSWERS
            )
            self.assertFalse(question.constr_mandatory)
        self.assertEqual(
            survey.question_ids.mapped("kano_side"),
            ["functional", "dysfunctional"] * 2,
        )
        self.assertEqual(survey.question_ids.kano_feature_id.company_id, self.company_a)
        survey.check_validity()
        self.assertEqual(survey.kano_feature_count, 2)

    def test_what_was_asked_before_is_the_same_feature(self):
        self.parts.active = False
        survey = self.make(" delivery ", "PARTS", "Wrapping")
        features = survey.question_ids.kano_feature_id
        self.assertEqual(features[:2], self.features)
        self.assertEqual(self.delivery.name, "Delivery")
        self.assertTrue(self.parts.active)
        self.assertGreater(features[2].sequence, self.parts.sequence)

    def test_own_sentences(self):
        form = Form(self.as_user(self.officer, "crm.kano.wizard"))
        with form.line_ids.new() as line:
            line.name = "Wrapping"
            line.functional_title = "What if it is wrapped?"
            line.dysfunctional_title = "What if it is not?"
        action = form.save().action_create_survey()
        survey = self.env["survey.survey"].browse(action["res_id"])
        self.assertEqual(
            survey.question_ids.mapped("title"),
            ["What if it is wrapped?", "What if it is not?"],
        )

    def test_examples(self):
        wizard = self.wizard()
        action = wizard.action_use_examples()
        self.assertEqual(action["res_id"], wizard.id)
        self.assertEqual(len(wizard.line_ids), 3)
        action = wizard.action_create_survey()
        survey = self.env["survey.survey"].browse(action["res_id"])
        self.assertEqual(len(survey.question_ids), 6)

    def test_answers_of_such_a_survey_are_read(self):
        survey = self.make("Delivery")
        self.assertEqual(survey.question_ids.kano_feature_id, self.delivery)
        self.reply({self.delivery: "O"}, survey=survey)
        self.assertEqual(self.counts(survey=survey), {"O": 1})
        action = survey.with_user(self.officer).action_kano_analysis()
        self.assertEqual(action["context"]["active_id"], survey.id)

    def test_what_is_missing_is_said(self):
        with self.assertRaisesRegex(UserError, "at least one feature"):
            self.wizard().action_create_survey()
        with self.assertRaisesRegex(UserError, "once"):
            self.wizard("Wrapping", " wrapping").action_create_survey()
        with self.assertRaisesRegex(UserError, "a name"):
            self.wizard(" ").action_create_survey()
        wizard = self.wizard("Wrapping")
        wizard.line_ids.dysfunctional_title = False
        with self.assertRaisesRegex(UserError, "two questions"):
            wizard.action_create_survey()

    def test_answers_are_there_in_each_language(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.env["res.lang"]._activate_lang("zh_CN")
        wizard = self.wizard("Wrapping")
        action = wizard.action_create_survey()
        answers = (
            self.env["survey.survey"]
            .browse(action["res_id"])
            .question_ids[0]
            .suggested_answer_ids
        )
        for code in ("en_US", "de_DE", "zh_CN"):
            self.assertEqual(
                answers.with_context(lang=code).mapped("value"),
                list(wizard.with_context(lang=code)._answer_texts().values()),
            )

    def test_markup_in_a_name_is_text(self):
        name = "<script>alert(1)</script> %s %(x)s"
        survey = self.make(name)
        self.assertEqual(survey.page_ids.title, name)

    def test_for_another_company_it_is_refused(self):
        wizards = self.as_user(self.officer, "crm.kano.wizard")
        wizard = wizards.create(
            {
                "company_id": self.company_b.id,
                "line_ids": [Command.create({"name": "Wrapping"})],
            }
        )
        with self.assertRaises(AccessError):
            wizard.action_create_survey()

    def test_without_rights_in_surveys_there_is_none(self):
        for user in (self.manager, self.salesman, self.employee, self.portal):
            with self.assertRaises(AccessError):
                self.as_user(user, "crm.kano.wizard").create({})

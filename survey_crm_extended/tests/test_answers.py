"""What customers answer to a survey, as the satisfaction index reads it."""

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common import SurveyCommon


@tagged("post_install", "-at_install")
class TestAnswers(SurveyCommon):
    def test_all_questions(self):
        given = {
            "satisfaction": 9,
            "expectation": 8,
            "ideal": 7,
            "quality": 6,
            "value": 5,
            "loyalty": 4,
            "expected": 3,
            "perceived": 10,
            "nps": 0,
        }
        asked = self.fill(self.invited(self.ada), complaint=True, **given)
        answer = self.answer_of(asked)
        self.assertEqual({name: answer[name] for name in given}, given)
        self.assertEqual((answer.complaint, answer.nps_group), ("yes", "detractor"))
        self.assertEqual(answer.partner_id, self.ada)
        self.assertEqual(answer.company_id, self.company_a)
        self.assertEqual(answer.date, asked.end_datetime)
        self.assertEqual(self.night(), (0, 0, 0))

    def test_what_was_not_answered(self):
        answer = self.answer_of(
            self.fill(self.invited(self.ada), complaint=False, quality=3)
        )
        self.assertEqual((answer.satisfaction, answer.nps_group), (0, False))
        self.assertEqual((answer.complaint, answer.quality), ("no", 3))
        self.assertFalse(self.answer_of(self.fill(self.invited(self.ada))))

    def test_tests_and_unfinished_answers_do_not_count(self):
        self.assertFalse(self.answer_of(self.answered(self.ada, test_entry=True)))
        self.assertFalse(self.answer_of(self.invited(self.ada)))
        self.assertEqual(self.night(), (0, 0, 0))

    def test_our_own_employees_do_not_count(self):
        self.assertFalse(self.answer_of(self.answered(self.employee.partner_id)))
        self.assertTrue(self.answer_of(self.answered(self.portal.partner_id)))

    def test_an_address_that_was_typed_in_proves_nothing(self):
        asked = self.answered(email=self.ada.email)
        answer = self.answer_of(asked)
        self.assertTrue(answer)
        self.assertFalse(answer.partner_id + answer.contact_id)
        # Nor does it when a customer gives another's address on the page itself.
        asked = self.survey._create_answer(
            user=self.env.ref("base.public_user"), email=self.ada.email
        )
        self.assertFalse(self.answer_of(self.fill(asked, satisfaction=1)).partner_id)

    def test_the_contact_of_a_login_answers_for_themselves(self):
        asked = self.survey._create_answer(user=self.portal, email=self.ada.email)
        answer = self.answer_of(self.fill(asked, satisfaction=5))
        self.assertEqual(answer.contact_id, self.portal.partner_id)

    def test_an_employee_of_a_customer(self):
        person = self.customer("Eve", parent_id=self.ada.id)
        answer = self.answer_of(self.answered(person))
        self.assertEqual((answer.partner_id, answer.contact_id), (self.ada, person))
        person.parent_id = False
        self.assertEqual(self.night(), (0, 1, 0))
        self.assertEqual(answer.partner_id, person)

    def test_an_answer_is_edited(self):
        asked = self.answered(self.ada, 8)
        line = asked.user_input_line_ids.filtered(
            lambda each: each.question_id == self.question("ideal")
        )
        line.value_scale = 2
        self.assertEqual(self.night(), (0, 1, 0))
        self.assertEqual(self.answer_of(asked).ideal, 2)

    def test_an_answer_is_withdrawn(self):
        one, two = self.answered(self.ada), self.answered(self.ada)
        one.unlink()
        of_ada = [("partner_id", "=", self.ada.id)]
        self.assertEqual(self.answers.search(of_ada), self.answer_of(two))
        two.state = "in_progress"
        self.assertEqual(self.night(), (0, 0, 1))
        self.assertFalse(self.answer_of(two))

    def test_the_survey_is_edited_after_answers(self):
        asked = self.answered(self.ada, 8)
        question = self.question("ideal")
        # Its text does not matter.
        question.title = "Something else"
        self.assertEqual(self.night(), (0, 0, 0))
        question.crm_role = False
        self.assertEqual(self.night(), (0, 1, 0))
        self.assertEqual(self.answer_of(asked).ideal, 0)
        question.crm_role = "ideal"
        self.assertEqual(self.night(), (0, 1, 0))
        self.assertEqual(self.answer_of(asked).ideal, 8)
        question.unlink()
        self.assertEqual(self.night(), (0, 1, 0))
        self.assertEqual(self.answer_of(asked).ideal, 0)
        self.assertEqual(self.answer_of(asked).satisfaction, 8)

    def test_a_deleted_survey(self):
        survey = self.survey.copy({"user_id": self.env.uid})
        self.assertTrue(survey._crm_is_index())
        asked = self.invited(self.ada, survey=survey)
        asked.user_input_line_ids = [
            (
                0,
                0,
                {
                    "question_id": survey.question_ids[0].id,
                    "answer_type": "scale",
                    "value_scale": 7,
                },
            )
        ]
        asked._mark_done()
        self.assertEqual(self.answer_of(asked).satisfaction, 7)
        survey.unlink()
        self.night()
        self.assertFalse(self.answers.search([("partner_id", "=", self.ada.id)]))

    def test_two_questions_with_the_same_role(self):
        first = self.question("quality")
        second = first.copy({"sequence": 500})
        asked = self.invited(self.ada)
        asked.user_input_line_ids = [
            (
                0,
                0,
                {
                    "question_id": question.id,
                    "answer_type": "scale",
                    "value_scale": value,
                },
            )
            for question, value in ((second, 3), (first, 9))
        ]
        asked._mark_done()
        self.assertEqual(self.answer_of(asked).quality, 9)

    def test_a_role_needs_its_scale(self):
        for role, values in (
            ("quality", {"scale_max": 5}),
            ("quality", {"scale_min": 0}),
            ("nps", {"scale_min": 1}),
            ("complaint", {"question_type": "scale"}),
        ):
            with self.assertRaises(ValidationError):
                self.question(role).write(values)
                self.env.flush_all()
            self.env.invalidate_all()

    def test_whose_index_it_counts_for(self):
        asked = self.answered(self.ada, crm_company_id=self.company_b.id)
        self.assertEqual(self.answer_of(asked).company_id, self.company_b)
        # Without an invitation: the company that uses the survey.
        self.company_b.satisfaction_survey_id = self.survey
        asked = self.answered(crm_company_id=False)
        self.assertEqual(self.answer_of(asked).company_id, self.company_b)
        self.company_b.satisfaction_survey_id = False
        self.assertEqual(self.night(self.company_b), (0, 0, 0))
        self.assertEqual(self.answer_of(asked).company_id, self.company_b)
        # That of the contact comes first.
        self.ada.company_id = self.company_a
        asked = self.answered(self.ada, crm_company_id=False)
        self.assertEqual(self.answer_of(asked).company_id, self.company_a)

    def test_switched_off_answers_come_later(self):
        self.env["crm.feature"]._switch(insight=False)
        asked = self.answered(self.ada)
        self.assertFalse(self.answer_of(asked))
        self.env["crm.feature"]._switch(insight=True)
        self.assertEqual(self.night(), (1, 0, 0))

    def test_the_nightly_update_logs_its_step(self):
        self.answered(self.ada)
        runs = self.env["crm.insight.run"]._run_now(self.company_a)
        run = runs.filtered(lambda each: each.step == "satisfaction")
        self.assertEqual((run.row_count, run.error), (1, False))

    def test_merged_contacts(self):
        other = self.customer("Ada again")
        asked = self.answered(other)
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (self.ada + other).ids, self.ada, extra_checks=False
        )
        self.assertEqual(self.answer_of(asked).partner_id, self.ada)
        self.assertEqual(self.night(), (0, 0, 0))

    def test_a_finished_answer_costs_a_few_queries(self):
        people = self.customers(3)
        for person in people[:2]:
            self.answered(person)
        asked = self.invited(people[2])
        self.env.flush_all()
        with self.assertQueryCount(3):
            self.env["crm.satisfaction.answer"]._sync_surveys(asked)

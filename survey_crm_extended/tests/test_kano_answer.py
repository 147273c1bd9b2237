"""Which answers count, and what two answers make."""

from psycopg2.errors import UniqueViolation

from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.crm_extended.analytics.insight.kano import ANSWERS, class_of

from .kano_common import KanoCommon


@tagged("post_install", "-at_install")
class TestKanoAnswer(KanoCommon):
    def answers(self):
        return self.env["crm.kano.answer"].search([("survey_id", "=", self.wave.id)])

    def test_the_table_in_the_database_is_that_of_the_arithmetic(self):
        for functional in ANSWERS:
            for dysfunctional in ANSWERS:
                self.reply({self.delivery: (functional, dysfunctional)})
        found = {
            (answer.functional, answer.dysfunctional): answer.kano_class
            for answer in self.answers()
        }
        self.assertEqual(
            found,
            {
                (one, other): class_of(one, other)
                for one in ANSWERS
                for other in ANSWERS
            },
        )

    def test_answers_have_no_segment(self):
        """It is on the page, without small ones and without those who refused profiling."""
        known = self.env["crm.kano.answer"].fields_get()
        self.assertIn("kano_class", known)
        self.assertFalse(
            [name for name in known if "segment" in name or "tier" in name]
        )

    def test_no_answer_and_one(self):
        self.assertFalse(self.answers())
        figures = self.figures()
        self.assertEqual((figures["answers"], figures["class"]), (0, None))
        self.reply({self.delivery: "A"})
        figures = self.figures()
        self.assertEqual((figures["answers"], figures["class"]), (1, "A"))
        self.assertFalse(figures["separated"])
        self.assertEqual(self.figures(self.parts)["answers"], 0)

    def test_half_a_pair_is_no_answer(self):
        self.reply({self.delivery: ("like", None), self.parts: "M"})
        self.reply({self.delivery: (None, "dislike")})
        self.assertEqual(self.answers().mapped("feature_id"), self.parts)

    def test_a_second_answer_to_one_question_makes_no_pair(self):
        entry = self.reply({self.delivery: "A"})
        question = entry.user_input_line_ids.question_id[:1]
        question.question_type = "multiple_choice"
        entry.user_input_line_ids[:1].copy(
            {"suggested_answer_id": question.suggested_answer_ids[-1].id}
        )
        self.assertFalse(self.answers())

    def test_unfinished_and_test_entries_do_not_count(self):
        self.reply({self.delivery: "A"}, state="in_progress")
        self.reply({self.delivery: "A"}, state="new")
        self.reply({self.delivery: "A"}, test_entry=True)
        self.assertFalse(self.answers())

    def test_of_a_person_the_latest_counts(self):
        ada, bob = self.customers(2)
        self.reply({self.delivery: "M"}, ada, days_ago=1)
        self.reply({self.delivery: "A"}, ada, days_ago=3)
        self.reply({self.delivery: "O"}, bob)
        self.reply({self.delivery: "I"}, email="c@example.com", days_ago=2)
        self.reply({self.delivery: "O"}, email=" C@Example.com ")
        self.assertEqual(self.counts(), {"M": 1, "O": 2})

    def test_days_are_those_of_the_reader(self):
        """At 20:00 it is the next day in Shanghai."""
        self.reply({self.delivery: "A"}, end_datetime="2026-03-10 20:00:00")
        for zone, day in (("UTC", "2026-03-10"), ("Asia/Shanghai", "2026-03-11")):
            [answer] = self.answers().with_context(tz=zone)
            answer.invalidate_recordset()
            self.assertEqual(str(answer.date), day)

    def test_each_anonymous_entry_is_a_person(self):
        self.replies(self.delivery, "AAM")
        self.reply({self.delivery: "I"}, email=" ")
        self.reply({self.delivery: "I"}, email="")
        self.assertEqual(self.counts(), {"A": 2, "M": 1, "I": 2})
        self.assertFalse(self.answers().partner_id)

    def test_in_another_wave_a_person_counts_again(self):
        [ada] = self.customers(1)
        second = self.new_wave("Second")
        self.reply({self.delivery: "A"}, ada, days_ago=30)
        self.reply({self.delivery: "M"}, ada, second)
        self.assertEqual(self.counts(survey=self.wave), {"A": 1})
        self.assertEqual(self.counts(survey=second), {"M": 1})

    def test_a_withdrawn_answer_is_gone(self):
        entry = self.reply({self.delivery: "A"})
        self.replies(self.delivery, "M")
        entry.unlink()
        self.assertEqual(self.counts(), {"M": 1})

    def test_a_survey_may_be_reworded_and_reordered_after_answers(self):
        self.replies(self.delivery, "AAO")
        for question in self.wave.question_ids:
            question.title = "Something else"
            question.sequence = 100 - question.sequence
            for number, answer in enumerate(question.suggested_answer_ids):
                answer.value = f"Smiley {number}"
                answer.sequence = 50 - number
        self.assertEqual(self.counts(), {"A": 2, "O": 1})

    def test_a_feature_that_is_removed_takes_its_answers_along(self):
        self.reply({self.delivery: "A", self.parts: "M"})
        questions = self.wave.question_ids.filtered(
            lambda one: one.kano_feature_id == self.delivery
        )
        questions[0].unlink()
        self.assertEqual(self.answers().mapped("feature_id"), self.parts)
        self.parts.active = False
        self.assertEqual(
            [one["id"] for one in self.page()["features"]], [self.delivery.id]
        )
        self.parts.unlink()
        self.assertFalse(self.answers())
        self.assertEqual(len(self.wave.question_ids), 3)

    def test_an_answer_choice_that_is_deleted_makes_no_pair(self):
        entry = self.reply({self.delivery: "A"})
        entry.user_input_line_ids[0].suggested_answer_id.unlink()
        self.assertFalse(self.answers())

    def test_who_was_merged_is_one_person(self):
        ada, again = self.customers(2, email="ada@example.com")
        self.reply({self.delivery: "A"}, again, days_ago=2)
        self.reply({self.delivery: "M"}, ada)
        self.assertEqual(self.counts(), {"A": 1, "M": 1})
        self.env["base.partner.merge.automatic.wizard"].create({})._merge(
            (ada + again).ids, ada
        )
        self.assertEqual(self.counts(), {"M": 1})
        self.assertEqual(self.answers().contact_id, ada)

    def test_people_of_a_customer_are_counted_each(self):
        [firm] = self.customers(1, is_company=True)
        people = self.customers(2, parent_id=firm.id)
        for person in people:
            self.reply({self.delivery: "O"}, person)
        self.assertEqual(self.counts(), {"O": 2})
        self.assertEqual(self.answers().partner_id, firm)
        self.assertEqual(self.answers().contact_id, people)

    def test_a_copied_survey_is_another_wave(self):
        self.replies(self.delivery, "A", days_ago=5)
        second = self.wave.copy({"title": "Again"})
        self.assertEqual(second.question_ids.kano_feature_id, self.features)
        self.reply({self.delivery: "M"}, survey=second)
        self.assertEqual(self.counts(survey=second), {"M": 1})
        self.assertEqual(self.counts(survey=self.wave), {"A": 1})

    def test_a_feature_has_two_questions_in_a_survey(self):
        question = self.wave.question_ids[0]
        double = question.copy()
        self.assertFalse(double.kano_feature_id or double.kano_side)
        with self.assertRaises(UniqueViolation), mute_logger("odoo.sql_db"):
            # Users read the sentence of the index.
            double.write({"kano_feature_id": self.delivery, "kano_side": "functional"})
            double.flush_recordset()
        with self.assertRaisesRegex(ValidationError, "functional"):
            question.kano_side = False

"""The arithmetic of Kano: published examples, the table, and what holds at the edges."""

from odoo.tests import BaseCase

from ...analytics.insight.kano import (
    ANSWERS,
    class_of,
    classify,
    is_badly_put,
    move_of,
    runners_up,
)


class TestKano(BaseCase):
    def test_published_examples(self):
        for counts, expected, runner_up in (
            (
                {"M": 95, "O": 123, "A": 45, "I": 33},
                ("O", 0.568, -0.736, True),
                [],
            ),
            (
                {"M": 101, "O": 54, "A": 54, "I": 81, "R": 3, "Q": 3},
                ("M", 0.372, -0.534, True),
                [],
            ),
            (
                {"M": 15, "O": 24, "A": 121, "I": 124, "R": 6, "Q": 6},
                ("I", 0.511, -0.137, False),
                ["A"],
            ),
            (
                {"M": 65, "O": 87, "A": 93, "I": 51},
                ("A", 0.608, -0.514, False),
                ["O"],
            ),
            (
                {"M": 9, "O": 18, "A": 83, "I": 177, "R": 6, "Q": 3},
                ("I", 0.352, -0.094, True),
                [],
            ),
        ):
            found = classify(counts)
            self.assertEqual(found["class"], expected[0])
            self.assertAlmostEqual(found["better"], expected[1], places=3)
            self.assertAlmostEqual(found["worse"], expected[2], places=3)
            self.assertEqual(found["separated"], expected[3])
            self.assertEqual(runners_up(counts), runner_up)
            self.assertFalse(is_badly_put(counts))

    def test_the_table_of_two_answers(self):
        rows = [
            "".join(class_of(functional, other) for other in ANSWERS)
            for functional in ANSWERS
        ]
        self.assertEqual(rows, ["QAAAO", "RIIIM", "RIIIM", "RIIIM", "RRRRQ"])

    def test_of_equal_counts_the_one_that_is_missed_most(self):
        for letters in ("MOAIRQ", "OAIRQ", "AIRQ", "IRQ", "RQ"):
            counts = dict.fromkeys(reversed(letters), 7)
            found = classify(counts)
            self.assertEqual(found["class"], letters[0])
            self.assertFalse(found["separated"])
            self.assertEqual(runners_up(counts), list(letters[1:]))

    def test_no_answers_and_one(self):
        nothing = {"class": None, "better": None, "worse": None, "separated": False}
        self.assertEqual(classify({}), nothing)
        self.assertEqual(classify({"M": 0, "Q": 0}), nothing)
        self.assertEqual(runners_up({}), [])
        self.assertFalse(is_badly_put({}))
        self.assertEqual(
            classify({"A": 1}),
            {"class": "A", "better": 1.0, "worse": 0.0, "separated": False},
        )
        self.assertEqual(runners_up({"A": 1}), [])
        self.assertTrue(classify({"A": 2})["separated"])

    def test_only_answers_without_a_clear_wish(self):
        self.assertEqual(
            classify({"R": 8, "Q": 1}),
            {"class": "R", "better": None, "worse": None, "separated": True},
        )

    def test_more_than_a_tenth_questionable_is_badly_put(self):
        self.assertFalse(is_badly_put({"M": 9, "Q": 1}))
        self.assertTrue(is_badly_put({"M": 89, "Q": 11}))
        self.assertFalse(is_badly_put({"M": 27, "Q": 3}))

    def test_what_is_no_count_is_refused(self):
        for counts, part in (
            ({"M": -1}, "count of M"),
            ({"M": 1.5}, "count of M"),
            ({"O": float("nan")}, "count of O"),
            ({"A": None}, "count of A"),
            ({"A": "3"}, "count of A"),
            ({"A": True}, "count of A"),
            ({"X": 1}, "Unknown class 'X'"),
            ({1: 1}, "Unknown class 1"),
            (None, "by letter"),
            ([("M", 1)], "by letter"),
        ):
            with self.assertRaisesRegex(ValueError, part):
                classify(counts)

    def test_how_a_feature_moves(self):
        for before, after, move in (
            ("A", "O", "expected"),
            ("O", "M", "expected"),
            ("A", "M", "expected"),
            ("I", "A", "other"),
            ("M", "O", "fresh"),
            ("O", "A", "fresh"),
            ("A", "A", "same"),
            ("R", "R", "same"),
            ("R", "A", "other"),
            ("O", "I", "other"),
            ("M", "Q", "other"),
            (None, "A", None),
            ("A", None, None),
        ):
            self.assertEqual(move_of(before, after), move)

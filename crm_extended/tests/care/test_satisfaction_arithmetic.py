from fractions import Fraction

from odoo.tests import BaseCase

from ...analytics.care import satisfaction


class TestSatisfactionArithmetic(BaseCase):
    def test_words(self):
        for expected, perceived, word in (
            (10, 0, "unmet"),
            (10, 1, "dissatisfied"),
            (9, 8, "dissatisfied"),
            (10, 9, "fair"),
            (1, 1, "fair"),
            (7, 7, "fair"),
            (10, 11, "fair"),
            (9, 10, "exceeded"),
            (1, 10, "exceeded"),
        ):
            c = satisfaction.ratio(expected, perceived)
            self.assertAlmostEqual(c, float(Fraction(perceived, expected)))
            self.assertEqual(satisfaction.verdict(c), word, (expected, perceived))

    def test_what_is_no_satisfaction(self):
        for expected, perceived in ((0, 5), (-1, 5), (5, -1), (float("nan"), 1)):
            with self.assertRaises(ValueError):
                satisfaction.ratio(expected, perceived)
        for c in (-0.1, float("nan")):
            with self.assertRaises(ValueError):
                satisfaction.verdict(c)

    def test_nps(self):
        self.assertIsNone(satisfaction.nps([]))
        self.assertEqual(satisfaction.nps([10]), 100)
        self.assertEqual(satisfaction.nps([0]), -100)
        self.assertEqual(satisfaction.nps([7, 8]), 0)
        # 9 and 10 promote, 0 to 6 detract.
        self.assertAlmostEqual(satisfaction.nps(range(11)), 100 * (2 - 7) / 11)
        for score in (-1, 11):
            with self.assertRaises(ValueError):
                satisfaction.nps([score])

    def test_csat(self):
        self.assertIsNone(satisfaction.csat([]))
        self.assertEqual(satisfaction.csat([1, 2, 3, 4, 5]), 40)
        self.assertEqual(satisfaction.csat([5, 5]), 100)
        for rating in (0, 6):
            with self.assertRaises(ValueError):
                satisfaction.csat([rating])

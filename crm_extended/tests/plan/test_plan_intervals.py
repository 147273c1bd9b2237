from decimal import Decimal
from fractions import Fraction
from math import inf, nan
from numbers import Integral, Real
from statistics import NormalDist

from odoo.tests import BaseCase, tagged

from ...analytics.common.intervals import (
    newcombe,
    sample_size,
    t_quantile,
    visible_difference,
    welch,
    wilson,
)

# R's data set sleep: hours of sleep gained by two drugs.
SLEEP = (
    [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0],
    [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4],
)


@Integral.register
class OtherInteger:
    """A whole number that can be asked for its value and for nothing else, as numpy's
    must be: they overflow, and lack what Python's have."""

    def __init__(self, value):
        self.value = value

    def __int__(self):
        return self.value


@Real.register
class OtherFloat:
    """The same of a number that is not whole."""

    def __init__(self, value):
        self.value = value

    def __float__(self):
        return float(self.value)


def sums(values):
    return len(values), sum(values), sum(each * each for each in values)


@tagged("post_install", "-at_install")
class TestIntervals(BaseCase):
    def assertInterval(self, found, low, high, delta=1e-6):
        self.assertAlmostEqual(found[0], low, delta=delta)
        self.assertAlmostEqual(found[1], high, delta=delta)

    # -- Shares

    def test_published_shares(self):
        self.assertInterval(wilson(81, 263), 0.2553, 0.3662, 1e-4)
        self.assertInterval(wilson(0, 20), 0, 0.1611, 1e-4)

    def test_all_and_none_are_each_others_mirror(self):
        for a, m in ((0, 1), (0, 20), (3, 10), (7, 1000), (0, 10**12)):
            low, high = wilson(a, m)
            self.assertInterval(wilson(m - a, m), 1 - high, 1 - low, 1e-12)
        self.assertEqual(wilson(0, 20)[0], 0)
        self.assertEqual(wilson(20, 20)[1], 1)

    def test_published_differences_of_shares(self):
        for of, low, high in (
            ((56, 70, 48, 80), 0.0524, 0.3339),
            ((9, 10, 3, 10), 0.1705, 0.8090),
            ((0, 10, 0, 20), -0.1611, 0.2775),
            ((10, 10, 0, 20), 0.6791, 1.0),
            ((10, 10, 0, 10), 0.6075, 1.0),
        ):
            with self.subTest(of=of):
                self.assertInterval(newcombe(*of), low, high, 1e-4)

    def test_the_other_way_round(self):
        low, high = newcombe(56, 70, 48, 80)
        self.assertInterval(newcombe(48, 80, 56, 70), -high, -low, 1e-12)

    def test_groups_that_cannot_be(self):
        for of in ((0, 0), (3, 2), (-1, 5), (nan, 5), (1, nan), (1, inf)):
            with self.subTest(of=of):
                with self.assertRaisesRegex(ValueError, "customer"):
                    wilson(*of)
                with self.assertRaisesRegex(ValueError, "customer"):
                    newcombe(*of, 1, 2)
                with self.assertRaisesRegex(ValueError, "customer"):
                    newcombe(1, 2, *of)

    # -- Means

    def test_sleep(self):
        found = welch(*sums(SLEEP[0]), *sums(SLEEP[1]))
        self.assertInterval(found, -3.3654832, 0.2054832, 1e-7)

    def test_a_group_that_does_not_vary(self):
        # R: t.test(c(1, 2, 3, 4), mu = 2)
        found = welch(*sums([1, 2, 3, 4]), *sums([2, 2, 2]))
        self.assertInterval(found, 0.5 - 2.0542603, 0.5 + 2.0542603)

    def test_no_group_varies(self):
        for first, second in (
            ([2, 2], [5, 5, 5]),
            ([0, 0], [0, 0]),
            ([0.1] * 3, [0.3] * 7),
            ([1234567.1] * 999, [0.7] * 10),
        ):
            low, high = welch(*sums(first), *sums(second))
            self.assertEqual(low, high)
            self.assertAlmostEqual(low, first[0] - second[0], 6)

    def test_large_sums_are_exact(self):
        """The variance is the difference of two nearly equal numbers."""
        far = 10**12
        for kind in (int, Decimal, Fraction):
            first = [kind(far + each) for each in (1, 2, 3, 4)]
            second = [kind(far + each) for each in (2, 2, 5)]
            found = welch(*sums(first), *sums(second))
            near = welch(*sums([1, 2, 3, 4]), *sums([2, 2, 5]))
            self.assertInterval(found, *near, 1e-9)
        cents = [Decimal("1000000000.01"), Decimal("1000000000.03")]
        low, high = welch(*sums(cents), *sums([Decimal(0)] * 9))
        self.assertAlmostEqual(low + high, 2 * 1000000000.02, 4)
        self.assertAlmostEqual(high - low, 2 * 0.01 * 12.7062047, 6)

    def test_rounding_makes_no_variance_below_zero(self):
        value = 0.1 + 0.2
        found = welch(3, 3 * value, 3 * value**2 * (1 - 1e-16), 5, 1.0, 0.2)
        self.assertInterval(found, value - 0.2, value - 0.2, 1e-9)

    def test_very_large_and_very_small_values(self):
        near = welch(*sums([1, 2, 3]), *sums([5, 7, 8]))
        for factor in (10**200, Fraction(1, 10**200)):
            found = welch(
                *sums([factor * each for each in (1, 2, 3)]),
                *sums([factor * each for each in (5, 7, 8)]),
            )
            self.assertInterval([each / float(factor) for each in found], *near)

    def test_sums_that_cannot_be(self):
        for of, words in (
            ((0, 0, 0), "two values"),
            ((1, 5, 25), "two values"),
            ((nan, 5, 25), "two values"),
            ((2, nan, 25), "numbers"),
            ((2, 5, inf), "numbers"),
            ((2, 10, 1), "smaller"),
            ((2, 10.0, 1.0), "smaller"),
        ):
            for both in ((*of, 3, 6, 14), (3, 6, 14, *of)):
                with (
                    self.subTest(of=both),
                    self.assertRaisesRegex(ValueError, words),
                ):
                    welch(*both)

    def test_student_t(self):
        """Against closed forms and tables (scipy.stats.t.ppf)."""
        for degrees, value in (
            (1, 12.706204736174707),
            (1.05, 11.361907668693245),
            (2, 4.302652729749462),
            (3.7, 2.8675207071911895),
            (17.776473516178495, 2.1028172415698014),
            (1000, 1.9623390808264078),
            (1999.9, 1.9611508854797997),
            (2000, 1.9611508260994377),
            (1e9, 1.959963986912325),
            (1e300, NormalDist().inv_cdf(0.975)),
        ):
            with self.subTest(degrees=degrees):
                self.assertAlmostEqual(t_quantile(degrees), value, delta=1e-9)
        for degrees in (0, -1, nan):
            with self.assertRaises(ValueError):
                t_quantile(degrees)

    # -- Numbers of other kinds

    def test_numbers_that_are_not_pythons(self):
        large = 30_000_000_000_000_000
        for kind in (OtherInteger, OtherFloat, float, Decimal, Fraction):
            with self.subTest(kind=kind):
                a, m, b, n, total, squares = map(kind, (56, 70, 48, 80, 10**8, large))
                self.assertEqual(wilson(a, m), wilson(56, 70))
                self.assertEqual(newcombe(a, m, b, n), newcombe(56, 70, 48, 80))
                self.assertInterval(
                    welch(m, total, squares, n, total, squares),
                    *welch(70, 10**8, large, 80, 10**8, large),
                )
        sizes = sample_size(*map(OtherFloat, (0.5, 0.75, 0.9)))
        self.assertEqual(sizes, sample_size(0.5, 0.75, 0.9))

    def test_what_is_no_number(self):
        for wrong in (None, "5", [5], 5j, Decimal("nan"), Decimal("snan")):
            for find, *right in (
                (wilson, 5, 9),
                (newcombe, 5, 9, 5, 9),
                (welch, 5, 5, 9, 5, 5, 9),
                (sample_size, 0.1, 0.2, 0.8),
            ):
                for place in range(len(right)):
                    given = [*right[:place], wrong, *right[place + 1 :]]
                    with (
                        self.subTest(find=find, given=given),
                        self.assertRaises(ValueError),
                    ):
                        find(*given)

    def test_what_is_too_large(self):
        huge = 10**400
        for find in (
            lambda: wilson(1, huge),
            lambda: newcombe(huge, huge, 1, 2),
            lambda: welch(2, huge, huge**2, 2, 5, 13),
            lambda: sample_size(0.1, huge, 0.8),
            lambda: sample_size(0, 5e-324, 0.8),
        ):
            with self.assertRaises(ValueError):
                find()

    def test_customers_and_values_are_whole(self):
        for find in (
            lambda: wilson(1.5, 3),
            lambda: wilson(1, 2.5),
            lambda: newcombe(1, 3, 0.5, 3),
            lambda: welch(2.5, 5, 25, 3, 6, 14),
        ):
            with self.assertRaises(ValueError):
                find()

    def test_sums_of_squares_that_are_far_too_small(self):
        with self.assertRaisesRegex(ValueError, "smaller"):
            welch(5, 1e308, 1e308, 5, 1.0, 1.0)

    # -- Sizes

    def test_published_sample_size(self):
        self.assertAlmostEqual(sample_size(0.50, 0.75, 0.9), 76.7, 1)
        self.assertEqual(sample_size(0.75, 0.50, 0.9), sample_size(0.50, 0.75, 0.9))

    def test_sizes_that_cannot_be(self):
        for of in ((0.5, 0.5, 0.8), (-1, 0.5, 0.8), (0.5, 2, 0.8), (0.1, 0.2, 1)):
            with self.subTest(of=of), self.assertRaises(ValueError):
                sample_size(*of)

    def test_what_groups_would_show(self):
        for share, m, n in ((0.2, 400, 400), (0.2, 412, 46), (0, 300, 30)):
            difference = visible_difference(share, m, n)
            size = 2 * m * n / (m + n)
            self.assertAlmostEqual(
                sample_size(share + difference, share, 0.8), size, delta=1e-3
            )
        # The smaller group decides.
        self.assertGreater(visible_difference(0.2, 10**6, 40), 0.17)

    def test_groups_that_would_show_nothing(self):
        for of in ((0.2, 0, 50), (0.9, 4, 4), (1, 1000, 1000)):
            self.assertIsNone(visible_difference(*of))

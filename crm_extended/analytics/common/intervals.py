"""How sure a share is, and a difference between two groups: 95% intervals.

All take sums and counts, as a database adds them up, and need no single values. Differences
are of the first group minus the second.

* Single shares: Wilson's score interval.
* Differences of shares: R. G. Newcombe, Interval estimation for the difference between
  independent proportions, Statistics in Medicine 17 (1998), method 10. It is right with few
  customers, and where a group has none or all.
* Differences of means: Welch's interval, for groups of any sizes and variances.

Sums are exact where they are whole numbers, ``Decimal`` or ``Fraction``: the variance is
the difference of two sums that can be very large and nearly equal. What is given as a
``float`` has been rounded already. The numbers of numpy are taken as well, and computed with
as Python's: theirs overflow.
"""

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from math import exp, lgamma, log, log1p, pi, sqrt
from numbers import Integral, Real
from statistics import NormalDist
from sys import float_info

Number = int | float | Decimal | Fraction

NORMAL = NormalDist()
# Two-sided.
ALPHA = 0.05
Z = NORMAL.inv_cdf(1 - ALPHA / 2)
# From here on, five terms of the expansion for a large number are exact to the last digits.
MANY_DEGREES = 2000
# Sums of squares that are smaller than they can be by more than this share of them were not
# rounded, but are of something else.
TOO_SMALL = Fraction(1, 10**6)


def wilson(a: int, m: int) -> tuple[float, float]:
    """The interval of a share.

    :param a: how many of them did it
    :param m: how many they are
    :raise ValueError: if there are none, or more did it than there are
    """
    share, count = _share_of(a, m)
    square = Z * Z
    middle = share + square / (2 * count)
    # Written so that nothing cancels out near 0 and 1.
    spread = Z * sqrt(share * (1 - share) / count + square / (4 * count * count))
    scale = 1 + square / count
    low = 0.0 if a == 0 else max((middle - spread) / scale, 0.0)
    high = 1.0 if a == m else min((middle + spread) / scale, 1.0)
    return low, high


def newcombe(a: int, m: int, b: int, n: int) -> tuple[float, float]:
    """The interval of the difference between two shares, ``a / m - b / n``.

    :param a: how many of the first group did it
    :param m: how many the first group has
    :param b: how many of the second group did it
    :param n: how many the second group has
    :raise ValueError: if a group is empty, or more of it did it than it has
    """
    first, second = _share_of(a, m)[0], _share_of(b, n)[0]
    (low1, high1), (low2, high2) = wilson(a, m), wilson(b, n)
    difference = first - second
    below = sqrt((first - low1) ** 2 + (high2 - second) ** 2)
    above = sqrt((high1 - first) ** 2 + (second - low2) ** 2)
    return max(difference - below, -1.0), min(difference + above, 1.0)


def welch(
    n1: int, sum1: Number, squares1: Number, n2: int, sum2: Number, squares2: Number
) -> tuple[float, float]:
    """The interval of the difference between two means.

    Where neither group varies, it has no width.

    :param n1: how many values the first group has, two at least
    :param sum1: their sum
    :param squares1: the sum of their squares
    :raise ValueError: if a group has fewer than two values, or its sums cannot be
    """
    n1, n2 = _size_of(n1), _size_of(n2)
    mean1, error1 = _mean_and_error(n1, sum1, squares1)
    mean2, error2 = _mean_and_error(n2, sum2, squares2)
    difference, error = _small_enough(mean1 - mean2), error1 + error2
    if not error:
        return difference, difference
    # Shares of the two groups: the squares themselves could overflow.
    part = float(error1 / error)
    degrees = 1 / (part**2 / (n1 - 1) + (1 - part) ** 2 / (n2 - 1))
    spread = t_quantile(degrees) * _root(error)
    return difference - spread, difference + spread


def sample_size(p1: float, p2: float, power: float) -> float:
    """How many each of two groups of equal size needs, for a difference between their
    shares to be seen (two-sided, 5%): the formula with the pooled share.

    :param p1: the share in the first group, and
    :param p2: in the second one, 0 to 1
    :param power: how likely it is to be seen, between 0 and 1
    :raise ValueError: if the shares are equal: no group is large enough
    """
    p1, p2, power = (_small_enough(_exact(each)) for each in (p1, p2, power))
    for share in (p1, p2):
        if not 0 <= share <= 1:
            raise ValueError(f"A share is 0 to 1, not {share}.")
    if not 0 < power < 1:
        raise ValueError(f"A power is between 0 and 1, not {power}.")
    if p1 == p2:
        raise ValueError("Equal shares differ in groups of no size.")
    middle = (p1 + p2) / 2
    together = Z * sqrt(2 * middle * (1 - middle))
    apart = NORMAL.inv_cdf(power) * sqrt(p1 * (1 - p1) + p2 * (1 - p2))
    return _small_enough((Fraction(together + apart) / Fraction(p1 - p2)) ** 2)


def visible_difference(
    share: float, m: int, n: int, power: float = 0.8
) -> float | None:
    """The smallest rise from a share that two groups of these sizes would show: the inverse
    of :func:`sample_size`, with the harmonic mean of the sizes.

    :param share: what the second group does, 0 to 1
    :param m: size of the first group
    :param n: size of the second group
    :param power: how likely it is to be seen
    :return: a difference of shares; None where even the largest would not be seen
    """
    size = 2 * m * n / (m + n) if m and n else 0
    low, high = 0.0, 1.0 - float(share)
    if high <= 0 or sample_size(share + high, share, power) > size:
        return None
    # To far below 0.1 percentage points.
    for _halving in range(40):
        middle = (low + high) / 2
        seen = share + middle > share and (
            sample_size(share + middle, share, power) <= size
        )
        low, high = (low, middle) if seen else (middle, high)
    return high


# -- Parts


def _exact(value, words="These are not numbers to compute with: %s.") -> Fraction:
    """A number as a fraction of Python's own integers."""
    try:
        if isinstance(value, Integral):
            return Fraction(int(value))
        if isinstance(value, Decimal | Fraction):
            return Fraction(value)
        # Not a text that reads like a number.
        if isinstance(value, Real):
            return Fraction(float(value))
    except (ValueError, OverflowError) as error:
        raise ValueError(words % repr(value)) from error
    raise ValueError(words % repr(value))


def _small_enough(value: Fraction) -> float:
    try:
        return float(value)
    except OverflowError as error:
        raise ValueError("These numbers are too large to compute with.") from error


def _share_of(part, count) -> tuple[float, float]:
    """A share, and how many they are."""
    words = "A group has a whole number of customers, one at least, not %s."
    size = _exact(count, words)
    if size < 1 or size.denominator != 1:
        raise ValueError(words % count)
    words = f"Of {count} customers 0 to {count} do something, not %s."
    done = _exact(part, words)
    if not 0 <= done <= size or done.denominator != 1:
        raise ValueError(words % part)
    return float(done / size), _small_enough(size)


def _size_of(count) -> int:
    """How many values a group has."""
    words = "A group needs at least two values to vary, not %s."
    size = _exact(count, words)
    if size < 2 or size.denominator != 1:
        raise ValueError(words % count)
    return size.numerator


def _mean_and_error(count: int, total, squares) -> tuple[Fraction, Fraction]:
    """The mean of a group, and the square of its standard error."""
    rounded = any(
        not isinstance(each, Integral | Decimal | Fraction) for each in (total, squares)
    )
    words = "The sums of a group are numbers, not %s."
    total, squares = _exact(total, words), _exact(squares, words)
    mean = total / count
    spread = squares - total * mean
    if spread < 0:
        if not rounded or -spread > TOO_SMALL * total * mean:
            raise ValueError("The sum of squares is smaller than these values have.")
        spread = Fraction(0)
    elif rounded and spread <= squares * count * Fraction(float_info.epsilon):
        # Equal values, added up one by one: what is left is what rounding made.
        spread = Fraction(0)
    return mean, spread / (count - 1) / count


def _root(value: Fraction) -> float:
    """A square root, also where the square is too large or too small for a float."""
    shift = (value.numerator.bit_length() - value.denominator.bit_length()) // 2
    return sqrt(value / Fraction(4) ** shift) * 2.0**shift


# -- Student's t


def t_quantile(degrees: float) -> float:
    """What Student's t passes in 2.5% of all cases, to 1e-9.

    :param degrees: degrees of freedom, not necessarily whole
    :raise ValueError: if there are none
    """
    if not degrees > 0:
        raise ValueError(f"There are no {degrees} degrees of freedom.")
    if degrees >= MANY_DEGREES:
        return _t_expanded(degrees)
    # Newton's method: the tail falls ever less steeply, so from below it never goes too
    # far. It stops at what rounding allows.
    scale = lgamma((degrees + 1) / 2) - lgamma(degrees / 2) - log(degrees * pi) / 2
    value = Z
    for _step in range(500):
        density = exp(scale - (degrees + 1) / 2 * log1p(value * value / degrees))
        further = value + (_t_tail(value, degrees) - ALPHA / 2) / density
        if abs(further - value) <= 1e-13 * value:
            break
        value = further
    return further


def _t_expanded(degrees: float) -> float:
    """The quantile by the expansion of Cornish and Fisher (Abramowitz and Stegun,
    26.7.5)."""
    z, square = Z, Z * Z
    terms = (
        z,
        z * (square + 1) / 4,
        z * ((5 * square + 16) * square + 3) / 96,
        z * (((3 * square + 19) * square + 17) * square - 15) / 384,
        z
        * ((((79 * square + 776) * square + 1482) * square - 1920) * square - 945)
        / 92160,
    )
    value = 0.0
    for term in reversed(terms):
        value = value / degrees + term
    return value


def _t_tail(value: float, degrees: float) -> float:
    """How likely Student's t is above a positive value."""
    square = value * value
    x = degrees / (degrees + square)
    return _incomplete_beta(degrees / 2, 0.5, x, square / (degrees + square)) / 2


def _incomplete_beta(a: float, b: float, x: float, rest: float) -> float:
    """The regularized incomplete beta function.

    :param rest: ``1 - x``, more exactly than it could be computed from x
    """
    factor = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log(rest))
    # The fraction converges fast below the mean.
    if x < (a + 1) / (a + b + 2):
        return factor * _beta_fraction(a, b, x) / a
    return 1 - factor * _beta_fraction(b, a, rest) / b


def _beta_fraction(a: float, b: float, x: float) -> float:
    """The continued fraction of the incomplete beta function (Abramowitz and Stegun,
    26.5.8), by Lentz's method."""

    def coefficient(number):
        m, odd = divmod(number, 2)
        if odd:
            return -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        return m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))

    return 1 / _lentz(coefficient)


def _lentz(coefficient: Callable[[int], float]) -> float:
    """The value of ``1 + c1 / (1 + c2 / (1 + …))``."""
    tiny = 1e-300
    value, numerator, denominator = 1.0, 1.0, 0.0
    for number in range(1, 10_000):
        each = coefficient(number)
        denominator = 1 / (1 + each * denominator or tiny)
        numerator = 1 + each / numerator or tiny
        value *= numerator * denominator
        if abs(numerator * denominator - 1) < 1e-16:
            break
    return value

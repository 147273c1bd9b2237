"""How long customers stay, how often they will buy, and what that is worth.

Two models of how often: BG/NBD (Fader, Hardie and Lee, "Counting Your Customers" the Easy
Way, Marketing Science 24, 2005) and MBG/NBD (Batislam, Denizel and Filiztekin, Empirical
validation and comparison of models for customer base analysis, International Journal of
Research in Marketing 24, 2007), in which customers may leave right after their first
purchase. One of how much: Gamma-Gamma (Fader and Hardie, The Gamma-Gamma model of monetary
value, 2013). With the letters of the papers:

* ``x``: repeat purchases, whole numbers: days with a purchase, without the first
* ``tx``: time from the first to the last of them; 0 where there is but one
* ``T``: time from the first to the day that is looked from
* ``m``: mean amount of the repeat purchases

Times are in any unit, the same for all; the parameters, and what is expected, are in it,
too. All functions take numbers or sequences, and need numpy, which is imported when they
are called: without it they raise :class:`ImportError`, and nothing else is missing.
"""

__all__ = [
    "KINDS",
    "discounted_value",
    "expected",
    "expected_by_day",
    "expected_spend",
    "fit",
    "fit_spend",
    "p_active",
    "simple_value",
]

#: The models of how often customers buy.
KINDS = ("bg", "mbg")


def fit(kind, x, tx, T):
    """Fit a model of how often customers buy, by maximum likelihood, from three starts.

    :param kind: ``bg`` or ``mbg``
    :param x: a sequence, of each customer, as are ``tx`` and ``T``
    :return: ``r``, ``alpha``, ``a``, ``b`` and ``log_likelihood``; ``agree``: whether the
        starts led to one place; ``at_bound``: names of parameters without an optimum
    :raise ValueError: if a history cannot be, or there is none
    """
    from .fitting import fit

    return fit(kind, x, tx, T)


def expected(kind, parameters, x, tx, T, t):
    """How many purchases are expected within ``t`` from now.

    :param kind: ``bg`` or ``mbg``
    :param parameters: as :func:`fit` gives them
    :param t: a time from now on, in the unit of ``tx`` and ``T``
    :return: a float, or an array where any argument is a sequence
    """
    from .buying import expected

    return expected(kind, parameters, x, tx, T, t)


def expected_by_day(kind, parameters, first, days):
    """How many purchases, the first included, a group of customers makes until each day,
    as expected of customers of whom only the day of their first purchase is known.

    :param first: the days of the first purchases, whole numbers
    :param days: whole numbers, rising
    :return: an array: expected repeat purchases until the end of each day, cumulated
    """
    from .buying import expected_by_day

    return expected_by_day(kind, parameters, first, days)


def p_active(kind, parameters, x, tx, T):
    """The probability that a customer is still one.

    :return: a float, or an array where any argument is a sequence
    """
    from .buying import p_active

    return p_active(kind, parameters, x, tx, T)


def fit_spend(x, m):
    """Fit the Gamma-Gamma model of amounts to customers with repeat purchases; others, and
    amounts that are not positive, are left out.

    :return: ``p``, ``q``, ``v`` and ``log_likelihood``; ``agree`` and ``at_bound`` as in
        :func:`fit`
    :raise ValueError: if no customer is left
    """
    from .spending import fit_spend

    return fit_spend(x, m)


def expected_spend(parameters, x, m):
    """The mean amount that is expected of a customer's purchases.

    :param parameters: as :func:`fit_spend` gives them
    :return: a float, or an array where any argument is a sequence
    :raise ValueError: if the amounts have no mean (``p * x + q <= 1``)
    """
    from .spending import expected_spend

    return expected_spend(parameters, x, m)


def discounted_value(kind, parameters, x, tx, T, spend, margin, rate=0.1, months=36):
    """What customers are worth from now on: future purchases, month by month, times the
    amount and the margin, discounted. Times are days.

    Σ over m = 1…months of (E(30.4375 m) − E(30.4375 (m − 1))) · spend · margin
    ÷ (1 + rate)^(m / 12).

    :param spend: expected amount of a purchase
    :param margin: the part of it that is earned
    :param rate: a year
    :return: a float, or an array where any argument is a sequence
    """
    from .buying import discounted_value

    return discounted_value(
        kind, parameters, x, tx, T, spend, margin, rate=rate, months=months
    )


def simple_value(purchases_a_month, amount, years, margin=1.0):
    """What a customer is worth who goes on as now: purchases a month × amount × 12 ×
    years × margin. One who spends 1,500 a month for 10 years is worth 180,000.

    >>> simple_value(1, 1500, 10)
    180000.0
    """
    return float(purchases_a_month * amount * 12 * years * margin)

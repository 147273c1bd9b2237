"""Forecasts of purchases and their value, against published figures and against a
computation with 50 digits. Without Odoo, as analysts use them."""

import sys
from itertools import product

import mpmath
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from odoo_shell import ROOT

sys.path.insert(0, str(ROOT / "crm_extended"))
from analytics.insight import lifetime  # noqa: E402

END = pd.Timestamp("1997-09-30")
# As published, in weeks (BG/NBD: 2005; MBG/NBD and more digits: recomputed by others).
PUBLISHED = {
    "bg": (0.2425945, 4.4136020, 0.7929220, 2.4259068, -9582.4292),
    "mbg": (0.5248431, 6.1830850, 0.8913593, 1.6140023, -9582.1357),
}
NAMES = ("r", "alpha", "a", "b")


@pytest.fixture(scope="module")
def cdnow():
    """x, tx, T (days) and m of the sample, by its usual preparation."""
    rows = pd.read_csv(
        ROOT / "tests" / "data" / "cdnow_sample_transactions.csv.gz",
        parse_dates=["date"],
    )
    days = rows[rows.date <= END].groupby(["customer_id", "date"]).amount.sum()
    days = days.reset_index()
    dates = days.groupby("customer_id").date
    first = days.customer_id.map(dates.min())
    repeated = days[days.date > first].groupby("customer_id").amount.mean()
    x = dates.size() - 1
    tx = (dates.max() - dates.min()).dt.days
    ages = (END - dates.min()).dt.days
    return x, tx, ages, repeated.reindex(x.index).fillna(0.0)


@pytest.mark.parametrize("kind", lifetime.KINDS)
def test_parameters_are_the_published_ones(cdnow, kind):
    x, tx, ages, _m = cdnow
    found = lifetime.fit(kind, x, tx / 7, ages / 7)
    *parameters, log_likelihood = PUBLISHED[kind]
    assert [found[name] for name in NAMES] == pytest.approx(parameters, rel=1e-6)
    assert found["log_likelihood"] == pytest.approx(log_likelihood, abs=1e-4)
    assert found["agree"] and found["at_bound"] == []


def test_the_unit_of_time_changes_nothing_but_alpha(cdnow):
    x, tx, ages, _m = cdnow
    found = lifetime.fit("bg", x, tx, ages)
    assert found["alpha"] == pytest.approx(30.895213, rel=1e-6)
    assert found["r"] == pytest.approx(PUBLISHED["bg"][0], rel=1e-6)
    assert found["log_likelihood"] == pytest.approx(-14363.5304, abs=1e-3)


def test_spending_is_as_published(cdnow):
    x, _tx, _ages, m = cdnow
    assert (x > 0).sum() == 946
    found = lifetime.fit_spend(x, m)
    assert found["p"] == pytest.approx(6.2495723, rel=1e-6)
    assert found["q"] == pytest.approx(3.7442247, rel=1e-6)
    assert found["v"] == pytest.approx(15.4435210, rel=1e-6)
    assert found["log_likelihood"] == pytest.approx(-4055.9177, abs=1e-4)
    # Fader and Hardie's own example: one purchase of nothing known is worth the mean.
    p, q, v = found["p"], found["q"], found["v"]
    assert lifetime.expected_spend(found, 0, 0) == pytest.approx(p * v / (q - 1))


def test_a_customer_of_the_paper():
    parameters = dict(zip(NAMES, PUBLISHED["bg"], strict=False))
    history = (2, 30.43, 38.86)
    assert lifetime.expected("bg", parameters, *history, 39) == pytest.approx(
        1.226, abs=5e-4
    )
    assert lifetime.p_active("bg", parameters, *history) == pytest.approx(
        0.7266, abs=5e-5
    )


# -- Against 50 digits

HARD = [
    *product((1.0,), (0.5, 1e-3, 5000.0)),
    *((0.3, 0.7), (0.5, 0.5), (1e-4, 1 - 1e-4)),
    *((0.00344, 6.745), (0.8, 5000.0), (50.0, 2.0), (1 + 1e-9, 0.4)),
]
RATES = ((0.24, 4.4), (0.83, 68.9), (1000.0, 10000.0), (0.01, 0.1))
HISTORIES = ((0, 0.0, 0.0), (0, 0.0, 300.0), (1, 0.0, 10.0), (3, 270.0, 300.0))
HISTORIES += ((200, 10990.0, 11000.0),)


def exactly(kind, parameters, x, tx, age, t):
    """E and the probability to be active, from the form of the papers; where it divides by
    zero, from a neighbor that differs in the 22nd digit."""
    with mpmath.workdps(50):
        r, alpha, a, b = (mpmath.mpf(parameters[name]) for name in NAMES)
        tx, age, t = mpmath.mpf(tx), mpmath.mpf(age), mpmath.mpf(t)
        chances = x + (kind == "mbg")
        d = mpmath.mpf(1)
        if chances:
            d += a / (b + chances - 1) * ((alpha + age) / (alpha + tx)) ** (r + x)
        near = mpmath.mpf(10) ** -22
        if a == 1 or a + b + chances == 1:
            a += near
        b += kind == "mbg"
        c = a + b + x - 1
        left = ((alpha + age) / (alpha + age + t)) ** (r + x)
        z = t / (alpha + age + t)
        mean = c / (a - 1) * (1 - left * mpmath.hyp2f1(r + x, b + x, c, z))
        return mean / d, 1 / d


@pytest.mark.parametrize("kind", lifetime.KINDS)
def test_hard_parameters_lose_nothing(kind):
    wrong = []
    cases = list(product(HARD, RATES, HISTORIES, (30.0, 1100.0)))
    # Each way of a case with each other would take minutes.
    for (a, b), (r, alpha), history, t in cases[:: 7 if kind == "bg" else 11]:
        parameters = {"r": r, "alpha": alpha, "a": a, "b": b}
        mean, active = exactly(kind, parameters, *history, t)
        if active < 1e-300:
            # A double holds fewer digits of it.
            continue
        found = lifetime.expected(kind, parameters, *history, t)
        is_active = lifetime.p_active(kind, parameters, *history)
        if abs(found / mean - 1) > 1e-11 or abs(is_active / active - 1) > 1e-11:
            wrong.append((parameters, history, t, found, float(mean)))
    assert wrong == []


def test_the_textbook_form_would_divide_by_zero():
    one = {"r": 0.24, "alpha": 4.4, "a": 1.0, "b": 2.4}
    both = {"r": 0.24, "alpha": 4.4, "a": 0.3, "b": 0.7}
    for parameters in (one, both):
        mean, _active = exactly("bg", parameters, 0, 0, 38.86, 39)
        found = lifetime.expected("bg", parameters, 0, 0, 38.86, 39)
        assert found == pytest.approx(float(mean), rel=1e-9)


# -- Histories that no shop wants


def fit_both(x, tx, ages):
    return [lifetime.fit(kind, x, tx, ages) for kind in lifetime.KINDS]


@pytest.mark.parametrize(
    "name",
    ["once", "twice", "identical", "clockwork", "one", "two_days", "thirty_years"],
)
def test_what_has_no_optimum_is_said(name):
    ages = np.linspace(200, 1000, 500).round()
    x, tx, T = {
        "once": (0 * ages, 0 * ages, ages),
        "twice": (1 + 0 * ages, ages / 2, ages),
        "identical": (1 + 0 * ages, 30 + 0 * ages, 100 + 0 * ages),
        "clockwork": (ages // 30, ages // 30 * 30, ages),
        "one": ([3], [100], [120]),
        "two_days": ([0, 1] * 50, [0, 1] * 50, [1] * 100),
        "thirty_years": ([1100] * 50, [10990] * 50, [11000] * 50),
    }[name]
    for kind, found in zip(lifetime.KINDS, fit_both(x, tx, T), strict=True):
        assert found["at_bound"], found
        means = lifetime.expected(kind, found, x, tx, T, 90)
        assert np.isfinite(means).all() and (means >= 0).all()


def test_customers_who_never_leave_are_found():
    # The true optimum of a shop whose customers stay is near a = 0.
    rng = np.random.default_rng(7)
    ages = rng.integers(200, 1000, 4000).astype(float)
    x = rng.poisson(rng.gamma(0.8, 1 / 69, ages.size) * ages)
    tx = np.where(x > 0, np.floor(ages * x / (x + 1)), 0)
    for found in fit_both(x, tx, ages):
        assert found["r"] == pytest.approx(0.8, rel=0.15)
        assert found["a"] / found["b"] < 0.01


@pytest.mark.parametrize(
    "history, sentence",
    [
        (([], [], []), "no customers"),
        (([1], [5], [4]), "between 0 and T"),
        (([-1], [0], [4]), "whole numbers"),
        (([0.5], [0], [4]), "whole numbers"),
        (([0], [1], [4]), "x = 0"),
        (([0], [float("nan")], [4]), "not a number"),
        (([0, 1], [0], [4]), "different lengths"),
    ],
)
def test_histories_that_cannot_be_are_refused(history, sentence):
    with pytest.raises(ValueError, match=sentence):
        lifetime.fit("bg", *history)
    with pytest.raises(ValueError, match="no model"):
        lifetime.fit("nbd", [1], [1], [2])


def test_spending_without_a_mean_is_refused():
    with pytest.raises(ValueError, match="no mean"):
        lifetime.expected_spend({"p": 0.1, "q": 0.5, "v": 3}, 1, 20)
    with pytest.raises(ValueError, match="positive amount"):
        lifetime.fit_spend([0, 2], [10, -3])


# -- Whatever the parameters

LOGS = st.floats(-6, 6)


@given(st.sampled_from(lifetime.KINDS), *[LOGS] * 4, st.integers(0, 50))
def test_more_time_brings_more_purchases(kind, r, alpha, a, b, x):
    parameters = dict(zip(NAMES, np.exp([r, alpha, a, b]).tolist(), strict=True))
    tx = 0.0 if x == 0 else 20.0
    times = np.array([0.0, 1.0, 30.0, 365.0])
    means = lifetime.expected(kind, parameters, x, tx, 30.0, times)
    assert means[0] == 0 and (np.diff(means) >= 0).all()
    active = lifetime.p_active(kind, parameters, x, tx, 30.0)
    assert 0 <= active <= 1
    # Never more than if they stayed forever.
    rate = (parameters["r"] + x) / (parameters["alpha"] + 30)
    assert (means <= active * rate * times * (1 + 1e-9)).all()


def test_value_is_the_sum_of_its_months(cdnow):
    x, tx, ages, m = (np.asarray(column)[:300] for column in cdnow)
    parameters = lifetime.fit("mbg", x, tx, ages)
    means = [
        lifetime.expected("mbg", parameters, x, tx, ages, 30.4375 * month)
        for month in range(37)
    ]
    by_hand = sum(
        (means[month] - means[month - 1]) * 20 * 0.4 / 1.1 ** (month / 12)
        for month in range(1, 37)
    )
    found = lifetime.discounted_value("mbg", parameters, x, tx, ages, 20, 0.4)
    assert found == pytest.approx(by_hand, rel=1e-9)


def test_expected_by_day_is_the_sum_over_customers(cdnow):
    x, tx, ages, _m = (np.asarray(column)[:200] for column in cdnow)
    for kind in lifetime.KINDS:
        parameters = lifetime.fit(kind, x, tx, ages)
        first = 272 - ages
        found = lifetime.expected_by_day(kind, parameters, first, [100, 272, 300])
        each = [
            lifetime.expected(kind, parameters, 0, 0, 0, np.maximum(day - first, 0))
            for day in (100, 272, 300)
        ]
        assert found == pytest.approx([one.sum() for one in each])


def test_the_simple_value_of_a_customer():
    assert lifetime.simple_value(1, 1500, 10) == 180000
    assert lifetime.simple_value(1.5, 80, 3, margin=0.25) == pytest.approx(1080)

"""When there is a forecast, and what it says: arithmetic without Odoo, and shops in which
hardly anything can be learned."""

import sys
from datetime import date, timedelta

import numpy as np
import pytest
from odoo_shell import ROOT

sys.path.insert(0, str(ROOT / "crm_extended"))
from analytics.insight import forecast, forecasting, lifetime  # noqa: E402

TODAY = date(2026, 1, 31)


def histories(days, tx, age, amount=100.0, known=None):
    """Histories as Odoo reads them; amounts are the same for each purchase."""
    days, tx, age = (np.asarray(column, dtype=np.int64) for column in (days, tx, age))
    known_days, known_tx = known or (days, tx)
    return forecasting.Histories(
        customer=np.arange(1, days.size + 1),
        days=days,
        tx=tx,
        age=age,
        known_days=np.asarray(known_days),
        known_tx=np.asarray(known_tx),
        known_age=np.maximum(age - forecast.HOLDOUT_DAYS, np.asarray(known_tx)),
        may_profile=np.ones(days.size, dtype=np.int64),
        repeat_amount=(days - 1) * amount,
        amount=days * amount,
    )


@pytest.fixture(scope="module")
def shop():
    """2,000 customers who buy and leave as BG/NBD says."""
    rng = np.random.default_rng(22)
    size = 2000
    age = rng.integers(100, 700, size)
    rate = rng.gamma(0.9, 1 / 60, size)
    leaving = rng.beta(0.8, 2.5, size)
    days, tx = np.ones(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
    for number in range(size):
        day = 0.0
        while True:
            day += max(rng.exponential(1 / rate[number]), 1)
            if day > age[number]:
                break
            days[number] += 1
            tx[number] = int(day)
            if rng.random() < leaving[number]:
                break
    found = histories(days, tx, age)
    spread = rng.gamma(6, 20 / 6, size)
    found.repeat_amount = (days - 1) * spread
    found.amount = days * spread
    return found


def test_what_is_lacking():
    enough = (500, 100, 180, 90)
    assert forecast.lacking(*enough) is None
    for position, (value, reason) in enumerate(
        ((499, "customers"), (99, "repeaters"), (179, "days"), (91, "recent"))
    ):
        values = [*enough]
        values[position] = value
        assert forecast.lacking(*values) == reason
    assert forecast.lacking(0, 0, 0, 0) == "customers"


def fitted(log_likelihood, agree=True, at_bound=()):
    return {
        "log_likelihood": log_likelihood,
        "agree": agree,
        "at_bound": list(at_bound),
    }


def test_the_likelier_of_what_could_be_fitted():
    assert forecast.choose({"bg": fitted(-5), "mbg": fitted(-4)}) == ("mbg", None)
    assert forecast.choose({"bg": fitted(-3), "mbg": fitted(-4)}) == ("bg", None)
    bound = fitted(-2, at_bound=["a"])
    assert forecast.choose({"bg": bound, "mbg": fitted(-4)}) == ("mbg", None)
    assert forecast.choose({"bg": bound, "mbg": bound})[1] == "bound"
    apart = fitted(-2, agree=False)
    assert forecast.choose({"bg": apart, "mbg": apart})[1] == "starts"


def test_how_far_a_prediction_is_off():
    assert forecast.off(16874, 19684) == pytest.approx(-0.14276, abs=1e-5)
    assert forecast.off(10, 0) == float("inf")
    assert forecast.off(0, 0) == 0


@pytest.mark.parametrize("kind", lifetime.KINDS)
def test_probability_without_numpy_is_the_same(kind, shop):
    parameters = lifetime.fit(kind, shop.days - 1, shop.tx, shop.age)
    expected = lifetime.p_active(kind, parameters, shop.days - 1, shop.tx, shop.age)
    found = [
        forecast.p_active(kind, parameters, int(days), int(tx), int(age))
        for days, tx, age in zip(shop.days, shop.tx, shop.age, strict=True)
    ]
    assert found == pytest.approx(expected, rel=1e-12)


def test_probability_of_extremes():
    parameters = {"r": 0.5, "alpha": 30.0, "a": 0.8, "b": 2.0}
    for kind in lifetime.KINDS:
        gone = forecast.p_active(kind, parameters, 2000, 2000, 40000)
        assert 0 <= gone < 1e-200
        assert 0 < forecast.p_active(kind, parameters, 1, 0, 0) <= 1
    assert forecast.p_active("bg", parameters, 1, 0, 10000) == 1
    assert forecast.p_active("mbg", parameters, 1, 0, 10000) < 0.2


def test_bands_are_closed_below():
    found = [forecast.band(p) for p in (1, 0.7, 0.6999, 0.4, 0.1, 0.0999, 0)]
    assert found == [
        "likely",
        "likely",
        "perhaps",
        "perhaps",
        "doubtful",
        "gone",
        "gone",
    ]


def test_next_purchase():
    day = forecast.expected_day(TODAY, 30.5)
    assert day == TODAY + timedelta(days=31)
    assert forecast.expected_day(TODAY, 0.2) == TODAY + timedelta(days=1)
    assert forecast.expected_day(TODAY, None) is None
    forecast.expected_day(TODAY, 1e12)
    assert forecast.next_date(day, 0.1, TODAY) == day
    assert forecast.next_date(day, 0.0999, TODAY) is None
    # Without a model, for a year.
    assert forecast.next_date(day, None, day + timedelta(days=365)) == day
    assert forecast.next_date(day, None, day + timedelta(days=366)) is None
    assert forecast.next_date(None, 1.0, TODAY) is None


def test_correlation():
    x = np.array([1, 2, 3, 4.0])
    assert forecasting.correlation(x, 2 * x) == pytest.approx(1)
    assert forecasting.correlation(x, -x) == pytest.approx(-1)
    assert forecasting.correlation(x, np.ones(4)) == 0
    assert forecasting.correlation(x[:1], x[:1]) == 0
    assert forecasting.correlation([], []) == 0


# -- Shops


def test_an_ordinary_shop(shop):
    found = forecasting.fit(shop)
    assert found["reason"] is None
    assert found["kind"] == "bg"
    assert abs(found["correlation"]) < 0.2
    parameters = found["parameters"]["bg"]
    blocks = list(
        forecasting.forecasts("bg", parameters, found["spend"], shop, 0.1, 36)
    )
    rows = {}
    for block in blocks:
        rows.update(zip(block["partner_id"], block["value"], strict=True))
    assert sorted(rows) == list(shop.customer)
    # In the order of the customers, as if at once.
    x = shop.days - 1
    amount = lifetime.expected_spend(found["spend"], x, shop.repeat_mean)
    value = lifetime.discounted_value(
        "bg", parameters, x, shop.tx, shop.age, amount, 1.0
    )
    assert [rows[each] for each in shop.customer] == pytest.approx(value, rel=1e-9)


def test_those_who_refused_have_no_forecast(shop):
    found = forecasting.fit(shop)
    refusing = forecasting.Histories(**vars(shop))
    refusing.may_profile = (shop.customer % 2 == 0).astype(int)
    # They count in the model.
    assert forecasting.fit(refusing)["parameters"] == found["parameters"]
    ids = [
        each
        for block in forecasting.forecasts(
            "bg", found["parameters"]["bg"], None, refusing, 0.1, 36
        )
        for each in block["partner_id"]
    ]
    assert sorted(ids) == [each for each in shop.customer if each % 2 == 0]


def once(size=600):
    age = np.arange(size) % 300 + 1
    return np.ones(size), np.zeros(size), age


def twice(size=600):
    age = np.arange(size) % 300 + 40
    return np.full(size, 2), np.full(size, 30), age


def clockwork(size=600):
    age = np.arange(size) % 300 + 200
    days = age // 30 + 1
    return days, (days - 1) * 30, age


def alike(size=600):
    return np.full(size, 4), np.full(size, 200), np.full(size, 400)


def daily_for_thirty_years(size=600):
    age = np.full(size, 10957)
    return np.full(size, 9000) - np.arange(size), age - np.arange(size) % 7, age


def of_two_days(size=600):
    return np.arange(size) % 2 + 1, np.arange(size) % 2, np.ones(size)


@pytest.mark.parametrize(
    "make", [once, twice, clockwork, alike, daily_for_thirty_years, of_two_days]
)
def test_shops_that_teach_little(make):
    """Customers who buy alike say nothing of how they differ: a parameter has no optimum.
    What is computed all the same is a number."""
    shop = histories(*make())
    found = forecasting.fit(shop)
    assert found["reason"] == "bound"
    for fitted in found["parameters"].values():
        assert fitted["at_bound"]
    # All amounts are the same: they have no model of their own.
    assert found["spend"] is None
    assert found["correlation"] == 0
    holdout = forecasting.fit_holdout(found["kind"], shop)
    assert np.isfinite(holdout["expected"]) and holdout["expected"] >= 0
    weeks = forecasting.expected_by_week(found["kind"], holdout, 20)
    assert len(weeks) == 20 and np.isfinite(weeks).all()


def waking(size=800):
    """A shop whose customers came once, and buy as BG/NBD says in the last 90 days."""
    rng = np.random.default_rng(1)
    age = rng.integers(91, 200, size)
    days, tx = np.ones(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
    for number in range(size):
        rate, leaving = rng.gamma(0.8, 0.2), rng.beta(1, 1)
        day = float(age[number] - forecast.HOLDOUT_DAYS)
        while True:
            day += max(rng.exponential(1 / max(rate, 1e-9)), 1)
            if day > age[number]:
                break
            days[number] += 1
            tx[number] = int(day)
            if rng.random() < leaving:
                break
    known = np.ones(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
    return histories(days, tx, age, known=known)


def test_the_fit_of_the_test_is_checked_like_that_of_the_forecast():
    """All that is known today has an optimum; what was known 90 days ago, one purchase of
    each, has none, and would predict that no one buys again."""
    shop = waking()
    found = forecasting.fit(shop)
    assert found["reason"] is None
    holdout = forecasting.fit_holdout(found["kind"], shop)
    assert set(holdout["parameters"]["at_bound"]) & {"r", "alpha"}
    assert holdout["untested"]
    assert holdout["expected"] < 1 < 1000 < (shop.days - 1).sum()


def test_what_is_no_test(shop):
    assert not forecasting.fit_holdout("bg", shop)["untested"]
    ordinary = {"r": 0.7, "alpha": 66.0, "a": 0.8, "b": 2.4}
    assert not forecast.untested({**fitted(-5), **ordinary})
    assert forecast.untested({**fitted(-5, agree=False), **ordinary})
    assert forecast.untested({**fitted(-5, at_bound=["alpha"]), **ordinary})
    # That no one leaves, as in the Online Retail file, is an answer; that all do is none.
    none = {**fitted(-5, at_bound=["a", "b"]), **ordinary, "a": 1e-5, "b": 1e5}
    assert not forecast.untested(none)
    assert forecast.untested({**none, "at_bound": ["r", "a", "b"]})
    assert forecast.untested({**none, "a": 1e5, "b": 1e-5})
    assert forecast.untested({**none, "a": 0.02, "b": 1e-5, "at_bound": ["b"]})


def test_amounts_of_zero_and_below(shop):
    free = forecasting.Histories(**vars(shop))
    free.repeat_amount = np.where(shop.customer % 3, shop.repeat_amount, -50.0)
    free.amount = free.repeat_amount
    found = forecasting.fit(free)
    [block] = forecasting.forecasts(
        "bg", found["parameters"]["bg"], found["spend"], free, 0.1, 36
    )
    assert min(block["value"]) >= 0 and min(block["amount"]) >= 0
    nothing = forecasting.Histories(**vars(shop))
    nothing.repeat_amount = nothing.amount = np.zeros(shop.days.size)
    found = forecasting.fit(nothing)
    assert found["spend"] is None
    [block] = forecasting.forecasts(
        "bg", found["parameters"]["bg"], None, nothing, 0.1, 36
    )
    assert max(block["value"]) == 0


def test_no_histories_at_all():
    empty = forecasting.Histories.from_bytes([None] * 10)
    assert empty.days.size == 0
    parameters = {"r": 0.5, "alpha": 30.0, "a": 0.8, "b": 2.0}
    assert list(forecasting.forecasts("bg", parameters, None, empty, 0.1, 36)) == []


def test_near_degenerate_shop():
    """Hardly anyone leaves: b is large beside a, as in the Online Retail file."""
    rng = np.random.default_rng(5)
    size = 1500
    age = rng.integers(60, 370, size)
    days = 1 + rng.poisson(rng.gamma(0.83, 1 / 68.9, size) * age)
    tx = np.where(days > 1, np.floor(age * rng.beta(days, 1, size)), 0)
    days = np.minimum(days, tx.astype(int) + 1)
    found = forecasting.fit(histories(days, tx, age))
    assert found["reason"] in (None, "bound")
    for kind in lifetime.KINDS:
        assert np.isfinite(found["parameters"][kind]["log_likelihood"])


@pytest.mark.parametrize("kind", lifetime.KINDS)
def test_starts_followed_with_a_sample_end_where_all_customers_say(kind, shop):
    """The same customers twenty times have the optimum that they have once."""
    once = lifetime.fit(kind, shop.days - 1, shop.tx, shop.age)
    often = lifetime.fit(
        kind, *(np.tile(each, 20) for each in (shop.days - 1, shop.tx, shop.age))
    )
    for name in ("r", "alpha", "a", "b"):
        assert often[name] == pytest.approx(once[name], rel=1e-5)
    assert often["agree"] and once["agree"]
    assert often["log_likelihood"] == pytest.approx(20 * once["log_likelihood"])

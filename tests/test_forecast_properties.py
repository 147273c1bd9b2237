"""Properties that forecasts have by their definition, for any customers (hypothesis)."""

import sys
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from odoo_shell import ROOT

sys.path.insert(0, str(ROOT / "crm_extended"))
from analytics.insight import forecast, forecasting  # noqa: E402

# The same figures each time, and nothing kept between runs.
FEW = settings(max_examples=40, derandomize=True, database=None, deadline=None)
MANY = settings(FEW, max_examples=100)

START = date(2024, 1, 1)
TODAY = date(2025, 5, 20)
SPAN = (TODAY - START).days
DICE = st.randoms(use_true_random=False)


def day_of(number):
    return START + timedelta(days=number)


SIZES = st.tuples(
    st.integers(0, 2000), st.integers(0, 300), st.integers(0, 500), st.integers(0, 200)
)
PARAMETERS = st.fixed_dictionaries(
    {
        "r": st.floats(0.1, 5),
        "alpha": st.floats(5, 200),
        "a": st.floats(0.1, 3),
        "b": st.floats(0.5, 5),
    }
)
KINDS = st.sampled_from(["bg", "mbg"])
HISTORIES = st.lists(
    st.tuples(st.integers(1, 12), st.integers(0, 300), st.integers(0, 300)).map(
        lambda each: (each[0], each[1] if each[0] > 1 else 0, each[1] + each[2])
    ),
    min_size=1,
    max_size=12,
)


@MANY
@given(SIZES, SIZES)
def test_more_customers_lack_nothing_more(size, more):
    if forecast.lacking(*size) is None:
        larger = [one + other for one, other in zip(size[:3], more[:3], strict=True)]
        assert forecast.lacking(*larger, min(size[3], more[3])) is None
    names = {"customers", "repeaters", "days", "recent", None}
    assert forecast.lacking(*size) in names


@FEW
@given(
    st.dictionaries(
        KINDS,
        st.fixed_dictionaries(
            {
                "log_likelihood": st.integers(-9999, -1),
                "agree": st.booleans(),
                "at_bound": st.lists(st.just("a"), max_size=1),
            }
        ),
        min_size=1,
    )
)
def test_what_can_be_used_is_chosen(fits):
    kind, reason = forecast.choose(fits)
    usable = {name: each for name, each in fits.items() if not forecast.problem(each)}
    assert (reason is None) == bool(usable)
    assert fits[kind]["log_likelihood"] == max(
        each["log_likelihood"] for each in (usable or fits).values()
    )


@MANY
@given(st.floats(0, 10**6), st.integers(0, 10**6))
def test_a_prediction_is_off_by_its_error(expected, actual):
    found = forecast.off(expected, actual)
    assert found >= -1
    assert (found > 0) == (expected > actual) or found == pytest.approx(0, abs=1e-9)
    if actual:
        assert actual * (1 + found) == pytest.approx(expected, abs=1e-6)


@MANY
@given(KINDS, PARAMETERS, HISTORIES, st.integers(0, 400))
def test_who_stays_away_is_less_likely_to_be_active(kind, parameters, given, more):
    bands = [key for key, _least in forecast.BANDS]
    for days, tx, age in given:
        now = forecast.p_active(kind, parameters, days, tx, age)
        later = forecast.p_active(kind, parameters, days, tx, age + more)
        assert 0 <= later <= now <= 1
        assert bands.index(forecast.band(now)) <= bands.index(forecast.band(later))
        interval = forecast.model_interval(parameters, days, age)
        assert interval > 0
        assert forecast.model_interval(parameters, days + 1, age) < interval
        assert forecast.model_interval(parameters, days, age + 1) > interval


@MANY
@given(
    st.integers(0, SPAN),
    st.none() | st.floats(0, 10**6),
    st.floats(0, 100),
    st.none() | st.floats(0, 1),
    st.integers(0, 900),
)
def test_the_next_day_is_after_the_last_one(day, interval, more, active, after):
    expected = forecast.expected_day(day_of(day), interval)
    assert (expected is None) == (interval is None)
    if expected is None:
        assert forecast.next_date(None, active, TODAY) is None
        return
    days = (expected - day_of(day)).days
    assert 1 <= days <= forecast.FURTHEST
    assert days in (1, forecast.FURTHEST) or abs(days - interval) <= 0.5
    assert forecast.expected_day(day_of(day), interval + more) >= expected
    found = forecast.next_date(expected, active, day_of(after))
    assert found in (None, expected)
    if found is None:
        assert forecast.next_date(expected, active, day_of(after + 1)) is None


NUMBERS = st.lists(
    st.tuples(st.integers(-1000, 1000), st.integers(-1000, 1000)), max_size=30
)


@MANY
@given(NUMBERS, DICE)
def test_a_correlation_is_symmetric_and_has_no_scale(pairs, dice):
    def of(pairs, scale=1):
        return forecasting.correlation(
            [scale * one + 3 for one, _other in pairs], [other for _one, other in pairs]
        )

    found = of(pairs)
    assert -1 - 1e-9 <= found <= 1 + 1e-9
    for other in (
        of(dice.sample(pairs, len(pairs))),
        of([(other, one) for one, other in pairs]),
        of(pairs, scale=8),
        -of(pairs, scale=-1),
    ):
        assert other == pytest.approx(found, abs=1e-9)


def histories_of(rows, amounts):
    """Customers: purchase days, days to the last one and to today."""
    days, tx, age = np.array(rows).T
    amount = np.array(amounts[: len(rows)], dtype=float)
    known = np.ones(len(rows), dtype=int)
    return forecasting.Histories(
        customer=np.arange(len(rows)) + 100,
        days=days,
        tx=tx,
        age=age,
        known_days=known,
        known_tx=known * 0,
        known_age=age,
        may_profile=np.arange(len(rows)) % 3,
        repeat_amount=amount / 2,
        amount=amount,
    )


AMOUNTS = st.lists(st.integers(-500, 5000), min_size=12, max_size=12)


def forecasts_of(kind, parameters, histories):
    [found] = forecasting.forecasts(kind, parameters, None, histories, 0.1, 12)
    names = [name for name in found if name != "partner_id"]
    return {
        customer: dict(zip(names, values, strict=True))
        for customer, *values in zip(
            found["partner_id"], *(found[name] for name in names), strict=True
        )
    }


@settings(FEW, max_examples=20)
@given(KINDS, PARAMETERS, HISTORIES, AMOUNTS, DICE)
def test_forecasts_grow_with_time_and_know_no_order(
    kind, parameters, rows, money, dice
):
    histories = histories_of(rows, money)
    found = forecasts_of(kind, parameters, histories)
    assert list(found) == [
        number + 100
        for number in sorted(range(len(rows)), key=lambda n: (rows[n][0], rows[n][2]))
        if number % 3
    ]
    for values in found.values():
        counts = [values[f"expected_{days}"] for days in forecasting.HORIZONS]
        assert 0 <= counts[0] <= counts[1] <= counts[2]
        assert values["amount"] >= 0
        # Discounted, a year is worth less than what is bought in it.
        limit = (counts[2] + 1e-9) * values["amount"] * 1.01
        assert 0 <= values["value"] <= limit
        assert values["interval"] > 0
    places = dice.sample(range(len(rows)), len(rows))
    mixed = forecasting.Histories(
        *(getattr(histories, name)[places] for name in histories.__dataclass_fields__)
    )
    again = forecasts_of(kind, parameters, mixed)
    assert again.keys() == found.keys()
    for customer, values in found.items():
        assert again[customer] == pytest.approx(values)


@settings(FEW, max_examples=20)
@given(KINDS, PARAMETERS, st.lists(st.integers(0, 700), min_size=1, max_size=20))
def test_weeks_add_up_and_are_those_of_their_customers(kind, parameters, came):
    def by_week(days, weeks=26):
        holdout = {"parameters": parameters, "first": -np.array(days)}
        return forecasting.expected_by_week(kind, holdout, weeks)

    total = by_week(came)
    assert all(number >= -1e-9 for number in total)
    assert total[-10:] == pytest.approx(by_week(came, 10))
    each = [by_week([day]) for day in came]
    assert total == pytest.approx(
        [sum(numbers) for numbers in zip(*each, strict=True)], abs=1e-9
    )

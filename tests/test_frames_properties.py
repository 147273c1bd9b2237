"""Properties of customer analytics on frames, for any transactions (hypothesis): the same
as the plain definitions, and what holds of them in any order and in any parts."""

import sys
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from odoo_shell import ROOT

sys.path.insert(0, str(ROOT / "crm_extended"))
from analytics.insight import cohorts as cohort_rules  # noqa: E402
from analytics.insight import flows as flow_rules  # noqa: E402
from analytics.insight import frames, lifecycle  # noqa: E402

# Frames take their time: few examples, the same ones each time.
FEW = settings(max_examples=12, derandomize=True, database=None, deadline=None)

START = date(2024, 1, 1)
TODAY = date(2024, 12, 10)
SPAN = (TODAY - START).days
DICE = st.randoms(use_true_random=False)
NAMES = {"purchase_id_col": "purchase_key", "posted_date_col": "posted_date"}
# Customer, purchase, day, how much later posted, and amount; someone buys on the first day.
FIRST = (1, 0, 0, 0, 50)
ROWS = st.lists(
    st.tuples(
        st.integers(1, 5),
        st.integers(1, 5),
        st.integers(0, SPAN + 10),
        st.sampled_from([0, 0, 0, 10, 60]),
        st.sampled_from([20, 35, 60, 0, -20, -35]),
    ),
    min_size=4,
    max_size=30,
).map(lambda rows: [FIRST, *rows])


def frame(rows):
    days = pd.to_datetime([START] * len(rows))
    customers, keys, numbers, late, amounts = zip(*rows, strict=True)
    days += pd.to_timedelta(numbers, unit="D")
    return pd.DataFrame(
        {
            "customer_id": customers,
            "date": days,
            "posted_date": days + pd.to_timedelta(late, unit="D"),
            "amount": np.array(amounts, dtype=float),
            "purchase_key": [
                f"{customer}/{key}"
                for customer, key in zip(customers, keys, strict=True)
            ],
        }
    )


def documents(rows, kind):
    """The same, as the definitions take them."""
    found = []
    for customer, key, number, late, amount in rows:
        day = START + timedelta(days=number)
        parts = [customer, f"{customer}/{key}", day]
        if kind is flow_rules.Document:
            parts.append(day + timedelta(days=late))
        found.append(kind(*parts, amount))
    return found


def split(rows, dice):
    """Each document above zero in two of the same purchase, in another order."""
    parts = []
    for *document, amount in rows:
        part = dice.randrange(1, amount) if amount > 0 else amount
        parts.append((*document, part))
        if amount > 0:
            parts.append((*document, amount - part))
    dice.shuffle(parts)
    return parts


@FEW
@given(ROWS, st.sampled_from([0, 1, 3, 12]), DICE)
def test_flows_are_as_defined_in_any_order_and_parts(rows, months, dice):
    expected = flow_rules.flows(documents(rows, flow_rules.Document), TODAY, months)
    options = {"as_of": TODAY, "window_months": months, **NAMES}
    found = frames.flows(frame(rows), **options)
    assert [tuple(row) for row in found.to_numpy()] == [row[1:] for row in expected]
    pd.testing.assert_frame_equal(
        frames.flows(frame(split(rows, dice)), **options), found
    )


@FEW
@given(ROWS, st.sampled_from(sorted(cohort_rules.MONTHS)), DICE)
def test_cohorts_are_as_defined_in_any_order_and_parts(rows, step, dice):
    there = [row for row in rows if row[2] + row[3] <= SPAN]
    expected = cohort_rules.cells(documents(there, cohort_rules.Document), TODAY, step)
    options = {"as_of": TODAY, "step": step, **NAMES}
    assume(expected)
    found = frames.cohorts(frame(rows), **options)
    cells = {
        (cohort.start_time.date(), age): tuple(row)
        for (cohort, age), row in zip(found.index, found.to_numpy(), strict=True)
    }
    assert cells == {place: tuple(cell) for place, cell in expected.items()}
    pd.testing.assert_frame_equal(
        frames.cohorts(frame(split(rows, dice)), **options), found
    )


@FEW
@given(ROWS, DICE)
def test_purchase_days_are_those_of_the_life_cycle(rows, dice):
    found = frames.purchase_days(frame(rows), observation_period_end=TODAY, **NAMES)
    there = [row for row in rows if row[2] + row[3] <= SPAN]
    totals, amounts, bought = {}, {}, {}
    for customer, key, _day, _late, amount in there:
        totals[customer, key] = totals.get((customer, key), 0) + amount
    for customer, key, day, _late, amount in there:
        place = customer, pd.Timestamp(START + timedelta(days=day))
        amounts[place] = amounts.get(place, 0) + amount
        is_bought = amount > 0 and totals[customer, key] > 0
        bought[place] = bought.get(place, False) or is_bought
    rows_found = {
        (row.customer_id, row.date): (row.amount, row.bought)
        for row in found.itertuples()
    }
    assert rows_found == {place: (amounts[place], bought[place]) for place in amounts}
    again = frames.purchase_days(
        frame(split(rows, dice)), observation_period_end=TODAY, **NAMES
    )
    pd.testing.assert_frame_equal(again, found)
    assume(any(bought.values()))
    summary = frames.summary_data_from_transaction_data(
        frame(rows),
        monetary_value_col="amount",
        observation_period_end=TODAY,
        net_refunds=True,
        **NAMES,
    )
    for customer, row in summary.iterrows():
        pattern = lifecycle.pattern(
            day.date()
            for (other, day), yes in bought.items()
            if yes and other == customer
        )
        assert (row.frequency, row.recency) == (
            pattern.days - 1,
            (pattern.last - pattern.first).days,
        )
        assert row["T"] == (TODAY - pattern.first).days


@FEW
@given(ROWS, st.integers(3, 10), st.sampled_from(["total", "average"]), DICE)
def test_scores_are_ranks_in_any_order_and_parts(rows, bins, measure, dice):
    options = {"as_of": TODAY, "window_months": 6, "bins": bins, "measure": measure}
    there = [row for row in rows if row[2] + row[3] <= SPAN]
    totals = {}
    for customer, key, _day, _late, amount in there:
        totals[customer, key] = totals.get((customer, key), 0) + amount
    assume(any(total > 0 for total in totals.values()))
    found = frames.rfm_scores(frame(rows), **options, **NAMES)
    again = frames.rfm_scores(frame(split(rows, dice)), **options, **NAMES)
    pd.testing.assert_frame_equal(again, found)
    for name in ("recency", "frequency", "monetary"):
        scores = found[f"{name}_score"]
        assert scores.between(1, bins).all()
        assert (scores[found.lost] == 1).all()
        # A better figure never has a lower score, equal figures have equal ones.
        there = found[~found.lost].sort_values(name, ascending=name != "recency")
        assert there[f"{name}_score"].is_monotonic_increasing
        assert (there.groupby(name)[f"{name}_score"].nunique() == 1).all()
    assert (found.lost == (found.frequency == 0)).all()


@FEW
@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40), st.integers(3, 10))
def test_cut_points_lie_between_least_and_greatest(values, bins):
    cuts = frames.scores.quantiles(np.array(values), bins)
    assert len(cuts) == bins - 1
    slack = 1e-9 * max(map(abs, values))
    assert min(values) - slack <= cuts[0]
    assert cuts[-1] <= max(values) + slack
    assert (np.diff(cuts) >= -slack).all()


@FEW
@given(ROWS, st.integers(30, SPAN - 1))
def test_calibration_and_holdout_share_the_days_of_a_customer(rows, known):
    sold = frame([row for row in rows if row[2] <= SPAN])
    end = pd.Timestamp(START + timedelta(days=known))
    assume((sold.date > end).any())
    found = frames.calibration_and_holdout_data(
        sold, calibration_period_end=end, observation_period_end=TODAY
    )
    days = sold.drop_duplicates(["customer_id", "date"]).groupby("customer_id").size()
    total = found.frequency_cal + 1 + found.frequency_holdout
    assert total.to_dict() == days.reindex(found.index).to_dict()
    assert (found.recency_cal <= found.T_cal).all()
    assert (found.duration_holdout == SPAN - known).all()


@FEW
@given(
    st.sampled_from(["BetaGeoFitter", "ModifiedBetaGeoFitter"]),
    st.tuples(
        st.floats(0.1, 5), st.floats(5, 200), st.floats(0.1, 3), st.floats(0.5, 5)
    ),
    st.lists(
        st.tuples(st.integers(0, 12), st.integers(0, 300), st.integers(0, 300)),
        min_size=1,
        max_size=10,
    ),
    st.integers(1, 300),
)
def test_predictions_grow_with_time_and_know_no_order(name, values, given_, time):
    rows = pd.DataFrame(given_, columns=["frequency", "recency", "T"])
    rows["recency"] = rows.recency.where(rows.frequency > 0, 0).clip(lower=0)
    rows["T"] += rows.recency
    rows["recency"] = rows.recency.where(
        rows.frequency == 0, rows.recency.clip(lower=1)
    )
    rows["T"] = rows[["T", "recency"]].max(axis=1)
    model = getattr(frames, name)()
    model.params_ = pd.Series(dict(zip(("r", "alpha", "a", "b"), values, strict=True)))

    def of(table, days):
        history = (table.frequency, table.recency, table["T"])
        return model.predict(days, *history)

    history = (rows.frequency, rows.recency, rows["T"])
    assert model.conditional_probability_alive(*history).between(0, 1).all()
    assert np.allclose(of(rows, 0), 0)
    assert (of(rows, time) >= 0).all()
    assert (of(rows, time + 30) >= of(rows, time) - 1e-9).all()
    pd.testing.assert_series_equal(of(rows[::-1], time), of(rows, time)[::-1])
    grown = model.expected_number_of_purchases_up_to_time([0, time, time + 30])
    assert pytest.approx(grown[0], abs=1e-9) == 0
    assert 0 <= grown[1] <= grown[2] + 1e-9


@FEW
@given(
    st.tuples(st.floats(0.5, 20), st.floats(1.5, 20), st.floats(0.5, 100)),
    st.lists(
        st.tuples(st.integers(0, 30), st.floats(0.01, 10_000)), min_size=1, max_size=20
    ),
)
def test_expected_spending_lies_between_own_and_common_mean(values, given_):
    p, q, v = values
    model = frames.GammaGammaFitter()
    model.params_ = pd.Series({"p": p, "q": q, "v": v})
    rows = pd.DataFrame(given_, columns=["frequency", "monetary_value"])
    rows["monetary_value"] = rows.monetary_value.where(rows.frequency > 0, 0.0)
    found = model.conditional_expected_average_profit(
        rows.frequency, rows.monetary_value
    )
    common = p * v / (q - 1)
    for amount, own, number in zip(
        found, rows.monetary_value, rows.frequency, strict=True
    ):
        low, high = sorted([common, own if number else common])
        assert low * (1 - 1e-9) <= amount <= high * (1 + 1e-9)


@settings(FEW, max_examples=2)
@given(st.integers(0, 1000), DICE)
def test_a_forecast_knows_no_order_and_counts_days(seed, dice):
    """A purchase of one day in two documents is one."""
    rng = np.random.default_rng(seed)
    rows = [
        (customer, number, int(day), 0, int(amount))
        for customer in range(60)
        for number, (day, amount) in enumerate(
            zip(
                np.cumsum(rng.exponential(rng.gamma(1, 60) + 5, rng.geometric(0.4))),
                rng.integers(20, 90, 40),
                strict=False,
            )
        )
        if day < SPAN
    ]
    options = {"as_of": TODAY, "check": False, **NAMES}
    found = frames.forecast(frame(rows), **options)
    again = frames.forecast(frame(split(rows, dice)), **options)
    assert again.kind == found.kind
    pd.testing.assert_frame_equal(again.customers, found.customers, rtol=1e-6)
    customers = found.customers
    assert customers.p_active.between(0, 1).all()
    assert (customers.expected_30 >= 0).all()
    assert (customers.expected_30 <= customers.expected_90).all()
    assert (customers.expected_90 <= customers.expected_365).all()
    assert (customers.next_date.dropna() > pd.Timestamp(START)).all()
    assert len(customers) == len({row[0] for row in rows})


@FEW
@given(
    st.floats(0, 0.05),
    st.lists(
        st.tuples(st.integers(1, 12), st.integers(1, 300), st.floats(1, 500)),
        min_size=1,
        max_size=8,
    ),
)
def test_a_lifetime_value_grows_with_time_and_falls_with_the_discount(rate, given_):
    rows = pd.DataFrame(given_, columns=["frequency", "recency", "monetary_value"])
    rows["T"] = rows.recency + 40
    model, spend = frames.BetaGeoFitter(), frames.GammaGammaFitter()
    model.params_ = pd.Series({"r": 0.24, "alpha": 30.0, "a": 0.79, "b": 2.43})
    spend.params_ = pd.Series({"p": 6.25, "q": 3.74, "v": 15.4})

    def of(months, discount):
        columns = (
            rows[name] for name in ("frequency", "recency", "T", "monetary_value")
        )
        return spend.customer_lifetime_value(
            model, *columns, time=months, discount_rate=discount
        )

    assert (of(6, rate) > 0).all()
    assert (of(12, rate) >= of(6, rate)).all()
    assert (of(12, rate + 0.01) <= of(12, rate)).all()
    # Without a discount it is what they are expected to buy.
    assert (of(12, rate) <= of(12, 0) * (1 + 1e-9)).all()

"""The satisfaction index and its drivers, for any answers, and against pandas and numpy.
Without Odoo, as analysts use them."""

import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from odoo_shell import ROOT

sys.path.insert(0, str(ROOT / "crm_extended"))
from analytics.insight import satisfaction  # noqa: E402

ANSWER = st.integers(1, 10)
ANSWERS = st.tuples(ANSWER, ANSWER, ANSWER)
WEIGHTS = st.lists(st.integers(0, 100), min_size=3, max_size=3).filter(any)
BLOCKS = ("quality", "value", "complaint", "loyalty")


def shares(weights):
    return [weight / sum(weights) for weight in weights]


@given(WEIGHTS)
def test_all_ten_is_100_and_all_one_is_0(weights):
    weights = shares(weights)
    assert satisfaction.index((10, 10, 10), weights) == pytest.approx(100)
    assert satisfaction.index((1, 1, 1), weights) == 0


@given(st.lists(ANSWERS, min_size=1, max_size=50), WEIGHTS)
def test_the_mean_of_indexes_is_the_index_of_means(people, weights):
    weights = shares(weights)
    each = [satisfaction.index(answers, weights) for answers in people]
    means = [float(np.mean(column)) for column in zip(*people, strict=True)]
    formula = 100 / 9 * sum(w * (x - 1) for w, x in zip(weights, means, strict=True))
    assert np.mean(each) == pytest.approx(satisfaction.index(means, weights))
    assert np.mean(each) == pytest.approx(formula)


@given(ANSWERS, WEIGHTS, st.integers(0, 2))
def test_a_better_answer_never_lowers_the_index(answers, weights, which):
    better = list(answers)
    better[which] = min(better[which] + 1, 10)
    weights = shares(weights)
    least = satisfaction.index(answers, weights) - 1e-9
    assert satisfaction.index(better, weights) >= least


def test_what_is_no_answer_and_no_weight():
    for answers in ((0, 5, 5), (11, 5, 5)):
        with pytest.raises(ValueError, match="Answers"):
            satisfaction.index(answers, (0.4, 0.3, 0.3))
    for weights in ((0, 0, 0), (1.5, -0.5, 0)):
        with pytest.raises(ValueError, match="Weights"):
            satisfaction.index((5, 5, 5), weights)
    assert satisfaction.weights_sum_to_one(satisfaction.DEFAULT_WEIGHTS)
    assert satisfaction.weights_sum_to_one((0.333, 0.333, 0.333))
    for weights in ((0.4, 0.4, 0.4), (1.5, -0.5, 0), (float("nan"), 0.5, 0.5)):
        assert not satisfaction.weights_sum_to_one(weights)


@given(st.lists(st.floats(0, 100), min_size=2, max_size=60))
def test_the_interval_of_the_index_is_that_of_its_standard_error(values):
    frame = pd.Series(values)
    low, high = satisfaction.mean_interval(
        len(values), sum(values), sum(value**2 for value in values)
    )
    half = satisfaction.t_quantile(len(values) - 1) * frame.sem()
    assert low == pytest.approx(max(frame.mean() - half, 0), abs=1e-4)
    assert high == pytest.approx(min(frame.mean() + half, 100), abs=1e-4)


def test_one_value_has_no_interval():
    assert satisfaction.mean_interval(1, 50, 2500) is None


@given(st.integers(0, 500), st.integers(0, 500), st.integers(0, 500))
def test_the_interval_of_the_nps_contains_it(promoters, passives, detractors):
    count = promoters + passives + detractors
    found = satisfaction.nps_interval(promoters, detractors, count)
    if not count:
        assert found is None
        return
    low, high = found
    assert -100 <= low < high <= 100
    assert low <= 100 * (promoters - detractors) / count <= high
    mirrored = satisfaction.nps_interval(detractors, promoters, count)
    assert mirrored == pytest.approx((-high, -low))


def test_the_interval_of_the_nps_as_published():
    # Bonett and Price (2012): 44 + 6 of 100 answers differ.
    low, high = satisfaction.nps_interval(44, 6, 100)
    p, q = 45 / 102, 7 / 102
    half = 1.959963985 * ((p + q - (p - q) ** 2) / 102) ** 0.5
    assert (low, high) == pytest.approx((100 * (p - q - half), 100 * (p - q + half)))
    with pytest.raises(ValueError, match="so many"):
        satisfaction.nps_interval(6, 6, 10)


@given(st.dictionaries(st.integers(), st.integers(0, 30), max_size=12))
def test_small_groups_are_hidden_and_cannot_be_computed(counts):
    shown = satisfaction.shown_groups(counts)
    assert all(counts[key] >= 5 for key in shown)
    rest = sum(counts.values()) - sum(counts[key] for key in shown)
    assert rest == 0 or rest >= 5 or not shown
    large = [key for key, count in counts.items() if count >= 5]
    if all(counts[key] in (0, *map(counts.get, large)) for key in counts):
        assert shown == set(large)


def people(count, seed=1):
    dice = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "quality": dice.integers(1, 11, count),
            "value": dice.integers(1, 11, count),
            "complaint": dice.integers(0, 2, count),
            "loyalty": dice.integers(1, 11, count),
        }
    )
    noise = dice.normal(0, 5, count)
    frame["index"] = 40 + 4 * frame.quality + 1 * frame.value - 9 * frame.complaint
    frame["index"] += noise
    return frame


def found(frame):
    blocks = {
        name: [None if pd.isna(value) else value for value in frame[name]]
        for name in BLOCKS
    }
    return satisfaction.drivers(list(frame["index"]), blocks)


@given(st.integers(30, 200), st.integers(0, 1000))
def test_drivers_are_those_of_numpy(count, seed):
    frame = people(count, seed)
    names = list(BLOCKS)
    # Slopes of the raw figures, times the ratio of standard deviations.
    design = np.column_stack([np.ones(count), frame[names].to_numpy(dtype=float)])
    slopes = np.linalg.solve(design.T @ design, design.T @ frame["index"])[1:]
    expected = slopes * frame[names].std() / frame["index"].std()
    result = found(frame)
    assert result.count == count
    assert result.reason is None
    assert not result.left_out
    assert pd.Series(result.weights)[names].to_numpy() == pytest.approx(
        expected.to_numpy(), abs=1e-8
    )
    rest = frame["index"] - design @ np.linalg.solve(
        design.T @ design, design.T @ frame["index"]
    )
    share = 1 - (rest**2).sum() / ((frame["index"] - frame["index"].mean()) ** 2).sum()
    assert result.r_squared == pytest.approx(share)


def test_incomplete_answers_do_not_count():
    frame = people(60)
    frame["quality"] = frame["quality"].astype(float)
    frame.loc[:9, "quality"] = None
    result = found(frame)
    assert result.count == 50
    assert result.weights == pytest.approx(found(frame[10:]).weights)


def test_a_question_that_hardly_anyone_answered_is_left_out():
    frame = people(60)
    frame["loyalty"] = frame["loyalty"].astype(float)
    frame.loc[20:, "loyalty"] = None
    result = found(frame)
    assert (result.count, result.left_out) == (60, ["loyalty"])
    assert set(result.weights) == {"quality", "value", "complaint"}


def test_too_few_answers():
    result = found(people(29))
    assert (result.weights, result.reason) == ({}, "few")
    assert satisfaction.drivers([], {name: [] for name in BLOCKS}).reason == "few"


def test_nothing_to_tell_apart():
    frame = people(60)
    frame["value"] = frame["quality"]
    assert found(frame).reason == "singular"
    frame = people(60)
    frame["value"] = 7
    result = found(frame)
    assert (result.reason, result.left_out) == (None, ["value"])
    frame["index"] = 50.0
    assert found(frame).reason == "equal"

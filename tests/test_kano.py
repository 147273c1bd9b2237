"""What holds for the classes of Kano whatever the answers (hypothesis)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_properties import arithmetic

kano = arithmetic("insight/kano")

COUNTS = st.dictionaries(st.sampled_from(kano.CLASSES), st.integers(0, 10**6))


@given(COUNTS)
def test_shares_are_shares_and_the_class_is_the_most_frequent(counts):
    found = kano.classify(counts)
    assert list(found) == ["class", "better", "worse", "separated"]
    total = sum(counts.values())
    if not total:
        assert found["class"] is None
    else:
        assert counts[found["class"]] == max(counts.values())
    if found["better"] is None:
        assert found["worse"] is None
        assert not any(counts.get(letter) for letter in kano.CLEAR)
    else:
        assert 0 <= found["better"] <= 1
        assert -1 <= found["worse"] <= 0
        assert str(found["worse"]) != "-0.0"


@given(COUNTS, st.randoms(use_true_random=False))
def test_neither_order_nor_zeros_change_anything(counts, dice):
    letters = dice.sample(sorted(counts), len(counts))
    mixed = {letter: counts[letter] for letter in letters}
    full = dict.fromkeys(kano.CLASSES, 0) | counts
    assert kano.classify(mixed) == kano.classify(counts) == kano.classify(full)


@given(COUNTS)
def test_a_hundred_times_the_answers_keep_the_class_and_are_no_less_sure(counts):
    found = kano.classify(counts)
    many = kano.classify({letter: 100 * count for letter, count in counts.items()})
    assert many["class"] == found["class"]
    assert many["better"] == pytest.approx(found["better"])
    assert many["worse"] == pytest.approx(found["worse"])
    assert many["separated"] >= found["separated"]


@given(COUNTS)
def test_who_runs_up_is_not_the_class_and_no_more_frequent(counts):
    found = kano.classify(counts)
    runners_up = kano.runners_up(counts)
    assert found["class"] not in runners_up
    if found["separated"] or not sum(counts.values()):
        assert runners_up == []
    for letter in runners_up:
        assert 0 < counts[letter] <= counts[found["class"]]


@given(
    st.dictionaries(
        st.sampled_from([*kano.CLASSES, "X", None]),
        st.one_of(st.integers(), st.floats(), st.booleans(), st.none(), st.text()),
    )
)
def test_what_is_no_count_is_refused_in_a_sentence(counts):
    try:
        found = kano.classify(counts)
    except ValueError as error:
        assert str(error).endswith(".")
    else:
        assert set(counts) <= set(kano.CLASSES)
        assert all(type(count) is int and count >= 0 for count in counts.values())
        assert found["class"] in (None, *kano.CLASSES)

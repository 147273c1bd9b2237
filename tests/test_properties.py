"""Properties of the arithmetic behind analyses, for any figures (hypothesis)."""

import importlib
import importlib.util
import sys
from datetime import date, timedelta
from fractions import Fraction
from statistics import median

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from odoo_shell import ROOT


def arithmetic(name):
    """A module of ``analytics``, which needs no Odoo."""
    path = ROOT / "crm_extended" / "analytics" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


replenishment = arithmetic("insight/replenishment")
whale = arithmetic("insight/whale")

# The same figures each time, and nothing kept between runs.
settings.register_profile("house", derandomize=True, database=None, deadline=None)
settings.load_profile("house")

# Amounts of money, in cents: what a margin can be.
CENTS = st.integers(-(10**9), 10**9)
PROFITS = st.lists(CENTS, max_size=120)
SALES = st.tuples(CENTS, CENTS)
SPLITS = st.lists(st.integers(0, 10**6), max_size=6)


def money(cents):
    return [amount / 100 for amount in cents]


def shares(points):
    return [point.share for point in points]


@given(PROFITS, st.randoms(use_true_random=False))
def test_the_order_of_customers_changes_no_curve(cents, dice):
    mixed = dice.sample(cents, len(cents))
    assert whale.curve(money(mixed)) == whale.curve(money(cents))
    assert whale.peak(money(mixed)) == whale.peak(money(cents))


@given(PROFITS, st.integers(1, 200))
def test_a_curve_goes_from_nothing_to_the_whole(cents, points):
    curve = whale.curve(money(cents), points)
    if sum(cents) <= 0:
        assert curve == []
        return
    assert curve[0] == (0, 0)
    assert curve[-1] == (len(cents), 1)
    numbers = [point.customers for point in curve]
    assert numbers == sorted(set(numbers))
    assert len(curve) <= points + 2


@given(PROFITS)
def test_a_point_is_the_exact_sum_of_the_best(cents):
    total = sum(cents)
    ranked = sorted(cents, reverse=True)
    for number, share in whale.curve(money(cents)):
        exact = float(Fraction(sum(ranked[:number]), total))
        assert share == pytest.approx(exact, rel=1e-9, abs=1e-9)


@given(PROFITS)
def test_a_curve_climbs_to_its_peak_and_comes_down(cents):
    curve, peak = whale.curve(money(cents)), whale.peak(money(cents))
    if not curve:
        assert peak is None
        return
    slack = 1e-9 * peak.share
    assert peak.share >= 1 - slack
    assert max(shares(curve)) == pytest.approx(peak.share)
    for before, after in zip(curve, curve[1:], strict=False):
        if after.customers <= peak.customers:
            assert after.share >= before.share - slack
        elif before.customers >= peak.customers:
            assert after.share <= before.share + slack


@given(PROFITS, st.integers(1, 1000))
def test_shares_do_not_depend_on_the_currency(cents, rate):
    other = [amount * rate for amount in cents]
    assert shares(whale.curve(money(other))) == pytest.approx(
        shares(whale.curve(money(cents))), rel=1e-9, abs=1e-9
    )


@given(PROFITS, st.integers(0, 20))
def test_customers_who_earn_nothing_change_no_peak(cents, number):
    assert whale.peak(money(cents + [0] * number)) == whale.peak(money(cents))


@given(CENTS, CENTS)
@example(35, 7)
@example(35, 8)
@example(-35, 7)
def test_exactly_a_fifth_without_cost_is_known(revenue, uncosted):
    exact = 5 * abs(uncosted) <= abs(revenue)
    assert whale.is_known(revenue / 100, uncosted / 100) == exact


@given(st.integers(1, 10**8), st.integers(1, 99))
def test_any_limit_is_known_exactly(cents, percent):
    revenue, limit = cents * 100, percent / 100
    assert whale.is_known(revenue / 100, cents * percent / 100, limit)
    assert not whale.is_known(revenue / 100, (cents * percent + 1) / 100, limit)


@given(CENTS)
def test_an_exact_amount_is_what_was_entered(cents):
    assert whale.exact(cents / 100) * 100 == cents


@given(st.lists(SALES, max_size=20), SPLITS, st.randoms(use_true_random=False))
def test_splitting_a_line_changes_neither_state_nor_reason(lines, parts, dice):
    """Lines are (revenue, margin); the first is split, and all are mixed."""
    split = [*lines, *((part, -part) for part in parts)]
    split.append((-sum(parts), sum(parts)))
    dice.shuffle(split)
    whole, pieces = (
        [sum(line[column] for line in each) / 100 for column in (0, 1)]
        for each in (lines, split)
    )
    assert whole == pieces
    assert whale.is_known(*whole) == whale.is_known(*pieces)
    assert whale.loss_reason(whole[0], whole[1], 0) == whale.loss_reason(
        pieces[0], pieces[1], 0
    )


@given(CENTS, CENTS, st.integers(0, 10**9))
@example(30, -10, 20)
def test_there_is_a_reason_for_each_loss_and_for_nothing_else(sales, back, service):
    reason = whale.loss_reason(*money((sales, back, service)))
    assert (reason is not None) == (sales + back - service < 0)
    if reason == "price":
        assert sales < 0
    elif reason == "returns":
        assert sales >= 0 > sales + back
    elif reason == "service":
        assert sales >= 0
        assert service > sales + back >= 0


DAY = date(2026, 1, 1)
# Days, pieces and cents of lines.
LINES = st.lists(
    st.tuples(st.integers(0, 400), st.integers(-5, 20), st.integers(-1000, 5000)),
    max_size=40,
)


def habit(lines):
    return replenishment.habit(
        replenishment.Line(DAY + timedelta(days=day), quantity, cents)
        for day, quantity, cents in lines
    )


@given(LINES)
def test_an_interval_is_the_median_gap_of_days_with_revenue(lines):
    revenue = {}
    for day, _quantity, cents in lines:
        revenue[day] = revenue.get(day, 0) + cents
    days = sorted(day for day, cents in revenue.items() if cents > 0)
    found = habit(lines)
    if not days:
        assert found is None
        return
    assert found.purchase_days == len(days)
    assert (found.last_date - found.first_date).days == days[-1] - days[0]
    if len(days) < 3:
        assert found.interval_days is found.due_date is found.due_until is None
        return
    gaps = [later - day for day, later in zip(days, days[1:], strict=False)]
    assert found.interval_days == median(gaps)
    assert min(gaps) <= (found.due_date - found.last_date).days <= max(gaps)
    assert found.due_until - found.due_date == found.due_date - found.last_date


@given(LINES, st.randoms(use_true_random=False))
def test_splitting_and_mixing_lines_changes_no_habit(lines, dice):
    parts = []
    for day, quantity, cents in lines:
        part = dice.randrange(-3, 4)
        parts += [(day, quantity - part, cents + part), (day, part, -part)]
    dice.shuffle(parts)
    assert habit(parts) == habit(lines)


@given(LINES, st.integers(0, 900), st.integers(0, 120), st.integers(0, 120))
def test_expected_quantities_add_up(lines, after, days, more):
    found = habit(lines)
    if not found:
        return
    today = DAY + timedelta(days=after)
    expected = replenishment.expected_quantity(found, today, days)
    # One purchase after the other, as they are due.
    total, due = 0, found.due_date and max(found.due_date, today)
    if due and found.due_until >= today:
        passed = (due - today).days
        while passed <= days:
            total += found.usual_quantity
            passed += found.interval_days
    assert expected == total
    assert replenishment.expected_quantity(found, today, days + more) >= expected


# It uses another module of its package.
sys.path.insert(0, str(ROOT / "crm_extended"))
pairs = importlib.import_module("analytics.insight.pairs")

BASKETS = st.lists(
    st.dictionaries(st.integers(1, 6), st.integers(-1, 3), max_size=6), max_size=12
)


@given(st.integers(0, 10**7), st.integers(1, 50), st.integers(0, 10**5))
def test_a_product_on_the_limit_is_in_enough_baskets(total, least, thousandths):
    limit = pairs.least_baskets(total, least, thousandths / 1000)
    assert limit >= least
    share = Fraction(thousandths, 100_000) * total
    assert limit >= share
    assert limit == least or limit - 1 < share


@given(BASKETS, st.integers(1, 3), st.integers(1, 3))
def test_pairs_are_those_that_a_look_at_each_basket_finds(baskets, least, together):
    found = pairs.count(baskets, least, 0, together)
    bought = [{key for key, number in each.items() if number > 0} for each in baskets]
    for first in range(1, 7):
        for second in range(first + 1, 7):
            one, other = (sum(each in b for b in bought) for each in (first, second))
            both = sum({first, second} <= basket for basket in bought)
            counts = min(one, other) >= least and both >= together
            assert found.pairs.get((first, second)) == (both if counts else None)
    for (first, second), both in found.pairs.items():
        figures = pairs.measures(
            found.counts[first], found.counts[second], both, found.total
        )
        assert 0 < figures.support <= 1
        assert 0 < figures.cosine <= 1 + 1e-12
        assert figures.lower_bound <= max(figures.confidence_ab, figures.confidence_ba)


@given(BASKETS, st.integers(1, 3), st.integers(1, 3))
def test_a_pair_says_the_same_from_either_side(baskets, least, together):
    found = pairs.count(baskets, least, 0, together)
    # The same products, in the opposite order.
    mirrored = pairs.count(
        [{-product: number for product, number in each.items()} for each in baskets],
        least,
        0,
        together,
    )
    assert mirrored.pairs == {
        (-second, -first): both for (first, second), both in found.pairs.items()
    }
    for (first, second), both in found.pairs.items():
        one, other = found.counts[first], found.counts[second]
        there = pairs.measures(one, other, both, found.total)
        back = pairs.measures(other, one, both, found.total)
        assert back == there._replace(
            confidence_ab=there.confidence_ba, confidence_ba=there.confidence_ab
        )


@given(BASKETS, st.integers(1, 3), st.integers(0, 40_000), st.randoms())
def test_the_order_of_baskets_changes_no_pair(baskets, least, thousandths, dice):
    mixed = [
        dict(dice.sample(list(each.items()), len(each)))
        for each in dice.sample(baskets, len(baskets))
    ]
    percent = thousandths / 1000
    assert pairs.count(mixed, least, percent, 1) == pairs.count(
        baskets, least, percent, 1
    )


# Baskets, products and quantities of lines.
LINES = st.lists(
    st.tuples(st.integers(1, 4), st.integers(1, 5), st.integers(-3, 9)), max_size=20
)


@given(LINES, st.lists(st.integers(-5, 5), max_size=20), st.randoms())
def test_splitting_a_line_of_an_order_changes_no_pair(lines, parts, dice):
    split = [
        line
        for number, (basket, product, quantity) in enumerate(lines)
        for part in (parts[number : number + 1] or [0])
        for line in ((basket, product, part), (basket, product, quantity - part))
    ]
    dice.shuffle(split)
    whole = pairs.net_baskets(lines)
    assert pairs.count(pairs.net_baskets(split), 1, 0, 1) == pairs.count(whole, 1, 0, 1)
    # Nothing is lost on the way.
    total = sum(number for basket in whole for number in basket.values())
    assert total == sum(quantity for _basket, _product, quantity in lines)

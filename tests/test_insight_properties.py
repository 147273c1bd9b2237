"""Properties that analyses of customers have by their definition, for any purchases and
figures (hypothesis): cohorts, flow, life cycle, campaigns, profiles, the trap."""

import sys
from collections import Counter
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from odoo_shell import ROOT

sys.path.insert(0, str(ROOT / "crm_extended"))
from analytics.insight import (  # noqa: E402
    campaign,
    cohorts,
    flows,
    lifecycle,
    profile,
    trap,
)

# The same figures each time, and nothing kept between runs.
FEW = settings(max_examples=40, derandomize=True, database=None, deadline=None)
MANY = settings(FEW, max_examples=100)

START = date(2024, 1, 1)
TODAY = date(2025, 5, 20)
SPAN = (TODAY - START).days
DICE = st.randoms(use_true_random=False)
STEPS = st.sampled_from(sorted(cohorts.MONTHS))
# Customer, purchase, day, how much later posted, and amount.
DOCUMENTS = st.lists(
    st.tuples(
        st.integers(1, 4),
        st.integers(1, 6),
        st.integers(0, SPAN + 30),
        st.sampled_from([0, 0, 0, 10, 90]),
        st.sampled_from([20, 35, 60, 0, -20, -35, -60]),
    ),
    min_size=1,
    max_size=25,
)
# For the lookback period.
MONTHS = st.sampled_from([0, 1, 2, 3, 6, 12])


def split(rows, dice):
    """The same documents, each in two parts, in another order."""
    parts = []
    for *document, amount in rows:
        if amount > 1:
            part = dice.randrange(1, amount)
            parts += [(*document, part), (*document, amount - part)]
        else:
            parts.append((*document, amount))
    dice.shuffle(parts)
    return parts


def day_of(number):
    return START + timedelta(days=number)


# -- Cohorts


def bought(rows):
    return [
        cohorts.Document(customer, (customer, key), day_of(day), amount)
        for customer, key, day, _late, amount in rows
    ]


def table_of(rows, step):
    return cohorts.cells(bought(rows), TODAY, step)


def sizes_of(table):
    return {cohort: cell.customers for (cohort, age), cell in table.items() if not age}


@FEW
@given(DOCUMENTS, STEPS, DICE)
def test_order_and_parts_of_documents_change_no_cohort(rows, step, dice):
    assert table_of(split(rows, dice), step) == table_of(rows, step)


@MANY
@given(DOCUMENTS, STEPS)
def test_each_customer_is_in_one_cohort_and_each_purchase_in_one_cell(rows, step):
    totals, first = Counter(), {}
    for customer, key, day, _late, amount in rows:
        if day <= SPAN:
            totals[customer, key] += amount
    for customer, key, day, _late, amount in rows:
        if day <= SPAN and amount > 0 and totals[customer, key] > 0:
            period = cohorts.period_of(day_of(day), step)
            first[customer] = min(first.get(customer, period), period)
    table = table_of(rows, step)
    sizes = sizes_of(table)
    assert sizes == Counter(first.values())
    assert sum(cell.orders for cell in table.values()) == sum(
        total > 0
        and any(
            amount > 0 and day <= SPAN
            for *place, day, _late, amount in rows
            if tuple(place) == purchase
        )
        for purchase, total in totals.items()
    )
    assert sum(cell.revenue for cell in table.values()) == sum(
        amount
        for customer, _key, day, _late, amount in rows
        if customer in first
        and day <= SPAN
        and cohorts.period_of(day_of(day), step) >= first[customer]
    )
    for (cohort, age), cell in table.items():
        assert age >= 0
        assert cell.customers <= cell.orders
        assert 0 <= cell.customers / sizes[cohort] <= 1


@FEW
@given(DOCUMENTS)
def test_quarters_have_the_customers_of_their_months(rows):
    quarters = Counter()
    for month, size in sizes_of(table_of(rows, "month")).items():
        quarters[cohorts.period_of(month, "quarter")] += size
    assert sizes_of(table_of(rows, "quarter")) == quarters


@FEW
@given(DOCUMENTS, STEPS)
def test_an_average_lies_between_its_cohorts(rows, step):
    table = table_of(rows, step)
    sizes = sizes_of(table)
    customers = {place: cell.customers for place, cell in table.items()}
    averages = cohorts.averages(customers, sizes, TODAY, step)
    current = cohorts.period_of(TODAY, step)
    for age, average in enumerate(averages):
        shares = [
            customers.get((cohort, age), 0) / size
            for cohort, size in sizes.items()
            if cohorts.later(cohort, age, step) < current
        ]
        assert min(shares) - 1e-12 <= average <= max(shares) + 1e-12
        assert 0 <= average <= 1
    assert not averages or averages[0] == 1


@MANY
@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(0, 500), STEPS)
def test_ages_and_periods_are_each_others_reverse(day, age, step):
    period = cohorts.period_of(day, step)
    after = cohorts.later(period, age, step)
    assert period <= day < cohorts.later(period, 1, step)
    assert cohorts.period_of(after, step) == after
    assert cohorts.age_of(period, after, step) == age


# -- Flow


def posted(rows):
    return [
        flows.Document(
            customer, (customer, key), day_of(day), day_of(day + late), amount
        )
        for customer, key, day, late, amount in rows
    ]


def closes(flow):
    stayed = flow.gained + flow.kept + flow.won_back - flow.gained_and_lost
    assert stayed == flow.after
    assert 0 <= flow.kept <= min(flow.before, flow.after)


@FEW
@given(DOCUMENTS, MONTHS, DICE)
def test_order_and_parts_of_documents_change_no_flow(rows, months, dice):
    found = flows.flows(posted(rows), TODAY, months)
    assert flows.flows(posted(split(rows, dice)), TODAY, months) == found


@FEW
@given(DOCUMENTS, MONTHS)
def test_months_close_and_follow_one_another(rows, months):
    found = flows.flows(posted(rows), TODAY, months)
    for flow in found:
        closes(flow)
        assert flow.before == flow.kept + flow.lost
    for flow, following in pairwise(found):
        assert flow.after == following.before + following.taken_back
    if not months:
        assert sum(flow.lost + flow.won_back for flow in found) == 0


PERIOD = st.tuples(st.integers(0, SPAN), st.integers(0, SPAN)).map(sorted)


@FEW
@given(DOCUMENTS, MONTHS, PERIOD, DICE)
def test_several_months_close_and_are_the_sum_of_their_customers(
    rows, months, period, dice
):
    first, last = map(day_of, period)

    def flow_of(part):
        return flows.flow_of_period(posted(part), first, last, TODAY, months)

    total = flow_of(rows)
    closes(total)
    assert flow_of(split(rows, dice)) == total
    each = [
        flow_of([row for row in rows if row[0] == number]) for number in range(1, 5)
    ]
    for flow in each:
        closes(flow)
    assert total[1:] == tuple(map(sum, zip(*(flow[1:] for flow in each), strict=True)))
    # A month is a period, and periods follow one another.
    month = flows.flow_of_period(posted(rows), last, last, TODAY, months)
    assert total.after == month.after
    single = {flow.month: flow for flow in flows.flows(posted(rows), TODAY, months)}
    assert single.get(month.month, month) == month
    inside = [flow for start, flow in single.items() if total.month <= start <= last]
    for name in ("gained", "lost", "won_back", "taken_back"):
        assert getattr(total, name) == sum(getattr(flow, name) for flow in inside)
    after_first = sum(flow.taken_back for flow in inside if flow.month > total.month)
    left = total.kept + total.lost - total.gained_and_lost + after_first
    assert left == total.before


# -- Life cycle

PURCHASES = st.lists(
    st.tuples(st.integers(0, SPAN), st.integers(1, 5000)), min_size=1, max_size=15
)
PERIODS = st.integers(30, 200)


def standing(purchases, period):
    """The arguments of the rule: what was bought, and revenue of the two periods."""
    ages = [(SPAN - day, cents) for day, cents in purchases]
    return (
        lifecycle.pattern(day_of(day) for day, _cents in purchases),
        sum(cents for age, cents in ages if age < period),
        sum(cents for age, cents in ages if period <= age < 2 * period),
        TODAY,
        period,
    )


@MANY
@given(PURCHASES, PERIODS, DICE)
def test_every_customer_is_in_one_stage_however_purchases_are_told(
    purchases, period, dice
):
    found = standing(purchases, period)
    stage = lifecycle.stage(*found)
    assert lifecycle.STAGES.count(stage) == 1
    assert lifecycle.STAGE_OF[lifecycle.reason(*found)] == stage
    mixed = split([(day, cents) for day, cents in purchases], dice)
    assert standing(mixed, period) == found
    # Nor does the currency matter.
    bought, now, before, *rest = found
    assert lifecycle.reason(bought, now * 160, before * 160, *rest) == (
        lifecycle.reason(*found)
    )


@MANY
@given(PURCHASES, PERIODS, st.integers(0, 199), st.integers(0, 9000), st.integers(1, 9))
def test_a_larger_amount_moves_nobody_to_decline(purchases, period, age, cents, times):
    """Of an existing purchase of the last days, by the rule without the wait."""
    day = SPAN - age % period
    before = lifecycle.stage(*standing([*purchases, (day, cents)], period))
    after = lifecycle.stage(*standing([*purchases, (day, cents * times)], period))
    assert after != lifecycle.DECLINE or before == lifecycle.DECLINE


@FEW
@given(st.lists(st.integers(0, SPAN), min_size=1, max_size=30), DICE)
def test_days_make_a_pattern_in_any_order(numbers, dice):
    found = lifecycle.pattern(map(day_of, numbers))
    mixed = dice.sample([*numbers, numbers[0]], len(numbers) + 1)
    assert lifecycle.pattern(map(day_of, mixed)) == found
    days = sorted(set(numbers))
    gaps = [later - day for day, later in pairwise(days)]
    assert found.days == len(days)
    assert 1 <= found.months <= found.days
    assert 1 <= found.run <= found.days
    if not gaps:
        assert found.doubled_median is found.variation is None
        return
    assert 2 * min(gaps) <= found.doubled_median <= 2 * max(gaps)
    assert (found.variation is None) == (len(gaps) < 2)
    if found.variation is not None:
        assert found.variation >= 0
        # In weeks it is as regular.
        weeks = lifecycle.variation([7 * gap for gap in gaps])
        assert weeks == pytest.approx(found.variation)
    if not any(lifecycle.is_unusual(gap, found.doubled_median) for gap in gaps):
        assert found.run == found.days


@FEW
@given(st.lists(st.sampled_from(lifecycle.STAGES), min_size=1, max_size=12))
def test_a_stage_follows_the_rule_of_two_days(ruled):
    course = None
    for number, stage in enumerate(ruled):
        before, course = course, lifecycle.follow(course, stage, day_of(number))
        # However often a day is computed.
        assert lifecycle.follow(course, stage, day_of(number)) == course
        if before is None or stage in (before.stage, ruled[number - 1]):
            assert course == lifecycle.Course(stage)
        else:
            assert course == lifecycle.Course(before.stage, stage, day_of(number))


# -- Campaigns

GROUPS = st.lists(
    st.tuples(st.integers(1, 6), st.integers(0, 12), st.integers(0, 12)).map(
        lambda group: (group[0], group[1] + group[2], group[1])
    ),
    max_size=8,
)


@MANY
@given(GROUPS, DICE)
def test_a_score_foretells_what_pairs_of_customers_say(groups, dice):
    found = campaign.foretelling(groups)
    yes = [score for score, _reached, number in groups for _each in range(number)]
    no = [
        score for score, reached, number in groups for _each in range(reached - number)
    ]
    if not yes or not no:
        assert found is None
        return
    won = sum((one > other) + (one == other) / 2 for one in yes for other in no)
    assert found.auc == pytest.approx(won / (len(yes) * len(no)))
    assert 0 <= found.low <= found.auc <= found.high <= 1
    assert 0 <= found.strength <= 1
    # In any order, on any scale, and told apart or together.
    single = [(5 * score - 7, 1, 1) for score in yes]
    single += [(5 * score - 7, 1, 0) for score in no]
    for other in (dice.sample(groups, len(groups)), single):
        assert campaign.foretelling(other).auc == pytest.approx(found.auc)
    # Reversed, it foretells as much.
    turned = campaign.foretelling([(-score, *rest) for score, *rest in groups])
    assert turned.auc == pytest.approx(1 - found.auc)
    assert turned.strength == pytest.approx(found.strength)


@FEW
@given(st.integers(0, 300), st.integers(0, 300))
def test_a_rate_lies_in_its_interval(responded, others):
    found = campaign.rate(responded, responded + others)
    if responded + others < campaign.LEAST_CUSTOMERS:
        assert found is None
        return
    assert 0 <= found.low <= found.share <= found.high <= 1
    rest = campaign.rate(others, responded + others)
    assert found.share + rest.share == pytest.approx(1)
    assert found.low + rest.high == pytest.approx(1)


@FEW
@given(st.dictionaries(st.sampled_from("abcd"), GROUPS), DICE)
def test_the_best_score_is_the_strongest_in_any_order(groups, dice):
    scores = {name: campaign.foretelling(each) for name, each in groups.items()}
    name, apart = campaign.best_score(scores)
    mixed = dict(dice.sample(list(scores.items()), len(scores)))
    other, is_apart = campaign.best_score(mixed)
    assert is_apart == apart
    # One of several that are equally strong.
    assert other == name or scores[other].strength == scores[name].strength
    clear = {each: one for each, one in scores.items() if one and one.is_clear}
    assert (name is None) == (not clear)
    if clear:
        best = max(one.strength for one in clear.values())
        assert clear[name].strength == best
    if apart:
        assert all(
            one.strength < scores[name].strength
            for each, one in clear.items()
            if each != name
        )


# -- Profiles


@MANY
@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=8))
def test_lifts_of_all_values_balance(values):
    """Values: the best customers who have it, and the others."""
    best = sum(value for value, _others in values)
    total = best + sum(others for _value, others in values)
    shares_best = shares_all = balance = 0
    for value, others in values:
        found = profile.lift(value, value + others, best, total)
        if value + others < profile.LEAST_CUSTOMERS or not best:
            assert found is None
            return
        assert 0 <= found.share_best <= 1
        assert 0 < found.share_all <= 1
        assert 0 <= found.low <= found.lift + 1e-12
        assert found.lift <= found.high + 1e-12
        # The two ways to say it are the same.
        among = value / (value + others) / (best / total)
        assert found.lift == pytest.approx(among)
        assert (found.lift > 1) == (value * total > best * (value + others))
        shares_best += found.share_best
        shares_all += found.share_all
        balance += found.lift * found.share_all
    if values:
        assert (shares_best, shares_all, balance) == pytest.approx((1, 1, 1))


# -- The trap

RATINGS = st.none() | st.integers(1, 5)
NPS = st.none() | st.integers(0, 10)
RATIOS = st.none() | st.floats(0, 2)
ANSWERS = st.tuples(RATINGS, NPS, RATIOS)


@MANY
@given(ANSWERS, ANSWERS)
def test_better_answers_leave_a_customer_satisfied(some, others):
    best = [
        max((value for value in pair if value is not None), default=None)
        for pair in zip(some, others, strict=True)
    ]
    either = trap.is_satisfied(*some) or trap.is_satisfied(*others)
    assert trap.is_satisfied(*best) == either
    assert not trap.is_satisfied(None, None, None)


@MANY
@given(
    st.integers(0, 2000),
    st.integers(0, 500),
    st.none() | st.floats(0.5, 400),
    st.none() | st.floats(0, 1),
    st.floats(0, 1),
)
def test_who_waits_longer_is_not_back(days, more, interval, active, less):
    if trap.is_away(days, interval, active):
        assert trap.is_away(days + more, interval, active)
        assert active is None or trap.is_away(days, interval, active * less)
    else:
        assert trap.is_away(days, None, active) is False
        assert interval is None or days <= 2 * interval

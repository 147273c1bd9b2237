"""The best time to contact a customer: examples, and what holds for any contacts. Without
Odoo, as analysts use it."""

import random
import sys
from collections import Counter
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from odoo_shell import ROOT

sys.path.insert(0, str(ROOT / "crm_extended"))
from analytics.common.clock import wall_clock  # noqa: E402
from analytics.consent.schedule import is_quiet  # noqa: E402
from analytics.insight import best_time  # noqa: E402
from analytics.insight.best_time import ALWAYS, WIDTH, best_window  # noqa: E402

MONDAY, TUESDAY, SUNDAY = 0, 1, 6
OFFICE = [(day, hour) for day in range(5) for hour in range(9, 17)]
# Everyone is called in office hours, and best reached on Thursdays at 15.
CALLS = {cell: (4, 10) for cell in OFFICE} | {(3, 15): (9, 10), (3, 16): (9, 10)}
WRITTEN = {cell: (5, 5) for cell in OFFICE} | {(3, 15): (20, 20)}

cells = st.tuples(st.integers(0, 6), st.integers(0, 23))
events = st.lists(st.tuples(cells, st.booleans()), max_size=60)


def count(contacts, has_failures=True):
    """Cells out of single contacts."""
    hits, tries = Counter(), Counter()
    for cell, hit in contacts:
        if hit or has_failures:
            tries[cell] += 1
            hits[cell] += hit
    return {cell: (hits[cell], tries[cell]) for cell in tries}


def place(window):
    return (window.weekday, window.hour) if window else None


def test_answers_at_one_hour_win():
    own = {(TUESDAY, 10): (7, 8), (TUESDAY, 9): (0, 4), (3, 15): (1, 8)}
    window = best_window(own, CALLS, True)
    assert place(window) == (TUESDAY, 10)
    assert (window.hits, window.tries) == (7, 8)
    assert (window.other_hits, window.other_tries) == (1, 12)
    assert window.is_own


def test_few_contacts_say_nothing_of_their_own():
    own = {(TUESDAY, 10): (4, 4)}
    window = best_window(own, CALLS, True)
    assert place(window) == place(best_window({}, CALLS, True)) == (3, 15)
    assert not window.is_own and not window.is_clear
    # What there is of it is given all the same.
    assert (window.hits, window.tries, window.other_tries) == (0, 0, 4)


def test_calls_that_were_not_answered_lead_elsewhere():
    own = {(3, hour): (0, 10) for hour in (14, 15, 16)}
    window = best_window(own, CALLS | {(3, 15): (6, 10), (3, 16): (6, 10)}, True)
    assert window.weekday != 3 and (window.weekday, window.hour) in OFFICE
    assert not window.is_clear


def test_who_seldom_answers_is_not_called_at_night():
    own = {cell: (0, 2) for cell in OFFICE}
    assert place(best_window(own, CALLS, True)) in OFFICE


def test_what_customers_do_on_their_own():
    own = {(SUNDAY, 20): (6, 6), (MONDAY, 9): (5, 5)}
    window = best_window(own, WRITTEN, False)
    assert (window.weekday, window.hits, window.other_hits) == (SUNDAY, 6, 5)
    # All customers write at 20:00 on Sundays next to never.
    assert window.is_clear
    assert place(best_window({}, WRITTEN, False)) == (3, 14)


def test_no_one_and_too_few():
    assert best_window({}, {}, True) is None
    assert best_window({(1, 1): (9, 9)}, {}, True) is None
    few = {(1, 10): (best_time.LEAST_ALL - 1,) * 2}
    assert best_window({}, few, True) is None
    assert best_window({}, {(1, 10): (best_time.LEAST_ALL,) * 2}, True)
    # Many calls, none answered.
    assert best_window({}, {(1, 10): (0, 500)}, True) is None


def test_all_equal_is_the_first_and_not_clear():
    equal = {cell: (5, 10) for cell in OFFICE}
    own = {cell: (1, 2) for cell in OFFICE}
    window = best_window(own, equal, True)
    assert place(window) == (MONDAY, 9)
    assert not window.is_clear


def test_one_customer_is_everyone():
    own = {(TUESDAY, 10): (18, 18), (MONDAY, 10): (2, 12)}
    window = best_window(own, own, True)
    assert window.weekday == TUESDAY and window.is_clear


def test_quiet_hours_exclude_the_best():
    own = {(TUESDAY, 20): (9, 9), (TUESDAY, 10): (2, 4)}
    allowed = best_time.allowed_cells(time(19), time(8), {0, 1, 2, 3, 4})
    window = best_window(own, CALLS, True, allowed)
    assert place(window) != (TUESDAY, 20)
    assert (window.weekday, window.hour) in allowed
    assert best_window(own, CALLS, True, frozenset()) is None
    # No single hour is a window.
    assert best_window(own, CALLS, True, {(3, 15)}) is None


def test_allowed_cells_have_no_quiet_minute():
    found = best_time.allowed_cells(time(18, 30), time(8, 30), {0})
    assert found == {(0, hour) for hour in range(9, 18)}
    assert best_time.allowed_cells(None, None, range(7)) == ALWAYS
    assert best_time.allowed_cells(time(9), time(9), range(7)) == ALWAYS


@given(st.times(), st.times())
def test_allowed_cells_are_those_of_the_policy(quiet_from, quiet_to):
    found = best_time.allowed_cells(quiet_from, quiet_to, {2})
    for hour in range(24):
        # A pause that begins or ends within the hour is seen at its own minutes.
        minutes = {time(hour), time(hour, 59, 59, 999999)}
        minutes |= {each for each in (quiet_from, quiet_to) if each.hour == hour}
        quiet = any(is_quiet(each, quiet_from, quiet_to) for each in minutes)
        assert ((2, hour) in found) == (not quiet)


@given(events, events, st.booleans(), st.randoms())
def test_the_order_of_contacts_does_not_matter(own, all_, has_failures, dice):
    mixed_own, mixed_all = list(own), list(all_)
    dice.shuffle(mixed_own)
    dice.shuffle(mixed_all)
    first, second = (
        best_window(count(one, has_failures), count(two, has_failures), has_failures)
        for one, two in ((own, all_), (mixed_own, mixed_all))
    )
    assert first == second


@given(events, events, st.booleans(), st.sets(cells))
def test_windows_hold_what_they_say(own, all_, has_failures, forbidden):
    allowed = ALWAYS - forbidden
    mine = count(own, has_failures)
    everyone = count(own + all_, has_failures)
    window = best_window(mine, everyone, has_failures, allowed)
    if not window:
        return
    inside = [(window.weekday, window.hour + later) for later in range(WIDTH)]
    assert allowed.issuperset(inside)
    found = [mine.get(cell, (0, 0)) for cell in inside]
    assert window.hits == sum(hits for hits, _tries in found)
    assert window.tries == sum(tries for _hits, tries in found)
    assert window.other_tries == sum(t for _h, t in mine.values()) - window.tries
    if not window.is_own:
        assert place(window) == place(best_window({}, everyone, has_failures, allowed))


@given(events, st.booleans(), st.sampled_from(OFFICE))
def test_many_answers_at_one_hour_always_win(own, has_failures, cell):
    everyone = CALLS if has_failures else WRITTEN
    mine = count(own, has_failures)
    mine[cell] = (2000, 2000)
    window = best_window(mine, everyone, has_failures)
    assert window.weekday == cell[0] and 0 <= cell[1] - window.hour < WIDTH


def test_what_is_chance_is_seldom_called_clear():
    """Customers who answer alike at all hours: fewer than one in twenty."""
    dice = random.Random(22)
    everyone = {cell: (50, 100) for cell in OFFICE}
    for has_failures in (True, False):
        clear = 0
        for _customer in range(300):
            contacts = [(dice.choice(OFFICE), dice.random() < 0.5) for _ in range(40)]
            mine = count(contacts, has_failures)
            clear += best_window(mine, everyone, has_failures).is_clear
        assert clear <= 15


def test_tails_against_known_values():
    # R: pbinom(6, 12, 0.25, lower.tail = FALSE), fisher.test(..., "greater").
    assert best_time.binomial_tail(7, 12, 0.25) == pytest.approx(0.01425278, rel=1e-6)
    assert best_time.binomial_tail(0, 12, 0.25) == 1
    assert (
        best_time.binomial_tail(3, 3, 1) == 1 and best_time.binomial_tail(1, 3, 0) == 0
    )
    # Fisher's lady tasting tea: 3 of 4 right.
    assert best_time.hypergeometric_tail(3, 4, 4, 8) == pytest.approx(17 / 70)
    assert best_time.hypergeometric_tail(0, 4, 4, 8) == pytest.approx(1)
    assert 0 <= best_time.hypergeometric_tail(400, 500, 50_000, 100_000) < 1e-9


def test_the_next_start_over_changes_of_the_clock():
    zone = "Europe/Berlin"
    friday = datetime(2026, 3, 27, 12)
    # On Sunday the clocks go forward: Monday at 10 is 8 in UTC.
    assert best_time.next_start(MONDAY, 10, friday, zone) == datetime(2026, 3, 30, 8)
    # Within the window it is now; after it, a week later.
    assert best_time.next_start(4, 12, friday, zone) == friday
    assert best_time.next_start(4, 10, friday, zone) == datetime(2026, 4, 3, 8)
    assert best_time.next_start(4, 10, friday, zone, days=5) is None
    # The hour that is left out: right after it.
    night = best_time.next_start(SUNDAY, 2, friday, zone)
    assert night == datetime(2026, 3, 29, 1)
    # The last window of a day ends at midnight.
    late = datetime(2026, 3, 27, 22, 30)
    assert best_time.next_start(4, 22, late, zone) == late
    assert best_time.next_start(4, 22, late, "Asia/Shanghai") == datetime(
        2026, 4, 3, 14
    )


@given(
    cells,
    st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)),
    st.sampled_from(["UTC", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"]),
)
def test_the_next_start_lies_in_the_window(cell, moment, zone):
    weekday, hour = cell
    hour = min(hour, 24 - WIDTH)
    found = best_time.next_start(weekday, hour, moment, zone)
    assert moment <= found <= moment + timedelta(days=7, hours=2)
    local = wall_clock(found, zone)
    assert local.weekday() == weekday
    assert hour <= local.hour < hour + WIDTH or zone == "Australia/Lord_Howe"


def test_quiet_days_of_the_coming_week_are_left_out():
    wednesday = date(2026, 6, 17)
    days = {wednesday + timedelta(days=2), wednesday + timedelta(days=7)}
    found = best_time.without_days(ALWAYS, days, wednesday)
    assert {day for day, _hour in found} == {0, 1, 2, 3, 5, 6}

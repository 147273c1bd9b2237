from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfoNotFoundError

from odoo.tests import BaseCase, tagged

from ...analytics.plan.forecast import Limits, Person, Step, begin_days, walk
from ...analytics.plan.schedule import later, later_months, next_yearly

BERLIN, HAVANA = "Europe/Berlin", "America/Havana"


@tagged("post_install", "-at_install")
class TestPlanSchedule(BaseCase):
    """When steps are due."""

    def test_the_same_time_of_the_wall_clock(self):
        # Both nights in which the clocks change.
        for day, hours in ((date(2026, 3, 28), 23), (date(2026, 10, 24), 25)):
            noon = datetime.combine(day, time(11))
            self.assertEqual(later(noon, BERLIN, 1) - noon, timedelta(hours=hours))
            self.assertEqual(later(noon, "UTC", 1) - noon, timedelta(days=1))

    def test_a_time_that_is_left_out(self):
        """The first moment after the gap, whichever its length."""
        for zone, moment, days, due in (
            (BERLIN, datetime(2026, 3, 28, 1, 30), 1, datetime(2026, 3, 29, 1)),
            (
                "Australia/Lord_Howe",
                datetime(2026, 10, 2, 15, 45),
                1,
                datetime(2026, 10, 3, 15, 30),
            ),
            (
                "America/Sao_Paulo",
                datetime(2018, 11, 3, 3, 15),
                1,
                datetime(2018, 11, 4, 3),
            ),
            # A whole day was left out.
            ("Pacific/Apia", datetime(2011, 12, 29, 22), 1, datetime(2011, 12, 30, 10)),
        ):
            with self.subTest(zone=zone):
                self.assertEqual(later(moment, zone, days), due)

    def test_a_time_that_comes_twice(self):
        self.assertEqual(
            later(datetime(2026, 10, 24, 0, 30), BERLIN, 1),
            datetime(2026, 10, 25, 0, 30),
        )
        # Midnight comes twice.
        self.assertEqual(
            later(datetime(2025, 11, 1, 4, 30), HAVANA, 1), datetime(2025, 11, 2, 4, 30)
        )

    def test_no_day_later_is_now(self):
        second_time = datetime(2026, 10, 25, 1, 30)
        self.assertEqual(later(second_time, BERLIN, 0), second_time)
        self.assertEqual(later_months(second_time, BERLIN, 0), second_time)

    def test_at_another_time_of_the_day(self):
        self.assertEqual(
            later(datetime(2026, 11, 27, 23, 30), BERLIN, 2, time(9)),
            datetime(2026, 11, 30, 8),
        )
        self.assertEqual(
            later(datetime(2026, 3, 27, 12), BERLIN, 2, time(2, 30)),
            datetime(2026, 3, 29, 1),
        )

    def test_months(self):
        for months, due in (
            (1, datetime(2026, 2, 28, 11)),
            (2, datetime(2026, 3, 31, 10)),
            (13, datetime(2027, 2, 28, 11)),
            (25, datetime(2028, 2, 29, 11)),
        ):
            self.assertEqual(
                later_months(datetime(2026, 1, 31, 11), BERLIN, months), due
            )

    def test_steps_do_not_drift(self):
        """Day by day or all at once, over a year with both changes."""
        start = moment = datetime(2026, 1, 1, 8)
        for days in range(1, 400):
            moment = later(moment, BERLIN, 1)
            self.assertEqual(moment, later(start, BERLIN, days))

    def test_yearly(self):
        for day, moment, zone, found in (
            (date(1990, 5, 1), datetime(2026, 4, 30, 12), "UTC", date(2026, 5, 1)),
            (date(1990, 5, 1), datetime(2026, 5, 1, 23), "UTC", date(2026, 5, 1)),
            (date(1990, 5, 1), datetime(2026, 5, 2), "UTC", date(2027, 5, 1)),
            # The second already there.
            (date(1990, 5, 1), datetime(2026, 5, 1, 23), BERLIN, date(2027, 5, 1)),
            (date(1990, 5, 1), datetime(2026, 5, 2, 3), HAVANA, date(2026, 5, 1)),
            (date(2024, 2, 29), datetime(2026, 1, 1), "UTC", date(2026, 2, 28)),
            (date(2024, 2, 29), datetime(2027, 3, 1), "UTC", date(2028, 2, 29)),
            # A full year has to pass.
            (date(2026, 11, 20), datetime(2026, 11, 20, 8), "UTC", date(2027, 11, 20)),
            (date(2026, 12, 20), datetime(2026, 11, 20, 8), "UTC", date(2027, 12, 20)),
        ):
            with self.subTest(day=day, moment=moment, zone=zone):
                self.assertEqual(next_yearly(day, moment, zone), found)

    def test_nonsense(self):
        now = datetime(2026, 11, 27)
        for function in (later, later_months):
            with self.assertRaises(ValueError):
                function(now, "UTC", -1)
            with self.assertRaises(ZoneInfoNotFoundError):
                function(now, "Mars/Olympus", 1)


@tagged("post_install", "-at_install")
class TestPlanForecast(BaseCase):
    """When steps would be done for a customer."""

    START = datetime(2027, 3, 1, 8)

    def events(self, *delays, touches=(), soonest=None, until=30, **limits):
        """Days from the start, and reasons, of mails with these delays in days."""
        steps = {
            number: Step(
                number,
                lambda moment, delay=delay: moment + timedelta(days=delay),
                "email",
                number + 1 if number + 1 < len(delays) else None,
            )
            for number, delay in enumerate(delays)
        }
        rules = Limits(
            **{
                "soonest": soonest or (lambda moment, _zones: moment),
                "limit": 1,
                "window": timedelta(days=7),
                "counted": frozenset(["email"]),
                "wait_days": 5,
                "timed": True,
                **limits,
            }
        )
        planned = steps[0].after(self.START)
        person = Person({}, {}, [self.START + timedelta(days=days) for days in touches])
        end = self.START + timedelta(days=until)
        return [
            ((each.moment - self.START).days, each.reason or each.moved)
            for each in walk(steps, 0, planned, planned, person, rules, end)
        ]

    def test_a_full_week_between_two(self):
        self.assertEqual(self.events(0, 3, 3), [(0, False), (7, True), (7, "late")])
        self.assertEqual(self.events(0, touches=[-3]), [(4, True)])
        self.assertEqual(self.events(0, touches=[-7]), [(0, False)])
        self.assertEqual(self.events(0, touches=[-1, -2], limit=2), [(5, True)])

    def test_no_limit(self):
        for values in ({"limit": 0}, {"timed": False}, {"counted": frozenset()}):
            self.assertEqual(self.events(0, 1, **values), [(0, False), (1, False)])

    def test_messages_that_may_not_wait(self):
        self.assertEqual(self.events(0, 3, wait_days=0), [(0, False), (3, "late")])

    def test_no_hour_at_all(self):
        self.assertEqual(
            self.events(0, soonest=lambda _moment, _zones: None), [(0, "quiet")]
        )

    def test_what_comes_later_is_left_out(self):
        self.assertEqual(self.events(0, 29, 1, limit=0), [(0, False), (29, False)])

    def test_places(self):
        self.assertEqual(list(begin_days(6, 1, 2, 3)), [0, 1, 1, 2, 2])
        self.assertEqual(list(begin_days(3, 0, 2, 30)), [1, 1, 2])
        self.assertEqual(list(begin_days(3, 1, 0, 30)), [0])
        self.assertEqual(list(begin_days(0, 1, 1, 30)), [])

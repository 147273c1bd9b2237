from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfoNotFoundError

from odoo.tests import BaseCase, tagged

from ...analytics.consent.schedule import first_allowed, first_allowed_in_all

EACH_DAY = frozenset(range(7))
BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"


@tagged("post_install", "-at_install")
class TestContactSchedule(BaseCase):
    """Quiet hours in the customer's zone."""

    def first(self, moment, zone="UTC", hours=(20, 8), days=EACH_DAY, quiet_days=()):
        hours = [each if each is None else time(each) for each in hours]
        return first_allowed(moment, zone, *hours, days, set(quiet_days))

    def test_the_end_is_allowed_and_the_beginning_is_not(self):
        end, begin = datetime(2026, 11, 27, 8), datetime(2026, 11, 27, 20)
        self.assertEqual(self.first(end), end)
        self.assertEqual(self.first(end - timedelta(seconds=1)), end)
        self.assertEqual(self.first(begin), end + timedelta(days=1))
        last = begin - timedelta(microseconds=1)
        self.assertEqual(self.first(last), last)

    def test_hours_within_a_day(self):
        noon = datetime(2026, 11, 27, 12, 30)
        self.assertEqual(self.first(noon, hours=(12, 14)), datetime(2026, 11, 27, 14))

    def test_no_hours(self):
        night = datetime(2026, 11, 27, 3)
        for hours in ((None, None), (8, 8), (0, 0), (20, None)):
            with self.subTest(hours=hours):
                self.assertEqual(self.first(night, hours=hours), night)

    def test_until_midnight(self):
        self.assertEqual(
            self.first(datetime(2026, 11, 27, 22), hours=(20, 0)),
            datetime(2026, 11, 28),
        )

    def test_weekdays_and_quiet_days(self):
        saturday = datetime(2026, 11, 28, 12)
        self.assertEqual(
            self.first(saturday, days={0, 1, 2, 3, 4}), datetime(2026, 11, 30, 8)
        )
        self.assertEqual(
            self.first(saturday, days={0, 1, 2, 3, 4}, quiet_days=[date(2026, 11, 30)]),
            datetime(2026, 12, 1, 8),
        )
        # Without quiet hours a day begins at midnight.
        self.assertEqual(
            self.first(saturday, hours=(None, None), days={0}), datetime(2026, 11, 30)
        )

    def test_nothing_within_a_year(self):
        self.assertIsNone(self.first(datetime(2026, 11, 27, 12), days=set()))
        start = date(2026, 11, 27)
        year = [start + timedelta(days=number) for number in range(367)]
        self.assertIsNone(self.first(datetime(2026, 11, 27, 12), quiet_days=year))
        self.assertEqual(
            self.first(datetime(2026, 11, 27, 12), quiet_days=year[:-2]),
            datetime(2027, 11, 27, 8),
        )

    def test_when_summer_time_begins(self):
        evening = datetime(2026, 3, 28, 21)  # 22:00
        self.assertEqual(self.first(evening, BERLIN, (22, 8)), datetime(2026, 3, 29, 6))
        # From 2:00 to 3:00 there is nothing: quiet hours until 2:30 end with the change.
        self.assertEqual(
            first_allowed(
                datetime(2026, 3, 29, 0, 30),
                BERLIN,
                time(1),
                time(2, 30),
                EACH_DAY,
                set(),
            ),
            datetime(2026, 3, 29, 1),
        )

    def test_when_summer_time_ends(self):
        evening = datetime(2026, 10, 24, 20)  # 22:00
        self.assertEqual(
            self.first(evening, BERLIN, (22, 8)), datetime(2026, 10, 25, 7)
        )
        # Half past two comes twice, and so does what is quiet before it.
        for minute, expected in (
            (10, datetime(2026, 10, 25, 0, 30)),
            (40, datetime(2026, 10, 25, 0, 40)),
            (70, datetime(2026, 10, 25, 1, 30)),
        ):
            moment = datetime(2026, 10, 25) + timedelta(minutes=minute)
            with self.subTest(moment=moment):
                self.assertEqual(
                    first_allowed(
                        moment, BERLIN, time(1), time(2, 30), EACH_DAY, set()
                    ),
                    expected,
                )

    def test_a_leap_day(self):
        self.assertEqual(
            self.first(datetime(2028, 2, 28, 21)), datetime(2028, 2, 29, 8)
        )
        self.assertEqual(
            self.first(datetime(2028, 2, 29, 9), quiet_days=[date(2028, 2, 29)]),
            datetime(2028, 3, 1, 8),
        )

    def test_far_from_greenwich(self):
        # 21:00 on Friday in UTC is 11:00 on Saturday on Kiritimati.
        moment = datetime(2026, 11, 27, 21)
        self.assertEqual(self.first(moment, "Pacific/Kiritimati"), moment)
        self.assertEqual(
            self.first(moment, "Pacific/Kiritimati", days={0}),
            datetime(2026, 11, 29, 18),
        )
        # On Niue it is 10:00 on Friday.
        self.assertEqual(self.first(moment, "Pacific/Niue", days={4}), moment)

    def test_in_all_zones_of_a_country(self):
        coasts = ("America/Los_Angeles", NEW_YORK)
        hours = (time(20), time(8), EACH_DAY, set())
        # 8:00 in New York is 5:00 in Los Angeles.
        self.assertEqual(
            first_allowed_in_all(datetime(2026, 11, 27, 13), coasts, *hours),
            datetime(2026, 11, 27, 16),
        )
        # 20:00 in New York: wait for 8:00 in Los Angeles.
        self.assertEqual(
            first_allowed_in_all(datetime(2026, 11, 28, 1), coasts, *hours),
            datetime(2026, 11, 28, 16),
        )
        # No moment suits both.
        self.assertIsNone(
            first_allowed_in_all(
                datetime(2026, 11, 28, 1), coasts, time(10), time(8), EACH_DAY, set()
            )
        )

    def test_a_zone_that_does_not_exist(self):
        with self.assertRaises(ZoneInfoNotFoundError):
            self.first(datetime(2026, 11, 27), "Mars/Phobos")

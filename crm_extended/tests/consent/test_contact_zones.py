from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytz

from odoo.tests import BaseCase, tagged

from ...analytics.consent.zones import SEVERAL, zones_of


@tagged("post_install", "-at_install")
class TestContactZones(BaseCase):
    """The zones of countries."""

    # Research stations, and islands without inhabitants.
    WITHOUT_PEOPLE = {"AQ", "UM"}

    def offsets(self, zone):
        moments = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)
        return [moment.astimezone(ZoneInfo(zone)).utcoffset() for moment in moments]

    def test_every_country_with_several_times_has_an_entry(self):
        several = {
            code
            for code, zones in pytz.country_timezones.items()
            if len({tuple(self.offsets(zone)) for zone in zones}) > 1
        }
        self.assertEqual(several - SEVERAL.keys(), self.WITHOUT_PEOPLE)

    def test_from_west_to_east_and_in_the_country(self):
        for code, zones in SEVERAL.items():
            with self.subTest(code=code):
                self.assertLessEqual(len(zones), 2)
                self.assertEqual(
                    [self.offsets(zone) for zone in zones],
                    sorted(self.offsets(zone) for zone in zones),
                )
                known = set(pytz.country_timezones[code]) | {"Europe/Kyiv"}
                known |= {"America/Nuuk"}
                self.assertLessEqual(set(zones), known)

    def test_zones(self):
        self.assertEqual(zones_of("DE"), ("Europe/Berlin",))
        self.assertEqual(zones_of("us"), ("America/Los_Angeles", "America/New_York"))
        for code in (None, "", "XX"):
            self.assertEqual(zones_of(code), ())

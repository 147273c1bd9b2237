"""Days of the timeline are those of whoever reads it."""

from datetime import date, datetime, timedelta

import pytz
from freezegun import freeze_time

from odoo import Command, fields

from ...models.timeline.days import ReaderDays
from .common import TimelineCommon

# A night in which something happens to the clocks, or nothing, by time zone.
NIGHTS = {
    "UTC": date(2026, 3, 10),
    "Pacific/Honolulu": date(2026, 3, 10),
    "Pacific/Kiritimati": date(2026, 3, 10),
    "Europe/Berlin": date(2026, 3, 29),
    "Pacific/Auckland": date(2026, 4, 5),
    # Midnight is left out.
    "America/Sao_Paulo": date(2018, 11, 4),
    # Midnight comes twice; and the day before goes on after the new one has begun.
    "America/Havana": date(2025, 11, 2),
    "America/St_Johns": date(2010, 11, 7),
    # A whole day is left out.
    "Pacific/Apia": date(2011, 12, 30),
}
ONE = timedelta(days=1)


class TestTimelineDays(TimelineCommon):
    def setUp(self):
        super().setUp()
        self.customer_here = self.customer("Here")
        self.customer_here.message_ids.unlink()

    def page(self, zone, **options):
        timeline = self.timeline().with_context(tz=zone)
        return timeline.get_page("res.partner", self.customer_here.id, **options)

    def head(self, zone):
        timeline = self.timeline().with_context(tz=zone)
        return timeline.head("res.partner", self.customer_here.id)

    def tier_change(self, day):
        return self.env["crm.loyalty.change"].create(
            {
                "partner_id": self.customer_here.id,
                "company_id": self.company_a.id,
                "date": day,
                "new_tier_id": self.env["crm.loyalty.tier"].search([], limit=1).id,
                "reason": "earned",
            }
        )

    def whole_days(self, first, last=None):
        return self.fairs((first, last or first))

    def fairs(self, *periods):
        events = self.env["calendar.event"].create(
            [
                {
                    "name": "Fair",
                    "allday": True,
                    "start_date": first,
                    "stop_date": last,
                    "partner_ids": [Command.set(self.customer_here.ids)],
                    "user_id": self.salesman.id,
                }
                for first, last in periods
            ]
        )
        events.message_ids.unlink()
        return events

    @staticmethod
    def day_of(entry, zone):
        """The day under which the web client shows an entry."""
        moment = fields.Datetime.to_datetime(entry["date"])
        if entry["all_day"]:
            return moment.date()
        return pytz.utc.localize(moment).astimezone(pytz.timezone(zone)).date()

    def test_an_all_day_meeting_is_on_its_day_for_every_reader(self):
        self.whole_days("2026-05-12")
        self.whole_days("2026-05-20", "2026-05-23")
        # As programs write it that know no dates: by its start and end alone.
        self.env["calendar.event"].create(
            {
                "name": "Imported",
                "allday": True,
                "start": "2026-05-02 00:00:00",
                "stop": "2026-05-02 23:59:59",
                "partner_ids": [Command.set(self.customer_here.ids)],
                "user_id": self.salesman.id,
            }
        )
        for zone in NIGHTS:
            entries = self.page(zone, kinds=["meeting"])["entries"]
            self.assertEqual(
                [(entry["date"], entry["all_day"]) for entry in entries],
                [
                    ("2026-05-20 00:00:00", True),
                    ("2026-05-12 00:00:00", True),
                    ("2026-05-02 00:00:00", True),
                ],
                zone,
            )

    def test_a_meeting_with_a_time_stays_a_moment(self):
        moment = datetime(2026, 5, 12, 8)
        meeting = self.meeting(
            self.customer_here, 0, start=moment, stop=moment + timedelta(hours=1)
        )
        for all_day in (False, True, False):
            meeting.allday = all_day
            [entry] = self.page("Asia/Tokyo", kinds=["meeting"])["entries"]
            self.assertEqual(entry["all_day"], all_day)
        self.assertEqual(entry["date"], "2026-05-12 08:00:00")

    def test_no_day_stands_above_a_later_one_and_pages_lose_nothing(self):
        customers = self.env["res.partner"].create([{"name": zone} for zone in NIGHTS])
        customers.message_ids.unlink()
        for (zone, night), customer in zip(NIGHTS.items(), customers, strict=True):
            self.customer_here = customer
            start = datetime.combine(night, datetime.min.time()) - timedelta(hours=40)
            expected = set()
            for step in range(0, 90, 3):
                moment = start + timedelta(hours=step, minutes=30)
                message = self.message(self.customer_here, 0, date=moment)
                expected.add(f"message-{message.id}")
            days = [night + number * ONE for number in range(-2, 3)]
            fairs = self.fairs(*((day, day + ONE) for day in days))
            expected.update(f"meeting-{fair.id}" for fair in fairs)
            for day in days:
                expected.add(f"tier-{self.tier_change(day).id}")
                # At the very moment at which a day begins.
                call = self.interaction(
                    self.customer_here,
                    date=ReaderDays(self.env(context={"tz": zone})).start(day),
                )
                expected.add(f"interaction-{call.id}")
            with self.subTest(zone=zone):
                self.check_stream(zone, expected)

    def check_stream(self, zone, expected):
        timeline = self.timeline().with_context(tz=zone)
        record = ("res.partner", self.customer_here.id)
        page = timeline.get_page(*record, limit=200)
        whole = [entry["id"] for entry in page["entries"]]
        self.assertEqual(set(whole), expected)
        self.assertEqual(len(whole), len(expected))
        for limit in (1, 7):
            found, cursor = [], None
            while cursor is not False:
                part = timeline.get_page(*record, limit=limit, cursor=cursor)
                found += [entry["id"] for entry in part["entries"]]
                cursor = part["cursor"]
            self.assertEqual(found, whole, limit)
        days = [
            (self.day_of(entry, zone), entry["all_day"]) for entry in page["entries"]
        ]
        if zone == "America/St_Johns":
            # That night the clocks themselves went back into the day before.
            days = [day for day, all_day in days if all_day]
        else:
            days = [day for day, _all_day in days]
        self.assertEqual(days, sorted(days, reverse=True))

    def test_the_same_for_what_is_ahead(self):
        self.whole_days("2026-11-27")
        self.whole_days("2026-11-26", "2026-11-29")
        self.customer_here.activity_schedule(
            "mail.mail_activity_data_call",
            date(2026, 11, 26),
            user_id=self.salesman.id,
        )
        for zone, moment, ahead, overdue in (
            # Still the 26th there, though what Odoo keeps as its start has passed.
            ("Pacific/Honolulu", "2026-11-27 09:00:00", 1, False),
            ("Pacific/Honolulu", "2026-11-26 09:00:00", 2, False),
            ("Pacific/Honolulu", "2026-11-27 10:00:00", 0, True),
            # The 27th there already, though it has not begun in UTC.
            ("Pacific/Auckland", "2026-11-26 20:00:00", 0, True),
            ("UTC", "2026-11-26 23:00:00", 1, False),
        ):
            with freeze_time(moment):
                upcoming = self.head(zone)["upcoming"]
                meetings = [e for e in upcoming if e["kind"] == "meeting"]
                self.assertEqual(len(meetings), ahead, (zone, moment))
                self.assertTrue(all(entry["upcoming"] for entry in meetings))
                [activity] = [e for e in upcoming if e["kind"] == "activity"]
                self.assertEqual(activity["overdue"], overdue, (zone, moment))
                in_stream = self.page(zone, kinds=["meeting"])["entries"]
                found = [entry for entry in in_stream if entry["upcoming"]]
                self.assertEqual(len(found), ahead, (zone, moment))

    def test_a_period_is_of_the_readers_days(self):
        change, fair = self.tier_change("2026-05-12"), self.whole_days("2026-05-12")
        self.tier_change("2026-05-11"), self.tier_change("2026-05-13")
        self.whole_days("2026-05-11"), self.whole_days("2026-05-13")
        expected = {f"tier-{change.id}", f"meeting-{fair.id}"}
        for zone in NIGHTS:
            # As the web client asks: when the day begins, and its last second.
            local = pytz.timezone(zone)
            first = local.localize(datetime(2026, 5, 12))
            last = local.localize(datetime(2026, 5, 12, 23, 59, 59))
            moments = [
                fields.Datetime.to_string(moment.astimezone(pytz.utc))
                for moment in (first, last)
            ]
            for since, until in (moments, ["2026-05-12"] * 2):
                page = self.page(zone, date_from=since, date_to=until)
                found = {entry["id"] for entry in page["entries"]}
                self.assertEqual(found, expected, (zone, since))
                self.assertEqual(page["counts"], {"tier": 1, "meeting": 1})

    def test_days_of_every_zone_are_in_order(self):
        day, last = date(2009, 1, 1), date(2013, 1, 1)
        for zone in ("Pacific/Apia", "America/St_Johns", "Africa/Cairo", "nowhere"):
            days = ReaderDays(self.env(context={"tz": zone}))
            while day < last:
                start = days.start(day)
                self.assertLess(days.start(day - ONE), start)
                self.assertEqual(days.day_at(start), day)
                self.assertEqual(days.first_day_from(start), day)
                moment = start + timedelta(microseconds=1)
                self.assertEqual(days.first_day_from(moment), day + ONE)
                day += ONE
            day = date(2009, 1, 1)
            for edge in (date.min, date.max, date(1, 12, 31), date(9998, 12, 31)):
                self.assertEqual(days.day_at(days.start(edge)), edge)
            self.assertEqual(days.day_at(datetime.max), date.max)
            self.assertEqual(days.first_day_from(datetime.max), date.max)
            days.day_at(datetime.min)

    def test_a_time_zone_that_is_not_known_is_that_of_the_user(self):
        self.salesman.tz = "Pacific/Honolulu"
        change = self.tier_change("2026-05-12")
        evening = self.message(self.customer_here, 0, date=datetime(2026, 5, 12, 3))
        expected = [f"tier-{change.id}", f"message-{evening.id}"]
        for zone in ("Mars/Olympus", "UTC+25", "", "\0", 5, ["UTC"]):
            entries = self.page(zone)["entries"]
            self.assertEqual([entry["id"] for entry in entries], expected, zone)

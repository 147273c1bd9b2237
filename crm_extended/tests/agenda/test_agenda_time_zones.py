"""Days are those of the user: around midnight, when clocks change, and in sentences."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from ...models.agenda.allowed_channels import end_of_day
from .common import AgendaCommon

# Days on which clocks change: the zone, the day, and how many hours it has.
CHANGES = (
    ("America/New_York", "2026-03-08", 23),
    ("America/New_York", "2026-11-01", 25),
    ("Pacific/Auckland", "2026-09-27", 23),
    ("Pacific/Auckland", "2026-04-05", 25),
)


def utc(zone, moment):
    """A moment of a time zone, as Odoo has it."""
    local = datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo(zone))
    return local.astimezone(ZoneInfo("UTC")).replace(tzinfo=None)


@tagged("post_install", "-at_install")
class TestAgendaTimeZones(AgendaCommon):
    def in_zone(self, zone):
        self.salesman.tz = zone

    def due_on(self, day):
        """A customer with a call to make on a day."""
        customer = self.mine(f"Due {day}")
        activity = self.activity(customer)
        activity.date_deadline = day
        return customer

    def day_of(self):
        day = self.today_of()
        return day["day"], [row["name"] for row in day["rows"]]

    def test_around_midnight_when_clocks_change(self):
        for zone, text, hours in CHANGES:
            with self.subTest(zone=zone, day=text), self.env.cr.savepoint() as undo:
                self.in_zone(zone)
                day = fields.Date.to_date(text)
                before, after = day - timedelta(days=1), day + timedelta(days=1)
                for one in (before, day, after):
                    self.due_on(one)
                names = [f"Due {one}" for one in (before, day, after)]
                for moment, today, listed in (
                    (f"{before} 23:59:30", before, names[:1]),
                    (f"{day} 00:00:30", day, names[:2]),
                    (f"{day} 23:59:30", day, names[:2]),
                    (f"{after} 00:00:30", after, names),
                ):
                    with freeze_time(utc(zone, moment)):
                        self.assertEqual(self.day_of(), (str(today), listed))
                with freeze_time(utc(zone, f"{day} 12:00:00")):
                    scope = self.agenda()._scope()
                self.assertEqual(
                    end_of_day(scope) - utc(zone, f"{day} 00:00:00"),
                    timedelta(hours=hours),
                )
                undo.rollback()

    def test_a_contact_before_midnight_when_clocks_change(self):
        """It is one of the day before, on the list of which the customer is."""
        for zone, text, _hours in CHANGES:
            with self.subTest(zone=zone, day=text), self.env.cr.savepoint() as undo:
                self.in_zone(zone)
                customer = self.due_on(text)
                with freeze_time(utc(zone, f"{text} 00:30:00")):
                    self.assertEqual(self.day_of()[1], [customer.name])
                    item = self.env["crm.agenda.item"].search(
                        [("partner_id", "=", customer.id)]
                    )
                    self.interaction(
                        customer,
                        date=utc(zone, f"{text} 00:00:00") - timedelta(hours=1),
                    )
                    self.assertEqual(item.state, "open")
                with freeze_time(utc(zone, f"{text} 23:45:00")):
                    self.interaction(customer, date=utc(zone, f"{text} 23:30:00"))
                    self.assertEqual(item.state, "done")
                undo.rollback()

    def test_a_snooze_ends_on_the_day_of_its_user(self):
        for zone in ("Pacific/Auckland", "America/New_York"):
            with self.subTest(zone=zone), self.env.cr.savepoint() as undo:
                self.in_zone(zone)
                customer = self.due_on("2026-06-10")
                item = None
                # One of these is another day in UTC.
                for hour in ("01", "22"):
                    with freeze_time(utc(zone, f"2026-06-11 {hour}:00:00")):
                        if item:
                            item.action_reopen()
                        [row] = self.today_of()["rows"]
                        item = self.as_user(self.salesman, "crm.agenda.item")
                        item = item.with_context(tz=zone).browse(row["id"])
                        with self.assertRaises(UserError):
                            item.action_snooze("2026-06-11")
                        item.action_snooze("2026-06-12")
                        item.action_snooze("2026-06-13")
                for moment, names in (
                    ("2026-06-12 00:10:00", []),
                    ("2026-06-12 23:50:00", []),
                    ("2026-06-13 00:10:00", [customer.name]),
                ):
                    with freeze_time(utc(zone, moment)):
                        self.assertEqual(self.names(), names)
                undo.rollback()

    # -- Sentences

    def texts(self, moment):
        with freeze_time(moment):
            [row] = self.today_of()["rows"]
        return [reason["text"] for reason in row["reasons"]]

    def test_since_when_an_opportunity_has_not_moved(self):
        self.lead(self.ada).date_last_stage_update = "2026-05-01 20:00:00"
        for zone, day, cold in (
            ("Pacific/Auckland", "May 2, 2026", "2026-06-01"),
            ("America/New_York", "May 1, 2026", "2026-05-31"),
        ):
            with self.subTest(zone=zone):
                self.in_zone(zone)
                with freeze_time("2026-06-05 12:00:00"):
                    [one] = self.agenda()._find(self.agenda()._scope(), 1)
                    [row] = self.today_of()["rows"]
                self.assertEqual(str(one.reasons[0].due), cold)
                self.assertEqual(
                    row["reasons"][0]["text"], f"“Chance” has not moved since {day}"
                )

    def test_days_without_an_interaction(self):
        self.interaction(self.ada, date="2026-01-01 20:00:00")
        # It was January 2 in Auckland.
        for zone, moment, days in (
            ("Pacific/Auckland", "2026-05-02 01:00:00", 120),
            ("Pacific/Auckland", "2026-05-01 13:00:00", 120),
            ("America/New_York", "2026-05-02 01:00:00", 120),
            ("America/New_York", "2026-05-02 05:00:00", 121),
        ):
            with self.subTest(zone=zone, moment=moment):
                self.in_zone(zone)
                self.assertEqual(
                    self.texts(moment), [f"No interaction for {days} days"]
                )

from datetime import datetime, time, timedelta

from odoo import fields

from ...analytics.common.clock import at_wall_clock, wall_clock
from ..agenda.common import AgendaCommon

MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = range(7)
ZONE = "Europe/Berlin"


class BestTimeCommon(AgendaCommon):
    """A company in Berlin that calls its customers, and factories for what they do."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for company in cls.company_a + cls.company_b:
            company.partner_id.tz = ZONE
        cls.salesman.tz = cls.manager.tz = ZONE
        cls.env["crm.best.time"].search([]).unlink()

    @classmethod
    def at(cls, weekday, hour, weeks=1, zone=ZONE, minute=15):
        """A moment (UTC) of a weekday so many weeks ago."""
        today = wall_clock(fields.Datetime.now(), zone).date()
        day = today - timedelta(days=(today.weekday() - weekday) % 7 + 7 * weeks)
        return at_wall_clock(datetime.combine(day, time(hour, minute)), zone)

    @classmethod
    def calls(cls, partner, weekday, hour, reached, missed=0, zone=ZONE, **values):
        """Outgoing calls of the last weeks."""
        return cls.env["crm.interaction"].create(
            [
                {
                    "partner_id": partner.id,
                    "company_id": cls.company_a.id,
                    "user_id": cls.salesman.id,
                    "channel": "phone",
                    "outcome": "reached" if number < reached else "no_answer",
                    "date": cls.at(weekday, hour, 1 + number % 40, zone),
                    **values,
                }
                for number in range(reached + missed)
            ]
        )

    @classmethod
    def writes(cls, partner, weekday, hour, count, zone=ZONE, **values):
        """Mails of a customer on their page."""
        return cls.env["mail.message"].create(
            [
                {
                    "model": "res.partner",
                    "res_id": partner.id,
                    "author_id": partner.id,
                    "message_type": "email",
                    "subtype_id": cls.env.ref("mail.mt_comment").id,
                    "date": cls.at(weekday, hour, 1 + number % 40, zone),
                    "body": "Hello",
                    **values,
                }
                for number in range(count)
            ]
        )

    @classmethod
    def everyone(cls):
        """Another customer, who is best reached on Thursdays from 15 on."""
        other = cls.customer("Other", user_id=cls.manager.id)
        for weekday in range(5):
            for hour in (9, 10, 14):
                cls.calls(other, weekday, hour, 2, 2)
        cls.calls(other, THURSDAY, 15, 6, 2)
        cls.calls(other, THURSDAY, 16, 6, 2)
        return other

    @classmethod
    def update(cls, *companies):
        cls.env.flush_all()
        for company in companies or (cls.company_a,):
            cls.env["crm.best.time"]._refresh(company)

    def times(self, partner, user=None):
        times = self.as_user(user or self.salesman, "crm.best.time")
        partner = partner.with_env(times.env)
        return times._times_of(partner).get(partner.id)

    def place(self, partner, kind="phone", user=None):
        times = self.times(partner, user)
        window = times and times.window(kind)
        return window and (window.weekday, window.hour, window.is_own)

    def texts(self, partner, user=None):
        partner = self.as_user(user or self.salesman, "res.partner").browse(partner.id)
        page = partner.get_customer_page(["best_time"])
        return {row["label"]: row["text"] for row in page[0]["rows"]} if page else {}

"""Days as the reader of a timeline has them, among the moments of the stream."""

from datetime import date, datetime, time, timedelta

import pytz

DAY = timedelta(days=1)
# Near the ends of what Python can write down, days begin at midnight of UTC.
FIRST_YEAR, LAST_YEAR = 2, 9998


class ReaderDays:
    """The days of a time zone as moments, which are naive and in UTC.

    A day lies where it begins: everything of the day before comes before it, whatever
    the clocks did that night. Two days never lie at one moment, so that a place in the
    stream always says the same for days and for moments.
    """

    def __init__(self, env):
        self._zone = self._zone_of(env)
        self._starts = {}

    def __str__(self):
        return str(self._zone)

    @staticmethod
    def _zone_of(env):
        # The browser's name of its time zone may be unknown here. That of the user is a
        # field of their contact, all others of which would be read with it.
        user_contact = env.user.partner_id.with_context(prefetch_fields=False)
        for name in (env.context.get("tz"), user_contact.tz):
            try:
                return pytz.timezone(name)
            except (AttributeError, TypeError, ValueError, pytz.UnknownTimeZoneError):
                continue
        return pytz.utc

    def start(self, day: date) -> datetime:
        """The moment at which a day begins."""
        if day not in self._starts:
            self._starts[day] = self._find_start(day)
        return self._starts[day]

    def _find_start(self, day):
        midnight = datetime.combine(day, time.min)
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            return midnight
        # Midnight may occur twice or not at all: then the later of its meanings.
        start = max(
            self._zone.localize(midnight, is_dst=is_dst)
            .astimezone(pytz.utc)
            .replace(tzinfo=None)
            for is_dst in (True, False)
        )
        if self._local_day(start) > day:
            # The whole day was skipped (Samoa, 30 December 2011): it begins with the next.
            start -= timedelta(microseconds=1)
        return start

    def day_at(self, moment: datetime) -> date:
        """The last day that has begun at a moment."""
        day = self._local_day(moment)
        while day > date.min and self.start(day) > moment:
            day -= DAY
        while day < date.max and self.start(day + DAY) <= moment:
            day += DAY
        return day

    def first_day_from(self, moment: datetime) -> date:
        """The first day that begins at a moment or later."""
        day = self.day_at(moment)
        return day if self.start(day) >= moment or day == date.max else day + DAY

    def moment(self, value) -> datetime:
        """The moment of a date or datetime in the stream."""
        return value if isinstance(value, datetime) else self.start(value)

    def _local_day(self, moment):
        try:
            return pytz.utc.localize(moment).astimezone(self._zone).date()
        except OverflowError:
            return moment.date()

from datetime import datetime, time, timedelta

import pytz

from odoo import api, fields, models
from odoo.fields import Domain

from ...analytics.care.working_time import FURTHEST, WorkingTime

# Fields of a calendar that define its working hours.
HOURS = {
    "tz",
    "company_id",
    "attendance_ids",
    "attendance_ids_1st_week",
    "attendance_ids_2nd_week",
    "two_weeks_calendar",
    "schedule_type",
    "flexible_hours",
    "duration_based",
    "hours_per_day",
    "hours_per_week",
    "full_time_required_hours",
    "leave_ids",
    "global_leave_ids",
}


class ResourceCalendar(models.Model):
    _inherit = "resource.calendar"

    def _care_time(self, start, company=None) -> WorkingTime:
        """The working time of a calendar, with its leaves, from a moment on; round the
        clock without a calendar.

        :param datetime start: UTC
        :param company: whose public holidays count; by default the calendar's company
        """
        if not self:
            return WorkingTime(start, None)
        self.ensure_one()
        # sudo: hours and leaves of a team, which only its managers may read.
        calendar = self.sudo()
        company = company or calendar.company_id

        def look_up(since, until):
            yield from calendar._care_intervals(since, until, company)

        return WorkingTime(start, look_up)

    def _care_intervals(self, since, until, company, tz=None):
        """Working time between two moments, without public holidays.

        :param datetime since: UTC
        :param datetime until: UTC
        :param company: public holidays of other companies do not count
        :param str tz: time zone to work in, if it is not the calendar's
        :return: pairs of moments, in UTC
        """
        self.ensure_one()
        # Passed on: Odoo would take it from the context, which comes from outside.
        tz = pytz.timezone(tz or self.tz)
        first, last = since, until
        if self.flexible_hours:
            # Odoo distributes the hours of a week from the first moment asked for. For
            # whole weeks from Monday on, a day always has the same hours.
            first, last = _monday(since, tz), _monday(until, tz, weeks=1)
        found = self._attendance_intervals_batch(
            pytz.utc.localize(first), pytz.utc.localize(last), tz=tz
        )[False]
        found -= self._leave_intervals_batch(
            pytz.utc.localize(first),
            pytz.utc.localize(last),
            domain=[
                ("time_type", "=", "leave"),
                ("company_id", "in", [False, *company.ids]),
            ],
            tz=tz,
        )[False]
        for begin, end, _attendance in found:
            begin, end = max(_utc(begin), since), min(_utc(end), until)
            if begin < end:
                yield begin, end

    def _care_closed_warning(self, company=None) -> str | bool:
        """The warning that the calendar has no working time from today on; False if it
        has."""
        now = fields.Datetime.now()
        if self._care_time(now, company).moment(1, now):
            return False
        return self.env._(
            "“%(calendar)s” has no working time in the next %(days)s days: SLA "
            "targets can never be due. Enter working hours or leave the calendar "
            "empty.",
            calendar=self.display_name,
            days=FURTHEST.days,
        )

    def _care_teams(self):
        """The teams that work by these calendars, or by flexible ones that take their
        hours from these."""
        # sudo: targets apply to all teams, also those the user cannot see.
        calendars = self.sudo()
        companies = (
            calendars.env["res.company"]
            .with_context(active_test=False)
            .search([("resource_calendar_id", "in", calendars.ids)])
        )
        teams = self.env["crm.care.team"].sudo().with_context(active_test=False)
        return teams.search(
            Domain("resource_calendar_id", "in", calendars.ids)
            | Domain("resource_calendar_id.flexible_hours", "=", True)
            & Domain("resource_calendar_id.company_id", "in", companies.ids)
        )

    def _care_update_deadlines(self):
        """Recompute the targets of open cases of the teams that use these calendars."""
        if self:
            self._care_teams()._update_deadlines()

    def write(self, vals):
        result = super().write(vals)
        if not HOURS.isdisjoint(vals):
            self._care_update_deadlines()
        return result

    def unlink(self):
        # Their holidays become those of all calendars of the company.
        # sudo: as where deadlines are computed.
        holidays = self.env["resource.calendar.leaves"].sudo()
        holidays = holidays.search([("calendar_id", "in", self.ids)])
        teams = self._care_teams() | holidays._care_teams()
        result = super().unlink()
        teams.invalidate_recordset(["resource_calendar_id"])
        holidays.invalidate_recordset(["calendar_id"])
        (teams | holidays.exists()._care_teams())._update_deadlines()
        return result


def _utc(moment):
    moment = moment.astimezone(pytz.utc).replace(tzinfo=None)
    if moment.microsecond == 999_999:
        # Odoo's way to say midnight at the end of a day.
        moment += timedelta(microseconds=1)
    return moment


def _monday(moment, tz, weeks=0):
    """The beginning of the week of a moment, or of a later one, by a time zone.

    :param datetime moment: UTC
    :return: UTC
    """
    day = pytz.utc.localize(moment).astimezone(tz).date()
    day += timedelta(weeks=weeks, days=-day.weekday())
    return _utc(tz.localize(datetime.combine(day, time.min)))


class ResourceCalendarAttendance(models.Model):
    _inherit = "resource.calendar.attendance"

    @api.model_create_multi
    def create(self, vals_list):
        attendances = super().create(vals_list)
        attendances.calendar_id._care_update_deadlines()
        return attendances

    def write(self, vals):
        calendars = self.calendar_id
        result = super().write(vals)
        (calendars | self.calendar_id)._care_update_deadlines()
        return result

    def unlink(self):
        calendars = self.calendar_id
        result = super().unlink()
        calendars.exists()._care_update_deadlines()
        return result


class ResourceCalendarLeaves(models.Model):
    _inherit = "resource.calendar.leaves"

    def _care_teams(self):
        """The teams whose working time these shorten: by public holidays, not by the time
        off of a person."""
        # sudo: targets apply to all teams, also those the user cannot see.
        leaves = self.sudo().filtered(lambda leave: not leave.resource_id)
        teams = self.env["crm.care.team"].sudo()
        if not leaves:
            return teams
        domain = Domain("resource_calendar_id", "in", leaves.calendar_id.ids)
        everywhere = leaves.filtered(lambda leave: not leave.calendar_id)
        if everywhere:
            if all(leave.company_id for leave in everywhere):
                domain |= Domain("company_id", "in", everywhere.company_id.ids)
            else:
                domain = Domain.TRUE
        return teams.with_context(active_test=False).search(
            domain & Domain("resource_calendar_id", "!=", False)
        )

    @api.model_create_multi
    def create(self, vals_list):
        leaves = super().create(vals_list)
        leaves._care_teams()._update_deadlines()
        return leaves

    def write(self, vals):
        teams = self._care_teams()
        result = super().write(vals)
        (teams | self._care_teams())._update_deadlines()
        return result

    def unlink(self):
        teams = self._care_teams()
        result = super().unlink()
        teams._update_deadlines()
        return result

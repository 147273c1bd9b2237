from datetime import timedelta

import pytz

from odoo import api, fields, models

from ..analytics.service_hours import FURTHEST, WorkingTime


class ResourceCalendar(models.Model):
    _inherit = "resource.calendar"

    def _care_time(self, start) -> WorkingTime:
        """The working time of a calendar, with its leaves, from a moment on; that of a
        clock for no calendar.

        :param datetime start: UTC
        """
        if not self:
            return WorkingTime(start, None)
        self.ensure_one()
        # sudo: hours and leaves of a team, which only its managers may look at.
        calendar = self.sudo()

        def look_up(since, until):
            found = calendar._work_intervals_batch(
                pytz.utc.localize(since), pytz.utc.localize(until)
            )
            for begin, end, _attendance in found[False]:
                yield _utc(begin), _utc(end)

        return WorkingTime(start, look_up)

    def _care_closed_warning(self) -> str | bool:
        """Say that the calendar never opens from today on, where that is so."""
        now = fields.Datetime.now()
        if self._care_time(now).moment(1, now):
            return False
        return self.env._(
            "“%(calendar)s” has no working time in the next %(days)s days: no service "
            "target can be due. Enter working hours or leave the calendar empty.",
            calendar=self.display_name,
            days=FURTHEST.days,
        )

    def _care_follow(self):
        """Reckon anew what is open in the teams that work by these calendars."""
        # sudo: targets are everybody's, also of teams the user does not see.
        teams = self.env["crm.care.team"].sudo().with_context(active_test=False)
        teams = teams.search([("resource_calendar_id", "in", self.ids)])
        if teams:
            teams._open_cases()._apply_targets()

    def write(self, vals):
        result = super().write(vals)
        if not {"tz", "attendance_ids", "two_weeks_calendar"}.isdisjoint(vals):
            self._care_follow()
        return result


def _utc(moment):
    moment = moment.astimezone(pytz.utc).replace(tzinfo=None)
    if moment.microsecond == 999_999:
        # Odoo's way to say midnight at the end of a day.
        moment += timedelta(microseconds=1)
    return moment


class ResourceCalendarAttendance(models.Model):
    _inherit = "resource.calendar.attendance"

    @api.model_create_multi
    def create(self, vals_list):
        attendances = super().create(vals_list)
        attendances.calendar_id._care_follow()
        return attendances

    def write(self, vals):
        calendars = self.calendar_id
        result = super().write(vals)
        (calendars | self.calendar_id)._care_follow()
        return result

    def unlink(self):
        calendars = self.calendar_id
        result = super().unlink()
        calendars.exists()._care_follow()
        return result


class ResourceCalendarLeaves(models.Model):
    _inherit = "resource.calendar.leaves"

    def _care_follow(self):
        """Public holidays move targets; somebody's own time off does not."""
        leaves = self.filtered(lambda leave: not leave.resource_id)
        if not leaves:
            return
        calendars = leaves.calendar_id
        if len(calendars) < len(leaves):
            # One for all calendars of its company.
            # sudo: as where targets are reckoned.
            teams = self.env["crm.care.team"].sudo().search([])
            calendars |= teams.resource_calendar_id
        calendars._care_follow()

    @api.model_create_multi
    def create(self, vals_list):
        leaves = super().create(vals_list)
        leaves._care_follow()
        return leaves

    def write(self, vals):
        calendars = self.filtered(lambda leave: not leave.resource_id).calendar_id
        result = super().write(vals)
        calendars._care_follow()
        self._care_follow()
        return result

    def unlink(self):
        holidays = self.filtered(lambda leave: not leave.resource_id)
        calendars = holidays.calendar_id
        everywhere = len(calendars) < len(holidays)
        result = super().unlink()
        if everywhere:
            # sudo: as where targets are reckoned.
            teams = self.env["crm.care.team"].sudo().search([])
            calendars |= teams.resource_calendar_id
        calendars._care_follow()
        return result

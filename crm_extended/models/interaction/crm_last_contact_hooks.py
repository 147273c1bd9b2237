"""Where contacts come about, change and go: each notes the record, and no more. For
messages see ``mail_message``, for partners ``crm_silence_mixin``."""

from odoo import api, models

MEETING_FIELDS = {
    "active",
    "start",
    "stop",
    "start_date",
    "stop_date",
    "duration",
    "allday",
    "partner_ids",
    "attendee_ids",
}


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    def write(self, vals):
        result = super().write(vals)
        if MEETING_FIELDS & vals.keys():
            self.env["crm.last.contact"]._note("meeting", self.ids)
        return result

    def unlink(self):
        self.env["crm.last.contact"]._note("meeting", self.ids)
        return super().unlink()


class CalendarAttendee(models.Model):
    _inherit = "calendar.attendee"

    @api.model_create_multi
    def create(self, vals_list):
        attendees = super().create(vals_list)
        self.env["crm.last.contact"]._note("meeting", attendees.event_id.ids)
        return attendees

    def write(self, vals):
        result = super().write(vals)
        if {"state", "partner_id", "event_id"} & vals.keys():
            self.env["crm.last.contact"]._note("meeting", self.event_id.ids)
        return result

    def unlink(self):
        self.env["crm.last.contact"]._note("meeting", self.event_id.ids)
        return super().unlink()

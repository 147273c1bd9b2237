from odoo import models

# Changed, they move a meeting or give it other attendees.
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
    """Meetings are contacts with customers; attendees enqueue new ones."""

    _inherit = "calendar.event"

    def write(self, vals):
        result = super().write(vals)
        if MEETING_FIELDS & vals.keys():
            self.env["crm.last.contact"]._enqueue("meeting", self.ids)
        return result

    def unlink(self):
        self.env["crm.last.contact"]._enqueue("meeting", self.ids)
        return super().unlink()

from odoo import api, models


class CalendarAttendee(models.Model):
    """A meeting is a contact with the customers who attend it."""

    _inherit = "calendar.attendee"

    @api.model_create_multi
    def create(self, vals_list):
        attendees = super().create(vals_list)
        self.env["crm.last.contact"]._enqueue("meeting", attendees.event_id.ids)
        return attendees

    def write(self, vals):
        result = super().write(vals)
        if {"state", "partner_id", "event_id"} & vals.keys():
            self.env["crm.last.contact"]._enqueue("meeting", self.event_id.ids)
        return result

    def unlink(self):
        self.env["crm.last.contact"]._enqueue("meeting", self.event_id.ids)
        return super().unlink()

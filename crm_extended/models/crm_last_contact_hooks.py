"""Where contacts come about, change and go: each notes the record, and no more."""

from odoo import api, models

MESSAGE_FIELDS = {
    "author_id",
    "partner_ids",
    "date",
    "message_type",
    "subtype_id",
    "is_internal",
    "record_company_id",
    "model",
    "res_id",
    "mail_activity_type_id",
}
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
# A customer is another one, or belongs to another company.
PARTNER_FIELDS = {"parent_id", "is_company", "company_id"}


class MailMessage(models.Model):
    _inherit = "mail.message"

    @api.model_create_multi
    def create(self, vals_list):
        messages = super().create(vals_list)
        note = self.env.ref("mail.mt_note").id
        staff = self.env.user._is_internal()
        talk = [
            message.id
            for message in messages
            if message.message_type in ("email", "comment")
            and not message.is_internal
            and message.subtype_id.id != note
            # Staff among themselves; a visitor's chat counts.
            and not (staff and message.model == "discuss.channel")
        ]
        done = [message.id for message in messages if message.mail_activity_type_id]
        for source, ids in (("message", talk), ("activity", done)):
            if ids:
                self.env["crm.last.contact"]._note(source, ids, new=True)
        return messages

    def write(self, vals):
        result = super().write(vals)
        if MESSAGE_FIELDS & vals.keys():
            self._note_contacts()
        return result

    def unlink(self):
        self._note_contacts()
        return super().unlink()

    def _note_contacts(self):
        Contact = self.env["crm.last.contact"]
        for source in ("message", "activity"):
            Contact._note(source, self.ids)


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


class CrmInteraction(models.Model):
    _inherit = "crm.interaction"

    @api.model_create_multi
    def create(self, vals_list):
        interactions = super().create(vals_list)
        self.env["crm.last.contact"]._note("interaction", interactions.ids, new=True)
        return interactions

    def write(self, vals):
        result = super().write(vals)
        self.env["crm.last.contact"]._note("interaction", self.ids)
        return result

    def unlink(self):
        self.env["crm.last.contact"]._note("interaction", self.ids)
        return super().unlink()

    def _compute_partner_id(self):
        # The customer of its lead becomes its own without anybody writing it.
        result = super()._compute_partner_id()
        if known := self._origin.ids:
            self.env["crm.last.contact"]._note("interaction", known)
        return result


class ResPartner(models.Model):
    _inherit = "res.partner"

    def write(self, vals):
        moves = PARTNER_FIELDS & vals.keys()
        before = self.commercial_partner_id if moves else self.browse()
        result = super().write(vals)
        if moves:
            customers = before | self.commercial_partner_id
            self.env["crm.last.contact"]._note_customers(customers)
        return result


class MergePartnerAutomatic(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        partners = self.env["res.partner"].browse(partner_ids).exists()
        customers = partners.commercial_partner_id
        result = super()._merge(partner_ids, dst_partner, extra_checks)
        # The keys have been changed by SQL; rows of the customer that is gone went with
        # them, those of a company whose contact is gone did not.
        customers |= partners.exists().commercial_partner_id
        self.env["crm.last.contact"]._note_customers(customers.exists())
        return result

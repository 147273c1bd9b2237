from odoo import api, models

from .crm_timeline_message_sql import MESSAGE_CLASS, MESSAGE_SUBTYPE

# Changed, they make a message another contact with a customer, or none.
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


class MailMessage(models.Model):
    """The timeline reads the messages of a record in the order of their dates."""

    _inherit = "mail.message"

    # With what tells the kinds apart, so that few of a kind among many are found without
    # reading the many.
    _timeline_index = models.Index(
        "(model, res_id, date, id) INCLUDE"
        " (message_type, subtype_id, is_internal, mail_activity_type_id)"
    )
    # Messages of anybody in the order of their dates: a page of a customer with many
    # messages spans a short time.
    _timeline_date_index = models.Index("(date, id)")

    # To count few of a kind among many: the same for most messages of a record, so that
    # it is a tenth of the others in size.
    _timeline_kind_index = models.Index(
        f"(model, res_id, {' '.join(MESSAGE_CLASS.split())}, ({MESSAGE_SUBTYPE}))"
        " WHERE message_type <> 'user_notification'"
    )

    @api.model_create_multi
    def create(self, vals_list):
        messages = super().create(vals_list)
        note = self.env["ir.model.data"]._xmlid_to_res_id("mail.mt_note")
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

from odoo import api, fields, models

from ..timeline.sources.message_conditions import MESSAGE_CLASS, MESSAGE_SUBTYPE

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
        messages = super().create([self._dated(vals) for vals in vals_list])
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

    @api.model
    def _dated(self, vals):
        """The values of a message, which was not written later than now, whatever whoever
        writes it says."""
        now = fields.Datetime.now()
        if vals.get("date") and fields.Datetime.to_datetime(vals["date"]) > now:
            return {**vals, "date": now}
        return vals

    def write(self, vals):
        result = super().write(self._dated(vals))
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

    # -- The mail that opened a case

    def _show_first_mail(self, case):
        """Let the customer see the mail by which they have opened a case: customers are
        shown discussions, and it is kept as what has opened it.

        Not what one of the staff has written, who is not the customer.
        """
        # sudo: who wrote it, and how it is kept.
        mail = self.sudo()
        author = mail.author_id
        if mail.subtype_id == case._creation_subtype() and (
            author.partner_share or author in (author.browse(), case.partner_id)
        ):
            mail.subtype_id = self.env.ref("mail.mt_comment")

    def _hide_first_mails(self, author):
        """Take back what was shown of an author, who is one of the staff after all."""
        mails = self.filtered(lambda message: message.message_type == "email")
        first = mails.sorted("id")[:1]
        if first.author_id == author and not first.parent_id:
            first.subtype_id = self.env.ref("crm_extended.mt_care_case_new")

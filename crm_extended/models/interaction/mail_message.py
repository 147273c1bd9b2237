from odoo import api, fields, models

# Changed, they can make a message another contact with a customer, or none.
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
    """Messages are contacts with customers, dated no later than they were written."""

    _inherit = "mail.message"

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
                self.env["crm.last.contact"]._enqueue(source, ids, new=True)
        return messages

    @api.model
    def _dated(self, vals):
        """The values of a message; a date in the future becomes now."""
        now = fields.Datetime.now()
        if vals.get("date") and fields.Datetime.to_datetime(vals["date"]) > now:
            return {**vals, "date": now}
        return vals

    def write(self, vals):
        result = super().write(self._dated(vals))
        if MESSAGE_FIELDS & vals.keys():
            self._enqueue_contacts()
        return result

    def unlink(self):
        self._enqueue_contacts()
        return super().unlink()

    def _enqueue_contacts(self):
        Contact = self.env["crm.last.contact"]
        for source in ("message", "activity"):
            Contact._enqueue(source, self.ids)

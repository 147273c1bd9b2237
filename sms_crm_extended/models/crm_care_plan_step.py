from odoo import fields, models
from odoo.tools import plaintext2html


class CrmCarePlanStep(models.Model):
    """Steps that send text messages, to whom the contact policy allows them. They are
    queued, and sent by Odoo."""

    _inherit = "crm.care.plan.step"

    kind = fields.Selection(
        selection_add=[("sms", "SMS")],
        ondelete={"sms": lambda steps: steps._forget_kind()},
    )
    sms_template_id = fields.Many2one(
        "sms.template",
        string="SMS Template",
        domain=[("model", "=", "res.partner")],
        index="btree_not_null",
        ondelete="set null",
    )
    sms_text = fields.Text(
        string="SMS Text",
        translate=True,
        help="Sent as it is where no template is chosen.",
    )

    def _get_needed_fields(self):
        needed = super()._get_needed_fields()
        if self.kind == "sms" and not self.sms_template_id:
            needed += ("sms_text",)
        return needed

    def _get_channel(self):
        return "sms" if self.kind == "sms" else super()._get_channel()

    def _is_message(self):
        return self.kind == "sms" or super()._is_message()

    def _proof_texts(self):
        if self.kind != "sms":
            return super()._proof_texts()
        # A text without a template has no placeholders.
        return self.sms_template_id, {"body": "inline_template"}

    def _run_sms(self, enrollments):
        if not (self.sms_template_id or self.sms_text):
            return self._skipped(enrollments, "definition_gone")
        return self._contact(enrollments, "sms", self._queue_messages)

    def _queue_messages(self, contacts, _of_contact) -> dict[int, dict]:
        """Queue one text message for each contact, in their language, and note it."""
        bodies = {}
        for lang, people in contacts.grouped("lang").items():
            bodies |= self.with_context(lang=lang or self.env.lang)._sms_bodies(people)
        notes = contacts._message_log_batch(
            {id_: plaintext2html(body) for id_, body in bodies.items()},
            message_type="sms",
        )
        # sudo: users who define plans need not be allowed to send messages.
        self.env["sms.sms"].sudo().create(
            [
                {
                    "body": bodies[contact.id],
                    "number": contact.phone_sanitized,
                    "partner_id": contact.id,
                    "mail_message_id": note.id,
                    "state": "outgoing",
                }
                for contact, note in zip(contacts, notes, strict=True)
            ]
        )
        return {
            contact.id: {"mail_message_id": note.id}
            for contact, note in zip(contacts, notes, strict=True)
        }

    def _sms_bodies(self, contacts) -> dict[int, str]:
        # sudo: as above.
        template = self.sudo().sms_template_id
        if template:
            return template._render_field("body", contacts.ids)
        return dict.fromkeys(contacts.ids, self.sms_text)

from markupsafe import Markup

from odoo import api, models

from ...analytics.interaction.mail_characters import one_line
from .crm_care_case import BY_ITSELF


class CrmCareCase(models.Model):
    """The first mail of a case, and the acknowledgement that answers it."""

    _inherit = "crm.care.case"

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._on_one_line(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._on_one_line(vals))

    @api.model
    def _on_one_line(self, vals):
        """The values of a case; a subject with line breaks could not be sent."""
        if isinstance(vals.get("name"), str):
            return {**vals, "name": one_line(vals["name"])}
        return vals

    def _message_post_after_hook(self, message, msg_values):
        result = super()._message_post_after_hook(message, msg_values)
        if message.message_type == "email":
            message._show_first_mail(self)
            if self.env.context.get("care_acknowledge") is BY_ITSELF:
                self.with_context(care_acknowledge=None)._acknowledge()
        return result

    def message_post(self, **kwargs):
        # An answer to the acknowledgement: Odoo would notify its author, and that is the
        # company itself.
        # sudo: which company it is, is no secret.
        ours = self.sudo().company_id.partner_id.id
        if kwargs.get("message_type") == "email" and kwargs.get("partner_ids"):
            kwargs["partner_ids"] = [
                id_ for id_ in kwargs["partner_ids"] if id_ != ours
            ]
        return super().message_post(**kwargs)

    def _send_acknowledgement(self, template, **email_values):
        """Send the mail that tells it. In the case stands a line of it, by which an
        answer finds the case.

        :param email_values: what of the mail is not as the template has it
        """
        self.ensure_one()
        # sudo: mails come from outside.
        case = self.sudo()
        asked = case.env["mail.message"].search(
            [
                ("model", "=", self._name),
                ("res_id", "=", self.id),
                ("message_type", "in", ("email", "comment")),
            ],
            order="id",
            limit=1,
        )
        # Neither out-of-office notes nor other robots answer.
        headers = {
            "Auto-Submitted": "auto-replied",
            "X-Auto-Response-Suppress": "All",
        }
        if asked.message_id:
            headers["In-Reply-To"] = asked.message_id
        mail_id = template.send_mail(
            self.id,
            email_values={
                "headers": repr(headers),
                "references": asked.message_id,
                "author_id": case.company_id.partner_id.id,
                # Neither a word of the customer's, nor one that a person has written.
                "message_type": "auto_comment",
                "subtype_id": self.env.ref("mail.mt_note").id,
                # Its message stays when the mail is deleted, once it is sent.
                "is_notification": True,
                **email_values,
            },
        )
        # sudo: as above.
        mail = self.env["mail.mail"].sudo().browse(mail_id)
        whom = mail.recipient_ids.mapped(lambda one: one.email_formatted or one.name)
        whom.append(mail.email_to)
        line = self._in_language_of_staff()._(
            "Acknowledgement sent to %s", ", ".join(filter(None, whom))
        )
        mail.mail_message_id.body = Markup("<p>%s</p>") % line

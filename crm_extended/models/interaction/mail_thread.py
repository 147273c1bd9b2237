from copy import deepcopy

from odoo import api, fields, models

from ...analytics.interaction.mail_characters import (
    damaged_files,
    keep_bytes,
    mend_headers,
    mend_texts,
)


class MailThread(models.AbstractModel):
    """Mails state their own date and encoding, and both can be wrong. Mails to all
    models are corrected, because the timeline also shows those to leads."""

    _inherit = "mail.thread"

    # -- Encoding

    @api.model
    def message_parse(self, message, save_original=False):
        original = deepcopy(message) if save_original else None
        mend_headers(message)
        parsed = super().message_parse(message, save_original=save_original)
        if original:
            parsed["attachments"][:1] = [
                file._replace(content=original.as_bytes())
                for file in parsed["attachments"][:1]
            ]
        return parsed

    def _message_parse_extract_payload(
        self, message, message_dict, save_original=False
    ):
        mend_texts(message)
        damaged = damaged_files(message)
        if damaged and self._keeps_bytes(message_dict):
            for part in damaged:
                keep_bytes(part)
        return super()._message_parse_extract_payload(
            message, message_dict, save_original=save_original
        )

    @api.model
    def _keeps_bytes(self, message_dict) -> bool:
        """Whether the files of a mail whose encoding is damaged are kept byte by byte.

        Add a reason in an override. All other mails stay as Odoo reads them, which its
        own tests expect.
        """
        return False

    # -- Date

    @api.model
    def _message_route_process(self, message, message_dict, routes):
        # Clocks can be wrong and dates can be forged: a mail has the date of its
        # arrival. The chatter shows messages in that order anyway.
        message_dict["date"] = fields.Datetime.to_string(fields.Datetime.now())
        return super()._message_route_process(message, message_dict, routes)

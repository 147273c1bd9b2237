from odoo import api, models

ANY_BYTES = bytes(range(256))


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    @api.model
    def message_parse(self, message, save_original=False):
        _name_known_encodings(message)
        return super().message_parse(message, save_original=save_original)


def _name_known_encodings(message):
    """Let what is in an encoding that nobody knows be read as far as it can be: the mail
    would be lost otherwise."""
    for part in message.walk():
        charset = part.get_content_charset() or "utf-8"
        try:
            # Tried, because some that Python knows are of no text.
            ANY_BYTES.decode(charset, "replace")
        except (LookupError, ValueError):
            part.set_param("charset", "utf-8")

from copy import deepcopy

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import email_split

from ...analytics.interaction.mail_characters import (
    damaged_files,
    keep_bytes,
    mend_headers,
    mend_texts,
)


class MailThread(models.AbstractModel):
    """What a mail says of itself, when and in which letters it was written, is the
    sender's word. This is done to mails to all models: whoever writes to a lead is in the
    timeline, too."""

    _inherit = "mail.thread"

    # -- In which letters

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
        # Elsewhere they stay as Odoo reads them, which its own tests expect.
        damaged = damaged_files(message)
        if damaged and self._is_mail_for_care(message_dict):
            for part in damaged:
                keep_bytes(part)
        return super()._message_parse_extract_payload(
            message, message_dict, save_original=save_original
        )

    @api.model
    def _is_mail_for_care(self, message_dict) -> bool:
        """Whether a mail answers one of a case, or goes to the address of a team."""
        # sudo: mails come from outside.
        parent = self.env["mail.message"].sudo()
        if parent.browse(message_dict.get("parent_id") or []).model == "crm.care.case":
            return True
        addresses = [
            address.lower()
            for address in email_split(message_dict.get("recipients") or "")
        ]
        local = Domain("alias_incoming_local", "=", True) & Domain(
            "alias_name", "in", [address.partition("@")[0] for address in addresses]
        )
        aliases = self.env["mail.alias"].sudo()
        return bool(
            aliases.search_count(
                Domain("alias_model_id.model", "=", "crm.care.case")
                & (Domain("alias_full_name", "in", addresses) | local),
                limit=1,
            )
        )

    # -- When

    @api.model
    def _message_route_process(self, message, message_dict, routes):
        # Clocks go wrong, and a date is written in a moment: a mail counts from when it
        # came in. The chatter shows messages in that order anyway.
        message_dict["date"] = fields.Datetime.to_string(fields.Datetime.now())
        return super()._message_route_process(message, message_dict, routes)

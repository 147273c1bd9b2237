import logging
from datetime import timedelta

from markupsafe import Markup

from odoo import SUPERUSER_ID, api, models
from odoo.fields import Domain

_logger = logging.getLogger(__name__)


class CrmCareCase(models.Model):
    """Notes of the mail gateway on cases, and how many mails of an address it takes."""

    _inherit = "crm.care.case"

    # -- Mails that only claim who they are from

    def _note_claim(self, msg_dict):
        """Keep a mail that was routed here only by the number in its subject, as an
        internal note that names the claimed sender."""
        self.ensure_one()
        root = self.env.ref("base.partner_root")
        since = self._since()
        notes = Domain("model", "=", self._name) & Domain("res_id", "=", self.id)
        notes &= Domain("message_type", "=", "email") & Domain(
            "author_id", "=", root.id
        )
        # sudo: mails come from outside.
        messages = self.env["mail.message"].sudo()
        most = self._most_mails()
        if (
            messages.search_count(notes & Domain("create_date", ">=", since), most)
            >= most
        ):
            _logger.info("Refused a mail to case %s: too many", self.number)
            return
        intro = self._in_language_of_staff()._(
            "This email claims to be from %(sender)s. Its subject contains the "
            "number of this case, but it does not reply to any email of the case. It "
            "is not forwarded to the customer and does not meet any SLA target.",
            sender=msg_dict.get("email_from") or "?",
        )
        # A colleague should look at it.
        reader = (self.user_id or self.team_id.user_id).partner_id
        case = self.with_user(SUPERUSER_ID).with_context(
            attachments_mime_plainxml=True, mail_post_autofollow_author_skip=True
        )
        case.message_post(
            body=Markup("<p><em>%s</em></p>%s") % (intro, msg_dict.get("body") or ""),
            subject=msg_dict.get("subject"),
            author_id=root.id,
            email_from=root.email_formatted,
            message_type="email",
            subtype_xmlid="mail.mt_note",
            is_internal=True,
            message_id=msg_dict["message_id"],
            partner_ids=reader.ids,
            attachments=msg_dict.get("attachments") or [],
            **({"date": msg_dict["date"]} if msg_dict.get("date") else {}),
        )

    def _note_named(self, new_case, msg_dict):
        """Log on a case that a contact unrelated to it named it in a mail that became
        another case. Mails of unknown senders are not logged."""
        self.ensure_one()
        if self._contacts_at(msg_dict.get("email_from"), self.company_id):
            body = self._in_language_of_staff()._(
                "%(sender)s mentions this case in an email that was opened as "
                "%(case)s.",
                sender=msg_dict["email_from"],
                case=new_case._get_html_link(),
            )
            self.with_user(SUPERUSER_ID)._message_log(body=body)

    # -- How many mails of an address are taken; the numbers are Odoo's own

    @api.model
    def _number_of(self, name, default) -> int:
        # sudo: a setting.
        return int(self.env["ir.config_parameter"].sudo().get_param(name, default))

    @api.model
    def _most_mails(self) -> int:
        return self._number_of("mail.gateway.loop.threshold", 20)

    @api.model
    def _since(self):
        minutes = self._number_of("mail.gateway.loop.minutes", 120)
        return self.env.cr.now() - timedelta(minutes=minutes)

    @api.model
    def _is_allowed_sender(self, address) -> bool:
        # sudo: the list is for administrators.
        allowed = self.env["mail.gateway.allowed"].sudo()
        return bool(allowed.search_count([("email_normalized", "=", address)], limit=1))

    @api.model
    def _recent_from(self, address, team_id) -> Domain:
        """Cases that an address opened lately by mail to a team."""
        domain = Domain("email_normalized", "=", address)
        domain &= Domain("create_date", ">=", self._since())
        domain &= Domain("channel", "=", "email")
        return domain & Domain("team_id", "=", team_id) if team_id else domain

    @api.model
    def _domain_of_machines(self) -> Domain:
        return Domain("opened_by_machine", "=", True)

    def _wrote_too_often(self) -> bool:
        """Whether the sender opened so many cases that another answer may feed a mail
        loop."""
        self.ensure_one()
        most = self._most_mails()
        # sudo: cases of all team members; mails come from outside.
        recent = self.sudo().with_context(active_test=False)
        domain = self._recent_from(self.email_normalized, self.team_id.id)
        return recent.search_count(domain, limit=most + 1) > most

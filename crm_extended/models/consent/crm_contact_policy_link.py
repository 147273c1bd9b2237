import ast
import secrets

from markupsafe import Markup
from werkzeug.urls import url_encode

from odoo import api, models
from odoo.tools import consteq, hmac
from odoo.tools.mail import append_content_to_html, email_normalize_all

# What links are signed for, and the parameter that makes all of them invalid at once.
SCOPE = "crm_extended-contact-preferences"
SALT = "crm_extended.preference_salt"


class CrmContactPolicy(models.AbstractModel):
    """A part of the policy: signed links to the page on which a person chooses what they
    may be contacted for."""

    _inherit = "crm.contact.policy"

    @api.model
    def _preference_salt(self) -> str:
        # sudo: a parameter of the system; it is never shown.
        parameters = self.env["ir.config_parameter"].sudo()
        salt = parameters.get_param(SALT)
        if not salt:
            salt = secrets.token_hex(16)
            parameters.set_param(SALT, salt)
        return salt

    @api.model
    def _forget_links(self):
        """Make all links invalid, and leave nothing of them."""
        # sudo: a parameter of the system.
        self.env["ir.config_parameter"].sudo().search([("key", "=", SALT)]).unlink()

    @api.model
    def _preference_token(self, contact_id: int, company_id: int) -> str:
        """The signature of a link, for one person and one company."""
        return hmac(
            self.env(su=True), SCOPE, (self._preference_salt(), contact_id, company_id)
        )

    @api.model
    def _preference_contact(self, contact_id: int, company_id: int, token: str):
        """The person whom a link belongs to, in the company it is of.

        It takes the same time whether there is such a person or not.

        :return: as superuser; empty where the link is not valid
        """
        # sudo: the link gives the right, and is checked here.
        contact = self.env["res.partner"].sudo().with_context(active_test=False)
        company = self.env["res.company"].sudo().browse(company_id)
        # Bytes, as texts of other letters cannot be compared in constant time.
        signature = self._preference_token(contact_id, company_id).encode()
        if not consteq(signature, token.encode()):
            return contact.browse()
        if not company.exists().active:
            return contact.browse()
        found = contact.browse(contact_id).exists()
        if not found:
            found = self.env["crm.merged.contact"].sudo()._find(contact_id)
        return contact.browse(found.id).with_company(company)

    @api.model
    def _preference_path(self, contact, purpose=None, page="preferences") -> str:
        company = self.env.company
        token = self._preference_token(contact.id, company.id)
        query = f"?{url_encode({'purpose': purpose.id})}" if purpose else ""
        return f"/contact/{page}/{contact.id}/{company.id}/{token}{query}"

    @api.model
    def _preference_url(self, contact, purpose=None, page="preferences") -> str:
        """The address of the page, for the current company."""
        return contact.get_base_url() + self._preference_path(contact, purpose, page)

    @api.model
    def _with_link(self, body, reader, purpose):
        """The text of a mail with the link to the page of its reader at the end.

        :param reader: ``res.partner``
        :return: HTML
        """
        text = self.with_context(lang=reader.lang).env._(
            "Choose what we may contact you for"
        )
        link = Markup(
            '<p style="font-size: 12px; margin: 16px 0 0;"><a href="%s">%s</a></p>'
        ) % (self._preference_url(reader, purpose), text)
        return append_content_to_html(body, link, plaintext=False)

    @api.model
    def _only_reader(self, mail, contact=None):
        """The contact who alone reads a mail, as the link is theirs alone; empty where
        others read it, or where it goes to another address than theirs.

        :param contact: whom it is meant for, if that is not its recipient
        """
        addresses = email_normalize_all(f"{mail.email_to or ''},{mail.email_cc or ''}")
        readers = mail.recipient_ids
        if not addresses and len(readers) == 1 and contact in (None, readers):
            return readers
        if contact and not readers and addresses == [contact.email_normalized]:
            return contact
        return readers.browse()

    @api.model
    def _sign_mails(self, mails, purpose, contact=None):
        """Let readers of mails refuse the purpose: by a link at the end, and by the button
        that mail programs show for ``List-Unsubscribe`` (RFC 2369 and 8058).

        :param mails: ``mail.mail``, each to one contact
        :param contact: whom they are to, where that is not their recipient
        """
        if not self.env["crm.feature"]._is_on("consent"):
            return
        for mail in mails:
            reader = self._only_reader(mail, contact)
            if not reader:
                continue
            headers = ast.literal_eval(mail.headers or "{}")
            values = {"body_html": self._with_link(mail.body_html, reader, purpose)}
            if purpose.basis != "always":
                address = self._preference_url(reader, purpose, page="unsubscribe")
                headers["List-Unsubscribe"] = f"<{address}>"
                headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
                values["headers"] = repr(headers)
            mail.write(values)

from odoo import models


class MailMessage(models.Model):
    """The mail by which a customer has opened a case."""

    _inherit = "mail.message"

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

from datetime import timedelta

from odoo import api, fields, models

from .crm_care_case import BY_ITSELF
from .crm_care_stage import CLOSED

# What people write to each other, not what Odoo writes by itself.
WRITTEN = ("comment", "email", "email_outgoing", "sms")


class CrmCareCase(models.Model):
    """How cases come in by mail, and what an answer does to them."""

    _inherit = "crm.care.case"

    # -- In by mail

    @api.model
    def message_new(self, msg_dict, custom_values=None):
        values = {
            "name": msg_dict.get("subject") or self.env._("No Subject"),
            "channel": "email",
            "opened_by_machine": bool(self.env.context.get("care_automatic_mail")),
            **(custom_values or {}),
        }
        # sudo: the company of a team; mails come from outside.
        team = self.env["crm.care.team"].sudo().browse(values.get("team_id") or [])
        author = self.env["res.partner"].browse(msg_dict.get("author_id") or [])
        values.setdefault(
            "partner_id", author.filtered(self._customer_of(team.company_id)).id
        )
        # Whoever reads the mailbox for Odoo is not the one who answers.
        case = super(CrmCareCase, self.with_context(default_user_id=False)).message_new(
            msg_dict, values
        )
        # Followers of both companies' sides hear of what is answered.
        case.message_subscribe(case.partner_id.ids)
        if "opened_date" not in values:
            # It came in when the case was opened, not a second earlier.
            msg_dict["date"] = fields.Datetime.to_string(case.opened_date)
        if not case.opened_by_machine and not case._wrote_too_often():
            # Once the mail stands in the case, to which the acknowledgement refers.
            case = case.with_context(care_acknowledge=BY_ITSELF)
        return case

    @api.model
    def _customer_of(self, company):
        """A filter of the contacts that can be customers of a company."""
        return lambda partner: (
            not company or partner.company_id in (company, company.browse())
        )

    def message_update(self, msg_dict, update_vals=None):
        if msg_dict.get("cc") and not self._may_add_readers(msg_dict):
            # Whoever found out a reference does not choose who gets the answers.
            msg_dict = {**msg_dict, "cc": False}
        return super().message_update(msg_dict, update_vals)

    def _may_add_readers(self, msg_dict) -> bool:
        """Whether the sender of a mail is the customer, one of his company, or somebody
        of the staff who may answer."""
        self.ensure_one()
        # sudo: whose case it is; mails come from outside.
        case = self.sudo()
        author = case.env["res.partner"].browse(msg_dict.get("author_id") or [])
        if author and author.commercial_partner_id == case.commercial_partner_id:
            return True
        sender = self._email_key(msg_dict.get("email_from"))
        if sender and sender == case.email_normalized:
            return True
        return bool(author) and case._can_answer(author)

    def _acknowledge(self):
        """Tell whoever asks, in his language, that it has come."""
        for case in self:
            # sudo: a setting of the team; mails come from outside.
            template = case.team_id.sudo().acknowledge_template_id
            if template and case.email_normalized:
                case._send_acknowledgement(template)

    def _answers_too_late(self) -> bool:
        """Whether an answer to the case makes a new one."""
        self.ensure_one()
        # sudo: a setting of the team; mails come from outside.
        days = self.team_id.sudo().reopen_days
        return (
            self.outcome in CLOSED
            and bool(self.closed_date)
            and (
                not days
                or self.closed_date < fields.Datetime.now() - timedelta(days=days)
            )
        )

    def _follow_up_values(self) -> dict:
        """What a new case takes over from the one that it follows."""
        return {
            "previous_case_id": self.id,
            "team_id": self.team_id.id,
            "type": self.type,
            "category_id": self.category_id.id,
            "order_id": self.order_id.id,
            "product_id": self.product_id.id,
        }

    # -- What a message does

    def _message_post_after_hook(self, message, msg_values):
        result = super()._message_post_after_hook(message, msg_values)
        self._follow_message(message)
        return result

    def _follow_message(self, message):
        """An answer of staff may reach a target, one of the customer takes the case up.

        Notes inside the company, and what is sent by itself, do neither.
        """
        self.ensure_one()
        if (
            message.message_type not in WRITTEN
            or message.is_internal
            # sudo: subtypes are no secret.
            or message.sudo().subtype_id.internal
        ):
            return
        # sudo: to know whether the author is one of us.
        author = message.sudo().author_id
        case = self.sudo()
        if author and not author.partner_share and author != case.partner_id:
            if not (
                self.env.context.get("care_by_number")
                or self.env.context.get("care_automatic_mail")
            ) and case._can_answer(author):
                # When it is entered: its date is what somebody says.
                case._note_first_response(fields.Datetime.now())
        elif not (
            self.env.context.get("care_automatic_mail")
            or self.env.context.get("care_thanks")
        ):
            case._take_up_by_answer()

    def _can_answer(self, partner) -> bool:
        """Whether somebody of the staff may answer the case: change it, not only read.

        Whatever way the message came: a colleague who may only read can still answer a
        notification by mail.
        """
        # sudo: to know which user it is, whose own right is asked for.
        users = partner.sudo().user_ids.filtered(lambda user: not user.share)
        return any(
            self.with_user(user)
            .with_context(allowed_company_ids=user.company_ids.ids)
            .has_access("write")
            for user in users
        )

    def _take_up_by_answer(self):
        """The customer has answered: the case is open again, and on the desk."""
        if self.opened_by_machine:
            self.opened_by_machine = False
        if not self.active and not self._answers_too_late():
            self.active = True
        if self.outcome == "waiting" or (
            self.outcome in CLOSED and not self._answers_too_late()
        ):
            stage = self.open_stage_id
            if not stage.active or stage.outcome != "open":
                stage = stage._first(self.team_id, "open")
            if stage:
                self._enter(stage)

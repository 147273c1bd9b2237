import logging
from datetime import timedelta

from markupsafe import Markup

from odoo import api, fields, models
from odoo.fields import Domain

from .crm_care_case import AUTOMATIC
from .crm_care_stage import CLOSED

_logger = logging.getLogger(__name__)

# What people write to each other, not what Odoo writes automatically.
WRITTEN = ("comment", "email", "email_outgoing", "sms")

# Cases dealt with in one transaction.
BATCH = 50


class CrmCareCase(models.Model):
    """Cases opened by mail and their acknowledgement, what an answer does to a case, and
    reminders of customers who do not answer."""

    _inherit = "crm.care.case"

    reminded_date = fields.Datetime(
        readonly=True,
        copy=False,
        help="When the customer was reminded to reply.",
    )

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
        # The user who reads the mailbox for Odoo is not the one who answers.
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
            case = case.with_context(care_acknowledge=AUTOMATIC)
        return case

    @api.model
    def _customer_of(self, company):
        """A filter of the contacts that can be customers of a company."""
        return lambda partner: (
            not company or partner.company_id in (company, company.browse())
        )

    def message_update(self, msg_dict, update_vals=None):
        if msg_dict.get("cc") and not self._may_add_readers(msg_dict):
            # A sender who found out a reference does not choose who gets the answers.
            msg_dict = {**msg_dict, "cc": False}
        return super().message_update(msg_dict, update_vals)

    def _may_add_readers(self, msg_dict) -> bool:
        """Whether the sender of a mail is the customer, a contact of the customer's
        company, or a member of staff who may answer."""
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
        """Acknowledge receipt to the sender, in their language."""
        if not self.env["crm.feature"]._is_on("care"):
            return
        for case in self:
            # sudo: a setting of the team; mails come from outside.
            template = case.team_id.sudo().acknowledge_template_id
            if template and case.email_normalized and case._may_be_mailed():
                case._send_acknowledgement(template)

    def _without_our_company(self, kwargs) -> dict:
        """Arguments of a message, without the company itself as a recipient.

        The author of an acknowledgement is the company: an answer to it would notify the
        company.
        """
        # sudo: which company it is, is no secret.
        ours = self.sudo().company_id.partner_id.id
        if kwargs.get("message_type") == "email" and kwargs.get("partner_ids"):
            kwargs["partner_ids"] = [
                id_ for id_ in kwargs["partner_ids"] if id_ != ours
            ]
        return kwargs

    def _send_acknowledgement(self, template, **email_values):
        """Send the mail of a template. A line about it is logged on the case, by which an
        answer finds the case.

        :param email_values: values of the mail that differ from the template's
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
        if len(mail.recipient_ids) == 1 and not mail.email_to:
            # sudo: as above. The link is the person's alone: it is in the mail, and not
            # in its message.
            policy = self.env["crm.contact.policy"].sudo().with_company(case.company_id)
            policy._sign_mails(mail, self.env.ref("crm_extended.purpose_service"))
        whom = mail.recipient_ids.mapped(lambda one: one.email_formatted or one.name)
        whom.append(mail.email_to)
        line = self._in_language_of_staff()._(
            "Acknowledgement sent to %s", ", ".join(filter(None, whom))
        )
        mail.mail_message_id.body = Markup("<p>%s</p>") % line

    # -- Answers

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
        """Values that a follow-up takes over from this case."""
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
        if message.message_type == "email":
            message._show_first_mail(self)
            if self.env.context.get("care_acknowledge") is AUTOMATIC:
                self.with_context(care_acknowledge=None)._acknowledge()
        self._apply_message(message)
        return result

    def _apply_message(self, message):
        """An answer of staff may reach a target; one of the customer reopens the case.

        Internal notes and automatic messages do neither.
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
            ) and (user := case._answering_user(author)):
                case._answered_by(user)
        elif not (
            self.env.context.get("care_automatic_mail")
            or self.env.context.get("care_thanks")
        ):
            case._reopen_by_answer()

    def _reopen_by_answer(self):
        """The customer has answered: open the case again, and unarchive it."""
        if self.opened_by_machine:
            self.opened_by_machine = False
        if not self.active and not self._answers_too_late():
            self.active = True
        goes_on = self.outcome == "waiting" or (
            self.outcome in CLOSED and not self._answers_too_late()
        )
        if goes_on and (stage := self._stage_to_reopen()):
            self._enter(stage)

    # -- Cases that wait for a customer who does not answer

    @api.model
    def _cron_follow_up(self):
        """Remind customers, and close cases they do not answer, as the teams want it."""
        if not self.env["crm.feature"]._is_on("care"):
            return
        # sudo: whichever user the administrator lets the job run as.
        self = self.sudo()
        teams = self.env["crm.care.team"].sudo()
        for team in teams.search([("remind_days", ">", 0)]):
            waiting = self._waiting_for(team, team.remind_days)
            domain = waiting & Domain("reminded_date", "=", False)
            if not self._in_batches(domain, "_remind"):
                return
        for team in teams.search([("close_days", ">", 0)]):
            domain = self._waiting_for(team, team.close_days)
            if team.complaint_guard:
                # Complaints need a cause and an action first.
                domain &= Domain("type", "!=", "complaint")
            if not self._in_batches(domain, "_close_unanswered"):
                return

    @api.model
    def _waiting_for(self, team, days) -> Domain:
        since = fields.Datetime.now() - timedelta(days=days)
        return Domain("team_id", "=", team.id) & Domain("sla_paused_since", "<=", since)

    @api.model
    def _in_batches(self, domain, method) -> bool:
        """Call a method on all cases of a domain, one batch in a transaction.

        :return: whether there is time to go on
        """
        last = 0
        while cases := self.search(
            domain & Domain("id", ">", last), order="id", limit=BATCH
        ):
            last = cases[-1].id
            for case in cases.try_lock_for_update():
                try:
                    with self.env.cr.savepoint():
                        getattr(case, method)()
                except Exception:
                    _logger.exception("%s failed for case %s.", method, case.id)
            remaining = 0 if len(cases) < BATCH else BATCH
            progress = self.env["ir.cron"]
            if not progress._commit_progress(len(cases), remaining=remaining):
                return False
        return True

    def _remind(self):
        """Remind the customer that we wait for their answer."""
        self.reminded_date = fields.Datetime.now()
        self._mail_customer("crm_extended.mail_template_care_reminder")

    def _close_unanswered(self):
        """Close a case whose customer did not answer, and notify them."""
        # Customers who did not answer about their case are not asked to rate it.
        case = self.with_context(care_unasked=AUTOMATIC)
        case._move("solved")
        if case.outcome in CLOSED:
            case._mail_customer("crm_extended.mail_template_care_closed")

    def _mail_customer(self, template_ref):
        template = self.env.ref(template_ref, raise_if_not_found=False)
        if template and self.email_normalized and self._may_be_mailed():
            self.message_post_with_source(
                template,
                message_type="auto_comment",
                subtype_xmlid="mail.mt_note",
                email_layout_xmlid="mail.mail_notification_light",
            )

    def _may_be_mailed(self) -> bool:
        """Whether mails that the case sends by itself may go to its customer.

        They are about the customer's own case, so neither refusals nor hours stop them.
        The policy knows contacts only: other addresses are written to.
        """
        self.ensure_one()
        # sudo: mails come from outside.
        case = self.sudo()
        contact = case.partner_id
        if not contact or contact.email_normalized != case.email_normalized:
            return True
        policy = case.env["crm.contact.policy"].with_company(case.company_id)
        purpose = self.env.ref("crm_extended.purpose_service")
        return policy._check(contact, purpose, "email")[contact.id]["allowed"]

    # -- The page on which customers choose

    def _notify_by_email_render_layout(
        self, message, recipients_group, msg_vals=False, render_values=None
    ):
        """Mails that a case sends by itself end with the customer's link. It stands in
        the mail alone: the message is read by colleagues, and by other customers."""
        body = super()._notify_by_email_render_layout(
            message, recipients_group, msg_vals, render_values
        )
        kind = (msg_vals or {}).get("message_type") or message.message_type
        ids = recipients_group["recipients_ids"]
        if kind != "auto_comment" or len(ids) != 1:
            return body
        if not self.env["crm.feature"]._is_on("consent"):
            return body
        # sudo: whoever solves a case need not be allowed to see its readers.
        reader = self.env["res.partner"].sudo().browse(ids)
        if not reader.partner_share:
            return body
        # sudo: as above.
        policy = self.env["crm.contact.policy"].sudo().with_company(self.company_id)
        return policy._with_link(
            body, reader, self.env.ref("crm_extended.purpose_service")
        )

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import email_normalize, plaintext2html
from odoo.tools.mail import email_split_tuples, formataddr

LONGEST_SUBJECT = 200
LONGEST_NAME = 100
# Before forms are acknowledged no more, so many times as many may come from everybody
# as from one address.
ALL_SENDERS = 10


class CrmCareCase(models.Model):
    """Cases that are opened by a form of the website.

    Whoever sends a form proves nothing by the address he gives. The case goes to the
    contact with that address, as one by mail does; he is shown nothing of it.
    """

    _inherit = "crm.care.case"

    contact_name = fields.Char(
        string="Sender's Name",
        compute="_compute_contact_name",
        inverse="_inverse_contact_name",
    )

    @api.depends("email_from")
    def _compute_contact_name(self):
        for case in self:
            pairs = email_split_tuples(case.email_from or "")
            case.contact_name = pairs[0][0] if pairs else False

    def _inverse_contact_name(self):
        for case in self.filtered("email_normalized"):
            case.email_from = _address(case.contact_name, case.email_normalized)

    # -- What a form says

    @api.model
    def website_form_input_filter(self, request, values):
        """Turn what a visitor has sent into values of a case.

        :param dict values: fields that are white-listed, in their types
        :raise ValidationError: with the names of the fields that are wrong
        :raise UserError: where no team gets cases of the website
        """
        company = request.website.company_id
        team = self._team_of_form(company, values.get("team_id"))
        email = email_normalize(values.get("email_from") or "", strict=True)
        user = self.env.user
        own = user.partner_id if not user._is_public() else user.partner_id.browse()
        name = _line(values.get("name"), LONGEST_SUBJECT)
        wrong = [] if name else ["name"]
        if not email and (values.get("email_from") or not own):
            wrong.append("email_from")
        if values.get("type", "request") not in self._fields["type"].get_values(
            self.env
        ):
            wrong.append("type")
        if wrong:
            raise ValidationError(wrong)
        if own:
            # Who is logged in is who they are, whatever address they give. One of
            # another company's is nobody's customer here.
            companies = (company, company.browse())
            partner = own if own.company_id in companies else own.browse()
            email = email or own.email_normalized
        else:
            partner, _reason = self._customer_at(email, company)
        return {
            "name": name,
            "type": values.get("type", "request"),
            "description": values.get("description") or "",
            "channel": "web",
            "team_id": team.id,
            "partner_id": partner.id,
            "email_from": _address(values.get("contact_name"), email)
            if email
            else partner.email,
        }

    @api.model
    def _team_of_form(self, company, team_id):
        """The team that a form names, if it takes cases of customers in the company of
        the website; otherwise the first that does."""
        # sudo: visitors have no access to teams.
        teams = (
            self.env["crm.care.team"]
            .sudo()
            .search([("company_id", "=", company.id), ("use_portal", "=", True)])
        )
        if not (teams and self.env["crm.feature"]._is_on("care")):
            raise UserError(
                self.env._("We are not accepting messages here at the moment.")
            )
        return teams.filtered(lambda team: team.id == team_id) or teams[0]

    # -- The case

    @api.model
    def _open_by_form(self, values, custom, meta):
        """Open a case, what was written as the customer's first message, as in a mail.

        :param dict values: of `website_form_input_filter`
        :param str custom: what was filled into fields that a case does not have
        :param str meta: what the browser said of itself
        """
        values = dict(values)
        text = values.pop("description", "")
        if custom:
            text += plaintext2html(custom)
        cases = self.with_context(mail_create_nosubscribe=True)
        case = cases._create_submitted(values)
        case.message_subscribe(case.partner_id.ids)
        case.message_post(
            body=text,
            author_id=case.partner_id.id,
            email_from=case.email_from,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )
        if meta:
            case._message_log(body=plaintext2html(meta))
        if not case._too_many_forms():
            case._acknowledge()
        return case

    @api.depends_context("care_number_only")
    def _compute_display_name(self):
        result = super()._compute_display_name()
        if self.env.context.get("care_number_only"):
            for case in self:
                case.display_name = case.number
        return result

    def _send_acknowledgement(self, template, **email_values):
        if self.channel == "web":
            # What a stranger wrote would go to whatever address he gives.
            template = template.with_context(care_number_only=True)
            [subject] = template._render_field(
                "subject", self.ids, compute_lang=True
            ).values()
            subject = subject.replace(self.name, "").strip() or self.number
            email_values["subject"] = subject
        return super()._send_acknowledgement(template, **email_values)

    def _attach_by_form(self, files):
        """Put files to the first message.

        :param list files: pairs of name and content
        """
        message = self.message_ids.filtered(
            lambda message: message.message_type == "comment"
        )[-1:]
        # Files of strangers are text where a browser could run them.
        attachments = self.env["ir.attachment"].with_context(
            attachments_mime_plainxml=True
        )
        message.attachment_ids += attachments.create(
            [
                {
                    "name": name,
                    "raw": content,
                    "res_model": self._name,
                    "res_id": self.id,
                }
                for name, content in files
            ]
        )

    def _too_many_forms(self) -> bool:
        """Whether so many cases came from the address, or by forms at all, that nobody
        asks for another mail there; the number is Odoo's own for mails that go round in
        circles."""
        self.ensure_one()
        number = self.env["ir.config_parameter"].sudo().get_param
        since = fields.Datetime.now() - timedelta(
            minutes=int(number("mail.gateway.loop.minutes", 120))
        )
        limit = int(number("mail.gateway.loop.threshold", 20))
        recent = Domain("create_date", ">=", since)
        from_there = recent & Domain("email_normalized", "=", self.email_normalized)
        by_forms = recent & Domain("channel", "=", "web")
        return any(
            self.search_count(domain, limit=most + 1) > most
            for domain, most in ((from_there, limit), (by_forms, limit * ALL_SENDERS))
        )


def _line(text, longest) -> str:
    """One line of what somebody wrote."""
    return " ".join((text or "").split())[:longest]


def _address(name, email) -> str:
    return formataddr((_line(name, LONGEST_NAME), email))

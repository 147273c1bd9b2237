import logging
import socket

from markupsafe import Markup

from odoo import Command, api, models
from odoo.fields import Domain
from odoo.tools import email_split, hmac
from odoo.tools.mail import generate_tracking_message_id, unfold_references

from ...analytics.care.mail_origin import is_machine
from ..common.groups import SETTINGS

_logger = logging.getLogger(__name__)

CASE = "crm.care.case"
# Among the values of a route: what has been found out about the mail on its way. Not to
# be confused with a field, and taken out before the values are used.
MARK = "care_mark"
# People may write so many times as often as machines before their mails are refused.
PEOPLE_PER_MACHINE = 10

# Headers of answers that must not be answered automatically.
AUTOMATIC_HEADERS = {
    "Auto-Submitted": "auto-replied",
    "X-Auto-Response-Suppress": "All",
}


class MailThread(models.AbstractModel):
    """Mails to care teams on their way to a case.

    A mail that answers one of a case, as its thread headers say, is taken for what it
    says it is. The number of a case in a subject proves nothing: numbers can be guessed,
    and a mail can claim any sender.
    """

    _inherit = "mail.thread"

    # -- Files

    @api.model
    def _keeps_bytes(self, message_dict):
        """Mails that answer one of a case, or go to the address of a team."""
        if super()._keeps_bytes(message_dict):
            return True
        # sudo: mails come from outside.
        parent = self.env["mail.message"].sudo()
        if parent.browse(message_dict.get("parent_id") or []).model == CASE:
            return True
        addresses = [
            address.lower()
            for address in email_split(message_dict.get("recipients") or "")
        ]
        local = Domain("alias_incoming_local", "=", True) & Domain(
            "alias_name", "in", [address.partition("@")[0] for address in addresses]
        )
        # sudo: as above.
        aliases = self.env["mail.alias"].sudo()
        return bool(
            aliases.search_count(
                Domain("alias_model_id.model", "=", CASE)
                & (Domain("alias_full_name", "in", addresses) | local),
                limit=1,
            )
        )

    # -- To which case

    @api.model
    def message_route(
        self, message, message_dict, model=None, thread_id=None, custom_values=None
    ):
        routes = super().message_route(
            message, message_dict, model, thread_id, custom_values
        )
        found = []
        for route in routes:
            if route and route[0] == CASE:
                route = self._care_route(message, message_dict, route)
                if route and self._care_refuses(message, message_dict, route):
                    route = None
            if route:
                found.append(route)
        return found

    @api.model
    def _care_route(self, message, message_dict, route):
        """Route a mail to the case it answers or names, or to a new case where that one
        has been closed for too long.

        :return: the route; none for a mail that has come before
        """
        model, case_id, values, user_id, alias = route
        # sudo: the mail comes from outside; what its sender may do is checked below.
        cases = self.env[CASE].sudo()
        values = dict(values or {})
        mark = values[MARK] = {"machine": is_machine_mail(message)}
        case = cases.browse(case_id or []).exists()
        if case and self._care_is_proven(message_dict, case):
            sender = "proven"
        else:
            case, sender = self._care_named(message_dict, case, values)
            user_id = self.env.uid
        if not case:
            return model, False, values, route[3], alias
        if sender == "stranger":
            values["linked_ids"] = [Command.link(case.id)]
            mark["names"] = case.id
            return model, False, values, route[3], alias
        if sender != "proven" and self._care_came_before(message_dict, case):
            return None
        if sender == "known":
            mark["claim"] = True
            return model, case.id, values, user_id, alias
        mark["by_number"] = sender == "customer"
        if not mark["machine"] and case._is_only_thanked(message_dict):
            mark["thanks"] = True
        elif case._answers_too_late():
            values |= case._follow_up_values()
            return model, False, values, route[3], alias
        return model, case.id, values, user_id, alias

    @api.model
    def _care_is_proven(self, message_dict, case) -> bool:
        """Whether a mail refers to a mail of the case, whose reference only its
        recipients know."""
        sender = case._email_key(message_dict.get("email_from"))
        gateway = (
            self.env.su
            or self.env.user.has_group(SETTINGS)
            # Users cannot speak for others by handing a mail over.
            or (sender and sender == self.env.user.email_normalized)
        )
        headers = (message_dict.get("references"), message_dict.get("in_reply_to"))
        references = [
            reference.strip()
            for header in headers
            for reference in unfold_references(header or "")[-32:]
        ]
        if not gateway or not references:
            return False
        # sudo: mails of the case; the user who hands this one over need not see them.
        return bool(
            self.env["mail.message"]
            .sudo()
            .search_count(
                [
                    ("message_id", "in", references),
                    ("model", "=", CASE),
                    ("res_id", "=", case.id),
                ],
                limit=1,
            )
        )

    @api.model
    def _care_named(self, message_dict, case, values):
        """The case that a mail names, preferably one of its sender, and what the sender
        is to it."""
        # sudo: the company of a team; mails come from outside.
        team = self.env["crm.care.team"].sudo().browse(values.get("team_id") or [])
        company = team.company_id or self.env.company
        address = message_dict.get("email_from")
        # sudo: see above.
        cases = self.env[CASE].sudo()
        contacts = cases._contacts_at(address, False)
        if case:
            return case, case._sender_is(address, contacts)
        named = cases._named_cases(message_dict.get("subject"), company)
        found = {"customer": cases, "known": cases, "stranger": cases}
        for case, marked in named.items():
            sender = case._sender_is(address, contacts)
            # A number of digits alone may be the number of something else.
            if not found[sender] and (marked or sender == "customer"):
                found[sender] = case
        return next(
            ((case, sender) for sender, case in found.items() if case), (cases, None)
        )

    @api.model
    def _care_came_before(self, message_dict, case) -> bool:
        """Give a mail that was routed by a number a reference of ours, so that its sender
        knows no reference of the case.

        :return: whether the same mail has come before, or comes there in another way
        """
        # sudo: the secret of the database.
        digest = hmac(
            self.env(su=True), "crm_extended.care_mail", message_dict["message_id"]
        )
        reference = f"<{digest[:40]}-openerp-{CASE}@{socket.gethostname()}>"
        references = message_dict.setdefault("care_references", {})
        if case.id in references:
            # By the address of another team.
            return True
        references[case.id] = reference
        # sudo: as Odoo looks for mails that have come before.
        messages = self.env["mail.message"].sudo()
        return bool(messages.search_count([("message_id", "=", reference)], limit=1))

    # -- Addresses that are no longer in use

    @api.model
    def _care_refuses(self, message, message_dict, route) -> bool:
        """Refuse mails to archived companies, new cases of archived teams, and all mails
        while service care is switched off."""
        _model, case_id, values, _user_id, _alias = route
        # sudo: mails come from outside.
        case = self.env[CASE].sudo().browse(case_id or [])
        team = self.env["crm.care.team"].sudo().browse(values.get("team_id") or [])
        team = case.team_id or team
        company = case.company_id or team.company_id
        if (
            self.env["crm.feature"]._is_on("care")
            and (not company or company.active)
            and (case or not team or team.active)
        ):
            return False
        _logger.info(
            "Refused mail from %s with Message-Id %s: the team or its company is "
            "archived, or service care is switched off",
            message_dict.get("email_from"),
            message_dict.get("message_id"),
        )
        if values[MARK]["machine"]:
            return True
        env = self.with_context(lang=self._care_lang(message_dict, company)).env
        if company.active and company.email:
            advice = env._("Please write to %s instead.", company.email)
        else:
            advice = env._(
                "Please use the contact details on our latest invoice or on our website."
            )
        body = env._(
            "This address is no longer in use, so your message “%(subject)s” was not "
            "delivered.",
            subject=message_dict.get("subject") or "",
        )
        self._care_bounce(message, message_dict, f"{body} {advice}")
        return True

    @api.model
    def _care_lang(self, message_dict, company):
        """The language of a sender, or of the company they write to."""
        # sudo: contacts, to choose the words by.
        author = self.env["res.partner"].sudo()
        author = author.browse(message_dict.get("author_id") or [])
        return author.lang or company.partner_id.lang or self.env.lang

    @api.model
    def _care_bounce(self, message, message_dict, text):
        """Answer that a mail was refused, with headers against automatic answers."""
        tag = generate_tracking_message_id("loop-detection-bounce-email")
        self._routing_create_bounce_email(
            message_dict.get("email_from"),
            Markup("<p>%s</p>") % text,
            message,
            references=f"{message_dict['message_id']} {tag}",
            headers=repr(AUTOMATIC_HEADERS),
        )

    # -- Mails that go round in circles

    @api.model
    def _detect_loop_sender(self, message, message_dict, routes):
        """Odoo counts all cases of an address, of whatever origin, before a new one.

        Counted are those that came to the team by mail. A person, or a form of a shop by
        which many write, is refused much later than a machine: from Odoo's own number
        on they get no acknowledgement, so that nothing is there to be answered.
        """
        new = [route for route in routes or () if route[0] == CASE and not route[1]]
        others = [route for route in routes or () if route not in new]
        if super()._detect_loop_sender(message, message_dict, others):
            return True
        # sudo: mails come from outside.
        cases = self.env[CASE].sudo()
        key = cases._email_key(message_dict.get("email_from"))
        if not new or not key or cases._is_allowed_sender(key):
            return False
        for _model, _case_id, values, _user_id, _alias in new:
            machine = (values.get(MARK) or {}).get("machine")
            most = cases._most_mails() * (1 if machine else PEOPLE_PER_MACHINE)
            domain = cases._recent_from(key, values.get("team_id"))
            if machine:
                domain &= cases._domain_of_machines()
            if cases.search_count(domain, limit=most) < most:
                continue
            _logger.info(
                "Refused mail from %s with Message-Id %s: too many cases",
                message_dict.get("email_from"),
                message_dict.get("message_id"),
            )
            if not machine:
                text = self.env._(
                    "Too many messages came from your address, so this one was not "
                    "delivered. Please try again in a few hours."
                )
                self._care_bounce(message, message_dict, text)
            return True
        return False

    # -- Into the case

    @api.model
    def _message_route_process(self, message, message_dict, routes):
        references = message_dict.pop("care_references", {})
        if not any(route[0] == CASE for route in routes or ()):
            return super()._message_route_process(message, message_dict, routes)
        thread_id = False
        for model, case_id, values, user_id, alias in routes:
            mails = self
            values, taken = dict(values or {}), dict(message_dict)
            if model == CASE:
                mark = values.pop(MARK, {})
                # sudo: the mail comes from outside.
                case = self.env[CASE].sudo().browse(case_id or [])
                taken["message_id"] = references.get(case.id, taken["message_id"])
                if mark.get("claim"):
                    case._note_claim(taken)
                    thread_id = case.id
                    continue
                self._care_prepare(taken, mark, case, values)
                if not taken.get("author_id"):
                    # In the name of no user who only claims the address.
                    user_id = self.env.uid
                mails = self.with_context(
                    care_automatic_mail=mark.get("machine"),
                    care_by_number=mark.get("by_number"),
                    care_thanks=mark.get("thanks"),
                )
            route = (model, case_id, values, user_id, alias)
            thread_id = super(MailThread, mails)._message_route_process(
                message, taken, [route]
            )
            if model == CASE and thread_id and mark.get("names"):
                named = self.env[CASE].sudo().browse(mark["names"])  # sudo: as above
                named._note_named(self.env[CASE].browse(thread_id), message_dict)
        return thread_id

    @api.model
    def _care_prepare(self, taken, mark, case, values):
        """Take out of a mail what its sender may not say."""
        # sudo: who is one of us.
        author = self.env["res.partner"].sudo().browse(taken.get("author_id") or [])
        staff = any(not user.share for user in author.user_ids)
        # sudo: the company of a team.
        team = self.env["crm.care.team"].sudo().browse(values.get("team_id") or [])
        company = case.company_id or team.company_id or self.env.company
        # sudo: the customer of the case, or of the case that it follows.
        cases = self.env[CASE].sudo()
        customer = (case or cases.browse(values.get("previous_case_id"))).partner_id
        if mark.get("by_number"):
            # Not one of us who has the same address.
            own = cases._email_key(taken.get("email_from")) == customer.email_normalized
            taken["author_id"] = customer.id if own else False
            taken.update(parent_id=False, is_internal=False)
        elif not staff and not (author and author == customer):
            # A contact who merely entered the address would become the author, and read
            # the mail.
            contact, _reason = cases._customer_at(taken.get("email_from"), company)
            taken["author_id"] = contact.id or False
        if mark.get("by_number") or (
            case and (mark.get("machine") or not case._may_add_readers(taken))
        ):
            # Nor do the people who got the mail beside us get the next answer.
            taken.update(cc=False, cc_filtered=False, to_filtered=False)
            taken["partner_ids"] = []
        if mark.get("machine") and staff and case and author != case.partner_id:
            # A colleague's robot does not speak to the customer.
            taken.update(is_internal=True, parent_id=False, partner_ids=[])


def is_machine_mail(message) -> bool:
    """Whether a machine sent a mail that no person wrote."""
    parts = message.get_payload() if message.is_multipart() else [message]
    kinds = [part.get_content_type() for part in parts if hasattr(part, "walk")]
    return is_machine(message.raw_items(), kinds)

from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...analytics.care.case_number import candidates
from ...analytics.care.thanks import only_thanks

# A mail of thanks counts as such within this many hours after the solution.
THANKS_HOURS = 24
# How many cases named in a subject are looked at.
MOST_NUMBERS = 20
# Contacts that portal users may change beside their own.
ADDRESS_BOOK = ("invoice", "delivery", "other")


class CrmCareCase(models.Model):
    """Who writes to a case: the contact of an address, and what the sender is to a case."""

    _inherit = "crm.care.case"

    opened_by_machine = fields.Boolean(
        string="Opened by an Automated Email",
        readonly=True,
        copy=False,
        help="The case was opened by an automated email. It is not assigned "
        "automatically until a person writes.",
    )
    customer_confirmed = fields.Boolean(
        readonly=True,
        copy=False,
        help="An agent linked the sender's address to the customer.",
    )
    missing_customer_reason = fields.Selection(
        [
            ("unknown", "No contact has this email address."),
            ("several", "Several contacts have this email address."),
            (
                "unverified",
                "The only contact with this email address entered it in their own "
                "portal profile. Check that it is theirs before you link them.",
            ),
        ],
        string="Reason for Missing Customer",
        compute="_compute_missing_customer_reason",
    )

    # Numbers are found in upper and lower case.
    _lower_number_index = models.Index("(lower(number), company_id)")

    @api.depends("partner_id", "email_normalized", "company_id")
    def _compute_missing_customer_reason(self):
        for case in self:
            reason = False
            if not case.partner_id and case.email_normalized:
                _contact, reason = self._customer_at(
                    case.email_normalized, case.company_id
                )
            case.missing_customer_reason = reason

    # -- Whose address it is

    @api.model
    def _contacts_at(self, address, company):
        """All contacts with an address that can be customers of a company."""
        key = self._email_key(address)
        # sudo: mails and forms come from outside; only the case gets the contact.
        partners = self.env["res.partner"].sudo()
        if not key or self.env["mail.alias.domain"].sudo()._find_aliases([key]):
            return partners
        domain = Domain("email_normalized", "=", key)
        if company:
            domain &= Domain("company_id", "in", (company.id, False))
        return partners.search(domain, order="id")

    @api.model
    def _customer_at(self, address, company):
        """The contact that an address belongs to beyond doubt.

        An address that several contacts have proves nothing, nor does one that portal
        users have entered for themselves: Odoo does not verify it, and they would read
        what others write. Where an agent has linked the address to one of the contacts
        before, that decides.

        :return: the contact, or none and why
        """
        contacts = self._contacts_at(address, company)
        if not contacts:
            return contacts, "unknown"
        if len(contacts) == 1 and self._is_verified(contacts, address):
            return contacts, False
        # sudo: what has been decided counts for all cases.
        decided = self.sudo().with_context(active_test=False)
        decided = decided.search(
            [
                ("email_normalized", "=", self._email_key(address)),
                ("partner_id", "in", contacts.ids),
                ("customer_confirmed", "=", True),
                *([("company_id", "=", company.id)] if company else []),
            ],
            order="id desc",
            limit=1,
        )
        if decided:
            return decided.partner_id, False
        return contacts.browse(), "several" if len(contacts) > 1 else "unverified"

    @api.model
    def _is_verified(self, contact, address) -> bool:
        """Whether an address of a contact is more than a portal user's own claim.

        Portal users change the addresses of their profile and of their address book,
        not their login: where staff have invited them by it, it is theirs.
        """
        # sudo: which users a contact has.
        users = contact.sudo().with_context(active_test=False).user_ids
        if not users:
            editors = contact.create_uid.sudo()
            if contact.type in ADDRESS_BOOK:
                editors |= contact.write_uid.sudo()
            return not any(user.share and not user._is_public() for user in editors)
        if any(not user.share for user in users):
            return True
        key = self._email_key(address)
        return any(
            self._email_key(user.login) == key
            and user.create_uid
            and not user.create_uid.share
            for user in users
        )

    # -- What a sender is to a case

    @api.model
    def _named_cases(self, subject, company):
        """Cases whose numbers stand in a subject, the longest first.

        :return: with each whether it stands there as a number
        """
        numbers = candidates(subject)
        if not numbers:
            return {}
        self.flush_model(["number", "company_id"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id, lower(number) FROM crm_care_case
                 WHERE lower(number) IN %s AND company_id = %s
              ORDER BY length(number) DESC, id
                 LIMIT %s
                """,
                tuple(numbers),
                company.id,
                MOST_NUMBERS,
            )
        )
        # sudo: the mail may come from any sender; what they may do is checked for each.
        cases = self.sudo().browse
        found = {}
        for case_id, number in rows:
            case = cases(case_id)._became()
            found[case] = found.get(case, False) or numbers.get(number, False)
        return found

    def _sender_is(self, address, contacts) -> str:
        """What the unproven sender of a mail is to a case: its customer, known there
        (staff, the customer's company, followers), or a stranger.

        :param contacts: all contacts with the address
        """
        self.ensure_one()
        key = self._email_key(address)
        if not key:
            return "stranger"
        # sudo: the customer, and which contacts are staff; mails come from outside.
        case = self.sudo()
        if key == case.partner_id.email_normalized:
            return "customer"
        if any(not user.share for user in contacts.user_ids):
            return "known"
        if key == case.email_normalized:
            return "customer"
        if contacts & case.message_partner_ids or (
            case.commercial_partner_id
            and case.commercial_partner_id in contacts.commercial_partner_id
        ):
            return "known"
        return "stranger"

    # -- Mails that only say thank you

    def _is_only_thanked(self, msg_dict) -> bool:
        """Whether a mail only thanks for the recent solution of the case."""
        self.ensure_one()
        # sudo: a setting of the team, and names; mails come from outside.
        case = self.sudo()
        since = fields.Datetime.now() - timedelta(hours=THANKS_HOURS)
        if (
            case.outcome != "solved"
            or not case.closed_date
            or case.closed_date < since
            or (case.team_id and not case.team_id.thanks_keep_closed)
            or any(_is_enclosed(file) for file in msg_dict.get("attachments") or ())
        ):
            return False
        names = [
            msg_dict.get("email_from"),
            case.partner_id.name,
            case.user_id.name,
            *case.message_ids.author_id.mapped("name"),
        ]
        return only_thanks(msg_dict.get("body"), names)


def _is_enclosed(file) -> bool:
    """Whether a file is more than a picture within the text, such as a logo."""
    info = file[2] if len(file) > 2 else None
    return not (info and info.get("cid"))

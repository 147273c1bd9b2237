from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_datetime

from .crm_contact_policy import WINDOW, day_of

# Whether an answer came after another one to the same question.
LATER = SQL(
    """
    later.partner_id = answer.partner_id AND later.company_id = answer.company_id
    AND later.purpose_id = answer.purpose_id
    AND (later.date, later.id) > (answer.date, answer.id)
    """
)


class CrmContactPolicy(models.AbstractModel):
    """A part of the policy: what people read of it, and find by it."""

    _inherit = "crm.contact.policy"

    @api.model
    def _mail_purposes(self):
        """The purposes of the current company for which mails are sent."""
        purposes = self.env["crm.consent.purpose"].search(
            [("company_id", "in", (False, self.env.company.id))]
        )
        return purposes.filtered(lambda purpose: "email" in purpose._channel_keys())

    @api.model
    def _mailable_domain(self, purpose) -> Domain:
        """Contacts who may be mailed for a purpose, apart from hours and limits."""
        self._flush_what_is_read()
        return Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                """
                (%(id)s IN (SELECT p.id FROM res_partner AS p
                             WHERE %(hindrance)s IS NULL AND %(answered)s))
                """,
                id=SQL.identifier(alias, "id"),
                hindrance=self._hindrance("email", purpose.basis),
                answered=self._answered(purpose),
            )
        )

    @api.model
    def _mailable_ids(self, contacts, purpose) -> set[int]:
        """Of these contacts those who may be mailed for a purpose."""
        answers = self._check(contacts, purpose, "email")
        return {
            id_
            for id_, answer in answers.items()
            if answer["allowed"] or answer["reason"] in ("limit", "quiet")
        }

    def _answered(self, purpose) -> SQL:
        """Whether the answers of a contact allow a purpose."""
        is_on = self.env["crm.feature"]._is_on("consent")
        if purpose.basis == "always":
            return SQL("TRUE")
        if purpose.basis == "unless_refused" or not is_on:
            return SQL("p.id NOT IN (%s)", self._refusing(purpose))
        return SQL(
            """
            p.id IN (SELECT answer.partner_id FROM crm_consent AS answer
                      WHERE %(question)s AND answer.state = 'given'
                        AND (answer.valid_until IS NULL
                             OR answer.valid_until >= %(today)s)
                        AND NOT EXISTS (SELECT FROM crm_consent AS later
                                         WHERE %(later)s))
            """,
            question=self._question(purpose),
            today=day_of(fields.Datetime.now(), self._company_zone()),
            later=LATER,
        )

    def _refusing(self, purpose) -> SQL:
        """A query for the ids of contacts who have refused a purpose."""
        return SQL(
            """
            SELECT answer.partner_id FROM crm_consent AS answer
             WHERE %s AND answer.state IN ('refused', 'withdrawn')
               AND NOT EXISTS (SELECT FROM crm_consent AS later
                                WHERE %s AND later.state <> 'pending')
            """,
            self._question(purpose),
            LATER,
        )

    def _question(self, purpose) -> SQL:
        return SQL(
            "answer.company_id = %s AND answer.purpose_id = %s",
            self.env.company.id,
            purpose.id,
        )

    # -- Profiling

    @api.model
    def _profiling_refused_domain(self) -> Domain:
        """Contacts who refused profiling, in the current company."""
        purpose = self.env.ref("crm_extended.purpose_profiling")
        self._flush_what_is_read()
        return Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                "%s IN (%s)", SQL.identifier(alias, "id"), self._refusing(purpose)
            )
        )

    @api.model
    def _refusing_profiling(self, contacts):
        """Of these contacts those who refused profiling."""
        if not contacts:
            return contacts
        purpose = self.env.ref("crm_extended.purpose_profiling")
        self._flush_what_is_read()
        rows = self.env.execute_query(
            SQL(
                "SELECT * FROM (%s) AS refusing WHERE partner_id = ANY(%s)",
                self._refusing(purpose),
                contacts.ids,
            )
        )
        return contacts.browse([id_ for [id_] in rows])

    # -- A line on the contact

    @api.model
    def _describe(self, contact) -> str:
        """Whether a contact may be mailed, why, how many touches there were, and the time
        zone that counts, in words."""
        purpose = self._shown_purpose()
        if not purpose:
            return ""
        answer = self._check(contact, purpose, "email")[contact.id]
        lines = [self._describe_answer(purpose, answer)]
        company = self.env.company
        if company.contact_limit and self._counted_channels():
            since = fields.Datetime.now() - WINDOW
            dates = self._committed_touches(contact.commercial_partner_id, since)
            lines.append(
                self.env._(
                    "%(count)s of %(limit)s touches this week used.",
                    count=len(dates[contact.commercial_partner_id.id]),
                    limit=company.contact_limit,
                )
            )
        lines.append(self._describe_zone(contact))
        if self._refusing_profiling(contact):
            lines.append(
                self.env._(
                    "Profiling refused: left out of forecasts, recommendations, care "
                    "plans, the watch list and campaigns."
                )
            )
        return " ".join(lines)

    @api.model
    def _shown_purpose(self):
        """The purpose of the line on contacts: marketing, or else the first with mails
        that can be refused."""
        purposes = self._mail_purposes()
        marketing = self.env.ref(
            "crm_extended.purpose_marketing", raise_if_not_found=False
        )
        if marketing in purposes:
            return marketing
        return purposes.filtered(lambda purpose: purpose.basis != "always")[:1]

    def _describe_answer(self, purpose, answer) -> str:
        if answer["allowed"]:
            return self.env._("May be mailed for “%s”.", purpose.name)
        if answer["date"]:
            return self.env._(
                "May be mailed for “%(purpose)s”, next from %(date)s (%(reason)s).",
                purpose=purpose.name,
                date=format_datetime(
                    self.env, answer["date"], dt_format="EEEE, MMM d, HH:mm"
                ),
                reason=self._reason_label(answer["reason"]),
            )
        return self.env._(
            "May not be mailed for “%(purpose)s”: %(reason)s.",
            purpose=purpose.name,
            reason=self._reason_label(answer["reason"]),
        )

    def _reason_label(self, reason) -> str:
        field = self.env["crm.contact.hold"]._fields["reason"]
        label = dict(field._description_selection(self.env))[reason]
        return label[:1].lower() + label[1:]

    def _describe_zone(self, contact) -> str:
        zones = self._zones_of(contact)
        if len(zones) > 1:
            return self.env._(
                "Time zones of their country: %(first)s to %(last)s.",
                first=zones[0],
                last=zones[-1],
            )
        return self.env._("Time zone: %s.", zones[0])

    def _zones_of(self, contact) -> tuple[str, ...]:
        """The zones that count for one contact."""
        self._flush_what_is_read()
        [[own, country]] = self.env.execute_query(
            SQL(
                "SELECT %s FROM res_partner AS p WHERE p.id = %s",
                self._zone(),
                contact.id,
            )
        )
        return self._zones(own, country, self._company_zone())

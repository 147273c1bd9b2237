from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_date, format_datetime, format_time

from .crm_contact_policy import WINDOW, clock, day_of

# Whether an answer came after another one to the same question.
LATER = SQL(
    """
    later.partner_id = answer.partner_id AND later.company_id = answer.company_id
    AND later.purpose_id = answer.purpose_id
    AND (later.date, later.id) > (answer.date, answer.id)
    """
)
REFUSES = SQL("answer.state IN ('refused', 'withdrawn')")


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

    def _answered(self, purpose, allowing=True, person=None) -> SQL:
        """Whether the answers of a contact allow a purpose, as :meth:`_check` says.

        :param allowing: False for the opposite. PostgreSQL joins ``EXISTS`` and ``NOT
            EXISTS``, but not what denies them once more.
        :param SQL person: id of the contact; ``p.id`` where it is left out
        """
        if purpose.basis == "always":
            return SQL("TRUE" if allowing else "FALSE")
        needs_consent = self._needs_consent(purpose)
        deciding = SQL(
            """
            SELECT FROM crm_consent AS answer
             WHERE answer.partner_id = %(person)s AND answer.company_id = %(company_id)s
               AND answer.purpose_id = %(purpose_id)s AND %(decides)s
               AND NOT EXISTS (SELECT FROM crm_consent AS later
                                WHERE %(later)s AND %(counts)s)
            """,
            person=person or SQL.identifier("p", "id"),
            company_id=self.env.company.id,
            purpose_id=purpose.id,
            decides=self._consents(self._today()) if needs_consent else REFUSES,
            later=LATER,
            counts=SQL("TRUE") if needs_consent else SQL("later.state <> 'pending'"),
        )
        if needs_consent == allowing:
            return SQL("EXISTS (%s)", deciding)
        return SQL("NOT EXISTS (%s)", deciding)

    def _answered_company(self, purpose, person, company) -> SQL:
        """The same for rows with a company of their own: one look into the index for
        each, however long the history is.

        :param SQL person: id of the contact
        :param SQL company: id of the company
        """
        if purpose.basis == "always":
            return SQL("TRUE")
        needs_consent = self._needs_consent(purpose)
        return SQL(
            """
            COALESCE((SELECT %(allows)s FROM crm_consent AS answer
                       WHERE answer.partner_id = %(person)s
                         AND answer.company_id = %(company)s
                         AND answer.purpose_id = %(purpose_id)s AND %(counts)s
                    ORDER BY answer.date DESC, answer.id DESC LIMIT 1), %(otherwise)s)
            """,
            allows=self._consents(self._todays())
            if needs_consent
            else SQL("NOT (%s)", REFUSES),
            person=person,
            company=company,
            purpose_id=purpose.id,
            counts=SQL("TRUE") if needs_consent else SQL("answer.state <> 'pending'"),
            otherwise=not needs_consent,
        )

    def _needs_consent(self, purpose) -> bool:
        is_on = self.env["crm.feature"]._is_on("consent")
        return self._basis_of(purpose, None, is_on) == "needed"

    @staticmethod
    def _consents(today) -> SQL:
        return SQL(
            """
            answer.state = 'given'
            AND (answer.valid_until IS NULL OR answer.valid_until >= %s)
            """,
            today,
        )

    def _todays(self) -> SQL:
        """The day it is for the company of an answer."""
        ids_of = defaultdict(list)
        for company in self.env.companies:
            ids_of[self.with_company(company)._today()].append(company.id)
        if len(ids_of) < 2:
            return SQL("%s", next(iter(ids_of), self._today()))
        return SQL(
            "CASE %s ELSE %s END",
            SQL(" ").join(
                SQL("WHEN answer.company_id = ANY(%s) THEN %s", ids, day)
                for day, ids in ids_of.items()
            ),
            self._today(),
        )

    # -- Profiling

    @api.model
    def _profiling_refused_domain(self) -> Domain:
        """Contacts who refused profiling, in the current company; where it needs consent,
        also those who have not given it."""
        purpose = self.env.ref("crm_extended.purpose_profiling")
        self._flush_what_is_read()
        return Domain.custom(
            to_sql=lambda model, alias, query: self._answered(
                purpose, allowing=False, person=SQL.identifier(alias, "id")
            )
        )

    @api.model
    def _profiling_refused_rows(self, person, company) -> Domain:
        """The same for records with a company of their own: that one was answered.

        :param str person: column with the contact
        :param str company: column with the company
        """
        purpose = self.env.ref("crm_extended.purpose_profiling")
        self._flush_what_is_read()
        return Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                "NOT %s",
                self._answered_company(
                    purpose,
                    SQL.identifier(alias, person),
                    SQL.identifier(alias, company),
                ),
            )
        )

    @api.model
    def _refusing_profiling(self, contacts):
        """Of these contacts those who refused profiling, as above."""
        if not contacts:
            return contacts
        purpose = self.env.ref("crm_extended.purpose_profiling")
        self._flush_what_is_read()
        rows = self.env.execute_query(
            SQL(
                "SELECT p.id FROM res_partner AS p WHERE p.id = ANY(%s) AND %s",
                contacts.ids,
                self._answered(purpose, allowing=False),
            )
        )
        return contacts.browse([id_ for [id_] in rows])

    # -- A line on the contact

    @api.model
    def _describe(self, contact) -> tuple[str, str]:
        """Whether a contact may be mailed, from when on, and how many touches there were,
        in one line of words; and why."""
        purpose = self._shown_purpose()
        if not purpose:
            return "", ""
        answer = self._check(contact, purpose, "email")[contact.id]
        said = self._describe_answer(purpose, answer)
        if touches := self._describe_touches(contact):
            line = self.env._("%(answer)s; %(touches)s.", answer=said, touches=touches)
        else:
            line = self.env._("%(answer)s.", answer=said)
        reasons = [
            self._describe_reason(contact, purpose, answer),
            self._describe_zone(contact),
        ]
        if self._refusing_profiling(contact):
            reasons.append(
                self.env._(
                    "Profiling refused: left out of forecasts, recommendations, care "
                    "plans, the watch list and campaigns."
                )
            )
        return line, self._join_sentences(reasons)

    def _join_sentences(self, sentences) -> str:
        """Sentences one after the other; not all languages have a space between them."""
        text = ""
        for sentence in filter(None, sentences):
            text = (
                self.env._("%(sentence)s %(next)s", sentence=text, next=sentence)
                if text
                else sentence
            )
        return text

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
            return self.env._("May be mailed for %s", purpose.name)
        if answer["date"]:
            return self.env._(
                "May be mailed for %(purpose)s; next from %(date)s",
                purpose=purpose.name,
                date=self._describe_moment(answer["date"]),
            )
        return self.env._("May not be mailed for %s", purpose.name)

    def _describe_moment(self, moment) -> str:
        """A moment in the language and the time zone of the reader."""
        zone = self.env.context.get("tz") or self.env.user.tz or "UTC"
        clock_of_day = format_time(self.env, moment, tz=zone, time_format="short")
        # A weekday says enough of the next days.
        if moment - fields.Datetime.now() < timedelta(days=6):
            day = format_datetime(self.env, moment, tz=zone, dt_format="EEEE")
        else:
            day = self._describe_day(day_of(moment, zone))
        return self.env._("%(day)s %(time)s", day=day, time=clock_of_day)

    def _describe_day(self, day) -> str:
        return format_date(self.env, day, date_format="medium")

    def _describe_touches(self, contact) -> str:
        limit = self.env.company.contact_limit
        is_on = self.env["crm.feature"]._is_on("consent")
        if not (is_on and limit and self._counted_channels()):
            return ""
        since = fields.Datetime.now() - WINDOW
        customer = contact.commercial_partner_id
        touches = self.env.execute_query(self._touches_since(customer, since))
        others = self._touches_of_others(contact, since).get(customer.id, ())
        return self.env._(
            "%(count)s of %(limit)s touches this week used",
            count=len(touches) + len(others),
            limit=limit,
        )

    def _describe_reason(self, contact, purpose, answer) -> str:
        reason = answer["reason"]
        if reason in ("refused", "no_consent", None):
            return self._describe_consent(contact, purpose, reason)
        company = self.env.company
        if reason in ("limit", "quiet") and not answer["date"]:
            return self.env._(
                "Your quiet hours and days leave no time at which they may be contacted, "
                "in all time zones of their country."
            )
        return {
            "archived": self.env._("The contact is archived."),
            "no_address": self.env._("The contact has no email address."),
            "blacklisted": self.env._("The email address is on the blacklist."),
            "limit": self.env._("Until then, the touch limit is used up."),
            "quiet": self.env._(
                "Until then, it is a time or a day on which you contact no customers; "
                "quiet hours: %(start)s to %(end)s, in their time zone.",
                start=self._describe_hours(company.contact_quiet_from),
                end=self._describe_hours(company.contact_quiet_to),
            ),
        }[reason]

    def _describe_hours(self, hours) -> str:
        return format_time(self.env, clock(hours), time_format="short")

    def _describe_consent(self, contact, purpose, reason) -> str:
        # sudo: what the contact has answered about this purpose, to users who may read
        # the contact and this line.
        consents = self.env["crm.consent"].sudo()._latest_of(contact)
        latest = consents.get((contact.id, (self.env.company.id, purpose.id)))
        if not latest:
            if reason:
                return self.env._("They have not been asked, or have not answered yet.")
            return self.env._("Allowed until they refuse; they have not answered yet.")
        date = self._describe_day(
            fields.Datetime.context_timestamp(self, latest.date).date()
        )
        if reason == "no_consent" and latest.state == "given":
            return self.env._(
                "Consent expired on %s.", self._describe_day(latest.valid_until)
            )
        return {
            "given": self.env._("They agreed on %s.", date),
            "refused": self.env._("They refused on %s.", date),
            "withdrawn": self.env._("They withdrew their consent on %s.", date),
            "pending": self.env._(
                "They have not yet confirmed by the link in the mail of %s.", date
            )
            if reason != "refused"
            else self.env._("They refused, and have not confirmed another answer."),
        }[latest.state]

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
        return self._zones_of_each(contact)[contact.id]

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
            today=self._today(),
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
        self._flush_what_is_read()
        [[own, country]] = self.env.execute_query(
            SQL(
                """
                SELECT %s FROM res_partner AS p
             LEFT JOIN res_country AS country ON country.id = p.country_id
                 WHERE p.id = %s
                """,
                self._zone(),
                contact.id,
            )
        )
        return self._zones(own, country, self._company_zone())

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from odoo import api, fields, models
from odoo.tools import SQL

from ...analytics.consent.answers import verdict
from ...analytics.consent.schedule import first_allowed_in_all
from ...analytics.consent.zones import zones_of
from ..common.bulk_sql import JIT_OFF
from .channels import KEYS, split_channels, to_weekdays

# The touch limit is for any so much time.
WINDOW = timedelta(days=7)

# How far ahead quiet days are read: as far as the next allowed moment is looked for.
AHEAD = timedelta(days=368)

YES = {"allowed": True, "date": None, "reason": None}


class Rules(NamedTuple):
    """When a company contacts its customers, and how often."""

    quiet_from: time | None
    quiet_to: time | None
    weekdays: frozenset[int]
    quiet_days: frozenset[date]
    #: touches in a window; 0: no limit
    limit: int
    #: channels that count
    channels: tuple[str, ...]
    #: for customers whose zone is not known
    zone: str

    @property
    def hours(self):
        return self.quiet_from, self.quiet_to, self.weekdays, self.quiet_days


class Question(NamedTuple):
    """Whether contacts may be contacted for a purpose on a channel."""

    contacts: models.BaseModel
    purpose: models.BaseModel
    channel: str | None
    #: what answers have to say, see ``_basis_of``
    basis: str
    #: whether the company's hours and limit hold
    timed: bool

    def is_limited(self, rules) -> bool:
        return bool(self.timed and rules.limit and self.channel in rules.channels)


def clock(hours: float) -> time:
    """The time of the day of a number of hours."""
    minutes = round(hours * 60) % (24 * 60)
    return time(minutes // 60, minutes % 60)


class CrmContactPolicy(models.AbstractModel):
    """May we contact this customer, on this channel, for this purpose, now? One answer,
    with its reason, for all who send.

    Parts: ``crm_contact_policy_claim.py`` (asking in order to send),
    ``crm_contact_policy_words.py`` (what people read and find), and
    ``crm_contact_policy_link.py`` (the page on which customers choose).
    """

    _name = "crm.contact.policy"
    _description = "Contact Policy"

    @api.model
    def _check(self, contacts, purpose, channel, moment=None) -> dict[int, dict]:
        """Whether contacts may be contacted, for the current company.

        The reasons, and the first that holds is given: ``archived``, ``no_address``,
        ``blacklisted``, ``refused``, ``no_consent`` (never); ``limit``, ``quiet``
        (later).

        :param contacts: ``res.partner``, whoever may read them
        :param purpose: ``crm.consent.purpose``
        :param str channel: ``email``, ``sms``, ``phone``, ``letter`` or ``visit``; None for
            profiling, which reaches no one
        :param datetime moment: UTC, naive; now where it is left out
        :return: by id of the contact ``allowed``, the first allowed moment (``date``: UTC,
            naive, None for never and for now) and the ``reason`` (None where allowed)
        :raise ValueError: for another channel
        """
        return self._check_many([(contacts, purpose, channel)], moment)[0]

    @api.model
    def _check_many(self, questions, moment=None) -> list[dict[int, dict]]:
        """The answers to several questions at one moment, with as many queries as one has.

        :param questions: contacts, purpose and channel of each, see :meth:`_check`
        :return: an answer to each, in the same order
        """
        moment = moment or fields.Datetime.now()
        is_on = self.env["crm.feature"]._is_on("consent")
        asked = []
        for contacts, purpose, channel in questions:
            if channel is not None and channel not in KEYS:
                raise ValueError(f"There is no channel {channel!r}; use one of {KEYS}.")
            basis = self._basis_of(purpose, channel, is_on) if contacts else ""
            timed = bool(is_on and channel and purpose.basis != "always")
            asked.append(Question(contacts, purpose, channel, basis, timed))
        if not any(question.contacts for question in asked):
            return [{} for _question in asked]
        rules = self._get_rules(moment)
        limited = self.env["res.partner"].union(
            *(each.contacts for each in asked if each.is_limited(rules))
        )
        others = self._touches_of_others(limited, moment - WINDOW) if limited else {}

        @cache
        def soonest(start, zones):
            return first_allowed_in_all(start, zones, *rules.hours)

        answers = [{} for _question in asked]
        for number, *row in self._read(asked, moment, rules, bool(others)):
            answers[number][row[0]] = self._answer(
                asked[number], row, moment, rules, others, soonest
            )
        return answers

    def _answer(self, question, row, moment, rules, others, soonest) -> dict:
        """What a row of :meth:`_read` says.

        :param soonest: a function of a moment and zones that gives the first moment which
            is allowed in them
        """
        _id, hindrance, latest, settled, expired, customer, last, *zone = row
        reason = hindrance or verdict(question.basis, latest, settled, expired)
        if reason:
            return {"allowed": False, "date": None, "reason": reason}
        if not question.timed:
            return YES.copy()
        start = moment
        if others and last is not None:
            last = nth_latest(rules.limit, [*last, *others.get(customer, ())])
        if last:
            start = max(moment, last + WINDOW)
        allowed = soonest(start, self._zones(*zone, rules.zone))
        if allowed == moment:
            return YES.copy()
        reason = "limit" if start > moment else "quiet"
        return {"allowed": False, "date": allowed, "reason": reason}

    @staticmethod
    def _basis_of(purpose, channel, is_on) -> str:
        """What answers have to say for a purpose on a channel.

        :return: as of purposes; ``other`` for a channel that it is not about
        """
        if purpose.basis == "always":
            return "always"
        if not is_on:
            return "unless_refused"
        if channel and channel not in purpose._channel_keys():
            return "other"
        return purpose.basis

    @api.model
    def _touches_of_others(self, contacts, since) -> dict[int, list[datetime]]:
        """Touches that are recorded elsewhere, such as mailings; for bridges to extend,
        with one query.

        :return: moments by id of the customer (commercial entity)
        """
        return {}

    @staticmethod
    def _zones(own, country, fallback) -> tuple[str, ...]:
        """The zones in which a moment has to be allowed."""
        if own and is_zone(own):
            return (own,)
        return tuple(filter(is_zone, zones_of(country))) or (fallback,)

    # -- What the company wants

    @api.model
    def _counted_channels(self) -> list[str]:
        # sudo: settings of the company, whoever sends.
        return split_channels(self.env.company.sudo().contact_limit_channels)

    @api.model
    def _get_rules(self, moment) -> Rules:
        """The rules of the current company around a moment, in one query.

        Quiet days are those of the list, and days touched by a holiday of the company.
        """
        for name in ("res.company", "resource.calendar", "resource.calendar.leaves"):
            self.env[name].flush_model()
        self.env["crm.contact.quiet.day"].flush_model()
        [[_off, quiet_from, quiet_to, weekdays, limit, channels, own, other, days]] = (
            self.env.execute_query(
                SQL(
                    """
                    SELECT %(jit_off)s, company.contact_quiet_from,
                           company.contact_quiet_to, company.contact_weekdays,
                           company.contact_limit, company.contact_limit_channels,
                           partner.tz, hours.tz, ARRAY(%(quiet_days)s)
                      FROM res_company AS company
                      JOIN res_partner AS partner ON partner.id = company.partner_id
                 LEFT JOIN resource_calendar AS hours
                        ON hours.id = company.resource_calendar_id
                     WHERE company.id = %(company_id)s
                    """,
                    # For the next query, which would be compiled for many contacts.
                    jit_off=JIT_OFF,
                    company_id=self.env.company.id,
                    quiet_days=self._quiet_days(moment),
                )
            )
        )
        has_hours = clock(quiet_from or 0) != clock(quiet_to or 0)
        return Rules(
            quiet_from=clock(quiet_from or 0) if has_hours else None,
            quiet_to=clock(quiet_to or 0) if has_hours else None,
            weekdays=to_weekdays(weekdays),
            quiet_days=frozenset(days),
            limit=limit or 0,
            channels=tuple(split_channels(channels)),
            zone=first_zone(own, other),
        )

    @api.model
    def _today(self) -> date:
        """The day that decides whether consent has expired."""
        return day_of(fields.Datetime.now(), self._company_zone())

    @api.model
    def _company_zone(self) -> str:
        """The zone of the current company, for customers whose zone is not known."""
        # sudo: only the zone, whoever sends.
        company = self.env.company.sudo()
        return first_zone(company.partner_id.tz, company.resource_calendar_id.tz)

    def _quiet_days(self, moment) -> SQL:
        """A query for the days without contacts of ``company``, whose calendar is
        ``hours``."""
        return SQL(
            """
            SELECT listed.date
              FROM crm_contact_quiet_day AS listed
             WHERE listed.company_id = company.id
               AND listed.date BETWEEN %(start)s AND %(end)s
         UNION
            SELECT day::date
              FROM resource_calendar_leaves AS holiday,
                   generate_series(
                       (holiday.date_from AT TIME ZONE 'UTC'
                           AT TIME ZONE COALESCE(hours.tz, 'UTC'))::date,
                       ((holiday.date_to - interval '1 second') AT TIME ZONE 'UTC'
                           AT TIME ZONE COALESCE(hours.tz, 'UTC'))::date,
                       interval '1 day') AS day
             WHERE holiday.resource_id IS NULL
               AND holiday.company_id = company.id
               AND (holiday.calendar_id IS NULL OR holiday.calendar_id = hours.id)
               AND holiday.time_type = 'leave'
               AND holiday.date_to >= %(start)s AND holiday.date_from <= %(end)s
            """,
            start=moment - timedelta(days=2),
            end=moment + AHEAD,
        )

    # -- What is known of the contacts

    @api.model
    def _read(self, asked, moment, rules, are_others) -> list[tuple]:
        """What decides about the contacts of questions, in one query.

        :param are_others: whether there are touches of others
        :return: number of the question, id, what hinders (a reason, or None), latest
            answer, latest answer that is not pending, whether the latest has expired,
            commercial entity, what :meth:`_touches` finds, own zone, country
        """
        self._flush_what_is_read()
        touches = self._touches(moment, rules, are_others)
        nothing = SQL("NULL::timestamp[]" if are_others else "NULL::timestamp")
        arms = [
            self._read_one(
                number,
                question,
                day_of(moment, rules.zone),
                touches if question.is_limited(rules) else nothing,
            )
            for number, question in enumerate(asked)
            if question.contacts
        ]
        return self.env.execute_query(SQL(" UNION ALL ").join(arms))

    def _read_one(self, number, question, today, touches) -> SQL:
        """The query for one question, as :meth:`_read` gives it."""
        _contacts, purpose, channel, _basis, timed = question
        return SQL(
            """
            SELECT %(number)s, p.id, %(hindrance)s, latest.state,
                   CASE latest.state WHEN 'pending' THEN (%(settled)s)
                                     ELSE latest.state END,
                   COALESCE(latest.valid_until < %(today)s, FALSE),
                   p.commercial_partner_id,
                   -- Of those who refused it is not needed.
                   CASE WHEN latest.state IS NULL
                          OR latest.state NOT IN ('refused', 'withdrawn')
                        THEN %(touches)s END,
                   %(zone)s
              FROM res_partner AS p
         LEFT JOIN res_country AS country ON country.id = p.country_id
         LEFT JOIN LATERAL (%(latest)s) AS latest ON TRUE
             WHERE p.id = ANY(%(ids)s)
            """,
            number=number,
            hindrance=self._hindrance(channel, purpose.basis),
            today=today,
            touches=touches,
            zone=self._zone() if timed else SQL("NULL::text, NULL::text"),
            latest=self._latest(purpose, SQL("answer.state, answer.valid_until")),
            settled=self._latest(
                purpose, SQL("answer.state"), SQL("answer.state <> 'pending'")
            ),
            ids=question.contacts.ids,
        )

    @api.model
    def _flush_what_is_read(self):
        self.env["res.partner"].flush_model()
        for name in (
            "crm.consent",
            "crm.consent.purpose",
            "crm.contact.touch",
            "mail.blacklist",
            "phone.blacklist",
            "res.users",
        ):
            self.env[name].flush_model()

    def _hindrance(self, channel, basis) -> SQL:
        """What hinders a contact on a channel, whatever they have answered."""
        has_no_address = {
            "email": SQL("p.email_normalized IS NULL"),
            "sms": SQL("p.phone_sanitized IS NULL"),
            "phone": SQL("COALESCE(p.phone, '') = ''"),
            "letter": SQL("CONCAT(p.street, p.street2, p.city, p.zip) = ''"),
            "visit": SQL("CONCAT(p.street, p.street2, p.city, p.zip) = ''"),
        }.get(channel, SQL("FALSE"))
        blacklisted = SQL("FALSE")
        if basis != "always" and channel == "email":
            blacklisted = SQL(
                """EXISTS (SELECT FROM mail_blacklist AS listed
                            WHERE listed.active AND listed.email = p.email_normalized)"""
            )
        elif basis != "always" and channel == "sms":
            blacklisted = SQL(
                """EXISTS (SELECT FROM phone_blacklist AS listed
                            WHERE listed.active AND listed.number = p.phone_sanitized)"""
            )
        return SQL(
            """
            CASE WHEN p.active IS NOT TRUE THEN 'archived'
                 WHEN %s THEN 'no_address'
                 WHEN %s THEN 'blacklisted' END
            """,
            has_no_address,
            blacklisted,
        )

    def _latest(self, purpose, columns, condition=None) -> SQL:
        return SQL(
            """
            SELECT %(columns)s
              FROM crm_consent AS answer
             WHERE answer.partner_id = p.id AND answer.company_id = %(company_id)s
               AND answer.purpose_id = %(purpose_id)s AND %(condition)s
          ORDER BY answer.date DESC, answer.id DESC LIMIT 1
            """,
            company_id=self.env.company.id,
            purpose_id=purpose.id,
            columns=columns,
            condition=condition or SQL("TRUE"),
        )

    def _touches(self, moment, rules, are_others) -> SQL:
        """A query for the touch that decides, as many from the latest one back as the
        limit; where there are touches of others, for all of these."""
        return SQL(
            """
            %(are)s(SELECT touch.date
                      FROM crm_contact_touch AS touch
                     WHERE touch.partner_id = p.commercial_partner_id
                       AND touch.company_id = %(company_id)s
                       AND touch.date > %(since)s AND touch.date < %(until)s
                       AND touch.channel = ANY(%(channels)s) AND %(counts)s
                  ORDER BY touch.date DESC LIMIT %(count)s OFFSET %(skipped)s)
            """,
            are=SQL("ARRAY" if are_others else ""),
            count=rules.limit if are_others else 1,
            skipped=0 if are_others else rules.limit - 1,
            company_id=self.env.company.id,
            since=moment - WINDOW,
            until=moment + WINDOW,
            channels=list(rules.channels),
            counts=self._counts(),
        )

    def _counts(self) -> SQL:
        """Whether a touch counts by its purpose: messages about one's own orders and
        cases do not. There are few purposes: they are looked up once."""
        return SQL(
            """
            (touch.purpose_id IS NULL OR touch.purpose_id NOT IN (
                SELECT id FROM crm_consent_purpose WHERE basis = 'always'))
            """
        )

    def _zone(self) -> SQL:
        """The contact's own zone, where it says something, and its country.

        Odoo fills in the zone of the user who creates a contact, so that one says nothing.
        """
        return SQL(
            """
            CASE WHEN p.tz IS NOT NULL AND (
                      p.tz IS DISTINCT FROM (
                          SELECT own.tz FROM res_users AS creator
                            JOIN res_partner AS own ON own.id = creator.partner_id
                           WHERE creator.id = p.create_uid)
                      OR EXISTS (SELECT FROM res_users AS user_of
                                  WHERE user_of.partner_id = p.id AND user_of.active))
                 THEN p.tz END,
            country.code
            """
        )


def nth_latest(number: int, moments: list[datetime]) -> datetime | None:
    """Of moments the one that is so many from the end; None where there are fewer."""
    return sorted(moments)[-number] if len(moments) >= number else None


def day_of(moment: datetime, zone: str) -> date:
    """The day of a moment in a time zone."""
    return moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).date()


def first_zone(*names) -> str:
    """The first of these time zones that the machine knows, or else UTC."""
    return next((name for name in names if name and is_zone(name)), "UTC")


@cache
def is_zone(name) -> bool:
    """Whether the machine knows a time zone."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return False
    return True

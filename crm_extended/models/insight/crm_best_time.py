from datetime import datetime
from typing import NamedTuple

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...analytics.common.clock import wall_clock
from ...analytics.insight import best_time
from ..common.bulk_sql import turn_off_jit
from . import best_time_query as queries

#: Kinds whose contacts can fail.
WITH_FAILURES = ("phone",)


class BestTimes(NamedTuple):
    """What is known of when to contact a person."""

    #: IANA name, of the person's wall clock
    zone: str
    #: contacts of the customer by kind, and of all customers
    own: dict[str, best_time.Cells]
    everyone: dict[str, best_time.Cells]
    #: hours in which the contact policy lets people be contacted
    allowed: frozenset
    #: days of the company without contacts
    quiet_days: frozenset

    def window(self, kind: str, allowed=None) -> best_time.Window | None:
        """The best of all windows, or of those in some hours.

        :param allowed: cells; those of the contact policy without it
        """
        return best_time.best_window(
            self.own.get(kind, {}),
            self.everyone.get(kind, {}),
            kind in WITH_FAILURES,
            self.allowed if allowed is None else allowed,
        )

    def of_weekday(self, moment: datetime) -> frozenset:
        """The allowed hours of a moment's weekday."""
        weekday = wall_clock(moment, self.zone).weekday()
        return frozenset(cell for cell in self.allowed if cell[0] == weekday)

    def next_start(self, kind: str, moment: datetime) -> datetime | None:
        """The next moment (UTC, naive), within a week of the given one, that lies in the
        best window; days without contacts are left out."""
        today = wall_clock(moment, self.zone).date()
        allowed = best_time.without_days(self.allowed, self.quiet_days, today)
        window = self.window(kind, allowed)
        return window and best_time.next_start(
            window.weekday, window.hour, moment, self.zone
        )

    def of_today(self, kind: str, moment: datetime) -> tuple[datetime, datetime] | None:
        """From when to when (UTC, naive) is best for the rest of the person's day."""
        local = wall_clock(moment, self.zone)
        allowed = {
            cell
            for cell in best_time.without_days(
                self.allowed, self.quiet_days, local.date()
            )
            if cell[0] == local.weekday() and cell[1] >= local.hour
        }
        window = self.window(kind, allowed)
        return window and best_time.bounds(local.date(), window.hour, self.zone)


class CrmBestTime(models.Model):
    """When all customers of a company answer calls, write, and buy: one weekday and hour
    of one kind, in the time zone of each customer. Only :meth:`_refresh` writes it.

    What a single customer does is counted when it is asked for, as the user may see it,
    and compared with it: :meth:`_times_of`. See ``analytics.insight.best_time``.
    """

    _name = "crm.best.time"
    _description = "Best Time to Contact"
    _order = "company_id, kind, weekday, hour"
    _rec_name = "kind"

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="cascade"
    )
    kind = fields.Selection(
        [("phone", "Calls"), ("email", "Emails"), ("purchase", "Purchases")],
        required=True,
        readonly=True,
    )
    weekday = fields.Integer(
        required=True, readonly=True, aggregator=None, help="Monday is 0."
    )
    hour = fields.Integer(required=True, readonly=True, aggregator=None)
    hits = fields.Float(
        string="Successful",
        readonly=True,
        help="Calls that were answered, emails that customers wrote, purchases.",
    )
    tries = fields.Float(
        string="Contacts",
        readonly=True,
        help="Of calls also those that were not answered. More than 100 of one customer "
        "count as 100.",
    )

    _unique_cell = models.Constraint(
        "UNIQUE (company_id, kind, weekday, hour)",
        "An hour can be listed only once for each kind and company.",
    )

    # -- Sources

    @api.model
    def _best_time_sources(self) -> dict[str, queries.BestTimeSource]:
        """Where events come from, by name: the hook for other addons, which add to the
        result of ``super()``."""
        return {
            "interaction": queries.BestTimeSource("phone", queries.call_events),
            "message": queries.BestTimeSource("email", queries.message_events),
            "sale": queries.BestTimeSource("purchase", queries.order_events),
        }

    @api.model
    def _counts(self, persons: SQL, person_ids=None) -> SQL | None:
        """The events of the last months in the current company, as the user may see them.

        :param persons: of :func:`best_time_query.count_query`
        :return: a query; None where the user may see none
        """
        since = fields.Datetime.now() - relativedelta(months=queries.MONTHS)
        scope = queries.BestTimeScope(self.env, since, person_ids)
        events = queries.union_of(scope, self._best_time_sources().values())
        return events and queries.count_query(self.env, events, persons)

    # -- All customers

    @api.model
    def _refresh(self, company) -> dict[str, int]:
        """Count what all customers of a company do, and write what changed.

        :return: rows there are now, and how many were ``added``, ``changed``, ``removed``
        """
        self = self.with_company(company)
        self.env.flush_all()
        counts = self._counts(queries.persons_of_events(self.env))
        [row] = self.env.execute_query(queries.write_query(company.id, counts))
        self.env.invalidate_all(flush=False)
        return dict(zip(("rows", "added", "changed", "removed"), row, strict=True))

    @api.model
    def _of_everyone(self) -> dict[str, best_time.Cells]:
        found = {}
        for cell in self.search([("company_id", "=", self.env.company.id)]):
            cells = found.setdefault(cell.kind, {})
            cells[cell.weekday, cell.hour] = cell.hits, cell.tries
        return found

    @api.model
    def _kind_of_activity(self, activity_type) -> str | None:
        """The kind of contacts that says when an activity goes best; None for others."""
        if activity_type.category == "phonecall":
            return "phone"
        email = self.env.ref("mail.mail_activity_data_email", raise_if_not_found=False)
        return "email" if email and activity_type == email else None

    # -- Some customers

    @api.model
    def _times_of(self, contacts) -> dict[int, BestTimes]:
        """What is known of when to contact people, in the current company and as the user
        may see it, with as many queries for many as for one.

        :param contacts: ``res.partner``, whoever may read them
        :return: by id; without employees, and customers who refused profiling
        """
        everyone = self._of_everyone() if contacts else {}
        if not everyone:
            return {}
        self.env.flush_all()
        turn_off_jit(self.env)
        policy = self.env["crm.contact.policy"]
        # sudo: only ids, and the customers refuse for all of their contacts.
        customers = contacts.sudo().commercial_partner_id
        customers -= policy._refusing_profiling(customers)
        people = self._people_of(customers)
        if not people:
            return {}
        own = self._own_counts(people)
        rules = policy._get_rules(fields.Datetime.now())
        allowed = best_time.allowed_cells(
            rules.quiet_from, rules.quiet_to, rules.weekdays
        )
        quiet_days = rules.quiet_days
        if not self.env["crm.feature"]._is_on("consent"):
            allowed, quiet_days = best_time.ALWAYS, frozenset()
        return {
            id_: BestTimes(
                zone=zone,
                own=own.get(customer_id, {}),
                everyone=everyone,
                allowed=allowed,
                quiet_days=quiet_days,
            )
            for id_, customer_id, _company_id, zone in people
            if id_ in set(contacts.ids)
        }

    @api.model
    def _people_of(self, customers) -> list[tuple[int, int, int | None, str]]:
        """All contacts of customers: id, customer, company, time zone."""
        if not customers:
            return []
        policy = self.env["crm.contact.policy"]
        fallback = policy._company_zone()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT p.id, p.commercial_partner_id, p.company_id, %s
                  FROM res_partner AS p
             LEFT JOIN res_country AS country ON country.id = p.country_id
                 WHERE p.commercial_partner_id = ANY(%s) AND p.partner_share
              ORDER BY p.id
                """,
                policy._zone(),
                customers.ids,
            )
        )
        return [
            (id_, customer_id, company_id, policy._zones(own, country, fallback)[0])
            for id_, customer_id, company_id, own, country in rows
        ]

    @api.model
    def _own_counts(self, people) -> dict[int, dict[str, best_time.Cells]]:
        counts = self._counts(
            queries.known_persons(people), [person[0] for person in people]
        )
        found = {}
        for customer_id, kind, weekday, hour, hits, tries in (
            self.env.execute_query(counts) if counts else ()
        ):
            cells = found.setdefault(customer_id, {}).setdefault(kind, {})
            cells[weekday, hour] = int(hits), int(tries)
        return found

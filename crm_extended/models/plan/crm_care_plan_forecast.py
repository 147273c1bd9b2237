from collections import Counter, defaultdict
from datetime import datetime, time, timedelta
from functools import cache
from typing import NamedTuple

from odoo import fields, models
from odoo.tools import SQL

from ...analytics.consent.schedule import first_allowed_in_all
from ...analytics.plan import forecast
from ...analytics.plan.schedule import at_wall_clock, later
from ..consent.crm_contact_policy import WINDOW, day_of

# How far ahead a plan is looked at, today included.
DAYS = 30
# States of customers who go on with the plan.
INSIDE = ("running", "held")
# Of `mine`, an enrollment, and its partner `p`: the others leave before their next step.
IS_CUSTOMER = SQL(
    "(p.active AND p.commercial_partner_id = p.id"
    " AND COALESCE(p.company_id, mine.company_id) = mine.company_id)"
)


class Candidate(NamedTuple):
    """A customer who would be enrolled."""

    partner_id: int
    #: None for who takes a place, and leaves before the first step
    arm: str | None
    revenue: float


class Cursor(NamedTuple):
    """Where a customer would be in a plan."""

    partner_id: int
    step_id: int
    planned: datetime
    due: datetime
    #: whether the contact policy lets the step wait already
    waits: bool = False


class CrmCarePlan(models.Model):
    """A part of plans: what they would do in the days to come. All of it is computed in
    memory, with a number of queries that does not depend on that of the customers.

    What cannot be known: who is enrolled on other days, and whether conditions are met.
    Those are taken as met.
    """

    _inherit = "crm.care.plan"

    def _tried_version(self):
        """The version that a dry run is about: what would be published."""
        drafts = self.version_ids.filtered(lambda version: not version.published_date)
        return drafts[-1:] or self.version_id

    def _candidates(self, source) -> list[Candidate]:
        """Those of these customers whom the plan is for, highest revenue first, by the
        query that enrolls."""
        if not source:
            return []
        chosen = self._choosing(source)
        self.env.flush_query(chosen)
        rows = self.env.execute_query(
            SQL(
                "SELECT partner_id, arm, revenue FROM (%s) AS chosen ORDER BY place",
                chosen,
            )
        )
        return [Candidate(*row) for row in rows]

    def _waiting_candidates(self) -> list[Candidate]:
        rows = self.env.execute_query(
            SQL(
                """
                SELECT mine.partner_id, CASE WHEN %s THEN mine.arm END, mine.revenue
                  FROM crm_care_enrollment AS mine
                  JOIN res_partner AS p ON p.id = mine.partner_id
                 WHERE mine.plan_id = %s AND mine.state = 'waiting'
              ORDER BY mine.revenue DESC, mine.id
                """,
                IS_CUSTOMER,
                self.id,
            )
        )
        return [Candidate(*row) for row in rows]

    def _places_of_dry_run(self) -> int:
        """How many would begin today: as many as are left, also after a start."""
        return self._places_today() if self.version_id else self.max_per_day

    def _queue(self, candidates) -> list[tuple[Candidate, int]]:
        """Who begins on which day, counted from today, highest revenue first: those who
        wait already, and these."""
        queue = [*self._waiting_candidates(), *candidates]
        queue.sort(key=lambda one: -(one.revenue or 0))
        days = forecast.begin_days(
            len(queue), self._places_of_dry_run(), self.max_per_day, DAYS
        )
        return list(zip(queue, days, strict=False))

    def _forecast(self, queue) -> dict:
        """What would be done with these who begin, and with those who are in the plan.

        :param queue: as of :meth:`_queue`
        :return: by day and id of the step, how many are ``done`` and ``moved``, and how
            many are skipped, by reason
        """
        found = defaultdict(Counter)
        zone, now = self._get_zone(), fields.Datetime.now()
        cursors = [*self._cursors_inside(now), *self._cursors_of_queue(queue, now)]
        steps = self._timed_steps(cursors)
        people, limits = self._what_policy_knows(cursors, steps, now)
        until = self._day_begin(DAYS)
        local = cache(day_of)
        for cursor in cursors:
            person = people[cursor.partner_id]
            for event in forecast.walk(
                steps,
                cursor.step_id,
                cursor.planned,
                max(cursor.due, now),
                person,
                limits,
                until,
            ):
                counts = found[local(event.moment, zone), event.step]
                counts[event.reason or "done"] += 1
                waits = cursor.waits and event.step == cursor.step_id
                counts["moved"] += not event.reason and (event.moved or waits)
        return found

    def _day_begin(self, days) -> datetime:
        """The moment at which the day in so many days begins."""
        day = self._today() + timedelta(days=days)
        return at_wall_clock(datetime.combine(day, time()), self._get_zone())

    # -- Who is where

    def _cursors_of_queue(self, queue, now) -> list[Cursor]:
        first = self._tried_version()._first_step()
        if not first:
            return []

        @cache
        def planned_on(day):
            return first._planned_after(self._day_begin(day) if day else now)

        return [
            Cursor(one.partner_id, first.id, planned_on(day), planned_on(day))
            for one, day in queue
            # Nothing is done for the control group.
            if one.arm == "plan"
        ]

    def _cursors_inside(self, now) -> list[Cursor]:
        """Those who are in the plan, at the steps they began with. Of a plan that is
        paused, as if it were resumed now."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT mine.partner_id, mine.step_id, mine.planned_date, mine.next_date,
                       COALESCE(mine.wait_reason IN ('limit', 'quiet'), FALSE)
                  FROM crm_care_enrollment AS mine
                  JOIN res_partner AS p ON p.id = mine.partner_id
                 WHERE mine.plan_id = %s AND mine.state = ANY(%s) AND mine.arm = 'plan'
                   AND mine.step_id IS NOT NULL AND mine.planned_date IS NOT NULL
                   AND %s
              ORDER BY mine.id
                """,
                self.id,
                list(INSIDE),
                IS_CUSTOMER,
            )
        )
        days = (now - self.paused_date).days if self.paused_date else 0
        zone = self._get_zone()
        return [
            Cursor(
                partner,
                step,
                later(planned, zone, days),
                later(due or planned, zone, days),
                waits,
            )
            for partner, step, planned, due, waits in rows
        ]

    # -- What decides about time

    def _timed_steps(self, cursors) -> dict[int, forecast.Step]:
        """The steps of all versions that customers are in, and of the one that is
        tried."""
        steps = self.env["crm.care.plan.step"]
        begun = steps.browse({cursor.step_id for cursor in cursors})
        versions = begun.version_id | self._tried_version()
        return {
            step.id: forecast.Step(
                step.id,
                step._after_in_forecast(),
                step._message_channel(),
                step._next().id or None,
                step._reason_to_skip(),
            )
            for step in versions.step_ids
        }

    def _what_policy_knows(self, cursors, steps, now):
        """What the contact policy knows of customers and of the company.

        :param dict steps: as of :meth:`_timed_steps`
        :return: ``forecast.Person`` by id of the customer, and ``forecast.Limits``
        """
        customers = self.env["res.partner"].browse(
            {cursor.partner_id for cursor in cursors}
        )
        channels = {step.channel for step in steps.values() if step.channel}
        policy = self.env["crm.contact.policy"]
        rules = policy._get_rules(now)
        refusals, zones = defaultdict(dict), defaultdict(dict)
        touches = defaultdict(list)
        for channel in channels:
            contacts = self._contacts_of(customers, channel)
            people = customers.union(*contacts.values())
            answers = policy._check(people, self.purpose_id, channel)
            where = policy._zones_of_each(people)
            for customer, contact in contacts.items():
                if not contact:
                    refusals[customer][channel] = "no_address"
                    continue
                answer = answers[contact.id]
                if not answer["allowed"] and not answer["date"]:
                    refusals[customer][channel] = answer["reason"]
                zones[customer][channel] = where[contact.id]
        if channels:
            query = policy._touches_since(customers, now - WINDOW)
            for _id, customer, moment in self.env.execute_query(query):
                touches[customer].append(moment)
            others = policy._touches_of_others(customers, now - WINDOW)
            for customer, moments in others.items():
                touches[customer] += moments
        people = {
            id_: forecast.Person(refusals[id_], zones[id_], touches[id_])
            for id_ in customers.ids
        }
        return people, self._limits(rules)

    def _limits(self, rules) -> forecast.Limits:
        on = self.env["crm.feature"]._is_on("consent")

        @cache
        def soonest(moment, zones):
            return first_allowed_in_all(moment, zones or (rules.zone,), *rules.hours)

        return forecast.Limits(
            soonest=soonest,
            limit=rules.limit,
            window=WINDOW,
            counted=frozenset(rules.channels),
            wait_days=self.company_id.contact_wait_days,
            timed=on and self.purpose_id.basis != "always",
        )

    def _contacts_of(self, customers, channel) -> dict:
        """The person who is addressed, by id of the customer."""
        company = self.company_id
        people = self._addressees(self.contact_rule, customers, company, channel)
        return {customer: contact for (customer, _company), contact in people.items()}

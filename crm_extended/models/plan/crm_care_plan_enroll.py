import logging
from datetime import datetime, time

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, frozendict

from ...analytics.plan.schedule import at_wall_clock
from ..common.bulk_sql import turn_off_jit
from .crm_care_plan import OPEN

_logger = logging.getLogger(__name__)

# Plans that start one another end at this depth.
MAX_DEPTH = 5
# In the context of what a step of a plan does: how many plans have started one another
# before, by id of the customer.
DEPTHS = "care_plan_depths"


class CrmCarePlan(models.Model):
    """A part of plans: who is enrolled. One statement enrolls all customers of an event,
    however many they are."""

    _inherit = "crm.care.plan"

    def _enroll(self, source: SQL, depth=0) -> int:
        """Enroll those of these customers whom the plan is for.

        :param source: a query for ``partner_id``, each once, and ``event_date``; contacts
            that are no customers of their own are left out
        :param depth: how many plans have started one another before
        :return: how many were enrolled
        """
        self.ensure_one()
        company = self.company_id
        if (
            self.state != "running"
            or not self.version_id
            or company.care_plans_stopped
            or not self.env["crm.feature"]._is_on("plans")
        ):
            return 0
        # sudo: plans are for customers of all salespeople.
        plan = self.sudo().with_company(company)
        plan._flush_what_decides()
        if plan.trigger != "regular":
            # That some days have passed is no event.
            plan._note_events(source)
        # Those who wait may have a higher revenue: places are given to all of them then.
        waited = plan._has_waiting()
        enrolling = plan._enrolling(
            source, depth, 0 if waited else plan._places_today()
        )
        # What filters ask about, too.
        self.env.flush_query(enrolling)
        turn_off_jit(self.env)
        self.env.cr.execute(enrolling)
        count = self.env.cr.rowcount
        if count:
            self.env["crm.care.enrollment"].invalidate_model()
            if waited:
                self.env["crm.care.enrollment"].sudo()._let_in_plan(plan)
            plan._wake()
        return count

    def _listed(self, source) -> SQL | None:
        """The customers of an event, each once, by their numbers; None where there are
        none.

        What has just been written is not in PostgreSQL's statistics: it would take an
        update that moved 50,000 customers for one of a single customer, and compare each
        with all others.
        """
        self.env.flush_query(source)
        [[customers, days]] = self.env.execute_query(
            SQL(
                """
                SELECT array_agg(partner_id), array_agg(event_date)
                  FROM (SELECT partner_id, max(event_date) AS event_date
                          FROM (%s) AS event GROUP BY partner_id) AS source
                """,
                source,
            )
        )
        return customers and SQL(
            "SELECT unnest(%s::int[]) AS partner_id, unnest(%s::date[]) AS event_date",
            customers,
            days,
        )

    def _flush_what_decides(self):
        for name in (
            "res.partner",
            "crm.care.plan",
            "crm.care.enrollment",
            "crm.rfm.score",
            "crm.loyalty.membership",
            "crm.consent",
            "crm.consent.purpose",
            "crm.customer.list",
        ):
            self.env[name].flush_model()

    def _note_events(self, source):
        """Note an event of customers who are in the plan."""
        self.env.cr.execute(
            SQL(
                """
                UPDATE crm_care_enrollment AS enrollment
                   SET event_date = source.event_date,
                       event_count = enrollment.event_count + 1
                  FROM (%s) AS source
                 WHERE enrollment.plan_id = %s AND enrollment.state = ANY(%s)
                   AND enrollment.partner_id = source.partner_id
                """,
                source,
                self.id,
                list(OPEN),
            )
        )

    def _enrolling(self, source, depth, places) -> SQL:
        """The statement that enrolls customers. The unique indices of enrollments settle
        what other transactions do at the same time.

        :param places: so many begin at once
        """
        now = fields.Datetime.now()
        first = self.version_id._first_step()
        begins = SQL("chosen.place <= %s", places)
        treated = SQL("%s AND chosen.arm = 'plan'", begins)
        return SQL(
            """
            INSERT INTO crm_care_enrollment
                   (partner_id, company_id, plan_id, version_id, exclusion_group_id, arm,
                    state, start_date, event_date, event_count, revenue, depth, step_id,
                    planned_date, next_date, attempts,
                    create_uid, create_date, write_uid, write_date)
            SELECT chosen.partner_id, %(company)s, %(plan)s, %(version)s, %(group)s,
                   chosen.arm, CASE WHEN %(begins)s THEN 'running' ELSE 'waiting' END,
                   CASE WHEN %(begins)s THEN %(now)s::timestamp END,
                   chosen.event_date, 1, chosen.revenue, %(depth)s,
                   CASE WHEN %(treated)s THEN %(step)s::int END,
                   CASE WHEN %(treated)s THEN %(moment)s::timestamp END,
                   CASE WHEN %(treated)s THEN %(next)s::timestamp END, 0,
                   %(uid)s, %(now)s::timestamp, %(uid)s, %(now)s::timestamp
              FROM (%(chosen)s) AS chosen
          ORDER BY chosen.place
                ON CONFLICT DO NOTHING
            """,
            company=self.company_id.id,
            plan=self.id,
            version=self.version_id.id,
            group=self.exclusion_group_id.id or None,
            begins=begins,
            treated=treated,
            now=now,
            depth=depth,
            step=first.id or None,
            moment=first._opens_after(now) if first else None,
            next=first._opens_after(now) if first else now,
            uid=self.env.uid,
            chosen=self._choosing(source),
        )

    def _choosing(self, source) -> SQL:
        """The customers of an event whom the plan is for, highest revenue first.

        Each is looked up by their number, before all else: PostgreSQL takes customers for
        very few, and would look through all those of an event for each of them.
        """
        conditions = self._grouped_conditions()
        # Filters and lists are asked once for all of them, the others for each.
        match = conditions.pop("match")
        customer = [each for group in conditions.values() for each in group]
        return SQL(
            """
            SELECT p.id AS partner_id, source.event_date, %(arm)s AS arm,
                   COALESCE(score.monetary, 0) AS revenue,
                   row_number() OVER (
                       ORDER BY COALESCE(score.monetary, 0) DESC, p.id) AS place
              FROM (%(source)s) AS source
        CROSS JOIN LATERAL (SELECT p.id FROM res_partner AS p
                             WHERE p.id = source.partner_id AND %(customer)s
                            OFFSET 0) AS p
         LEFT JOIN crm_rfm_score AS score
                ON score.partner_id = p.id AND score.company_id = %(company)s
             WHERE %(match)s
            """,
            arm=self._arm(),
            source=source,
            company=self.company_id.id,
            customer=SQL(" AND ").join(customer),
            match=SQL(" AND ").join(match or [SQL("TRUE")]),
        )

    def _grouped_conditions(self) -> dict[str, list[SQL]]:
        """Whom the plan is for: conditions on the customer ``p`` and their ``score``, by
        what they are about, in the order in which the reasons are given to users:
        ``customer``, ``inside``, ``group``, ``match``, ``refused``."""
        company_id = self.company_id.id
        return {
            "customer": [
                SQL("p.active AND p.commercial_partner_id = p.id"),
                SQL("(p.company_id IS NULL OR p.company_id = %s)", company_id),
            ],
            "inside": [self._not_in()],
            "group": self._not_in_group(),
            "match": self._matches(),
            # Of those who refused what it is for, there is nothing to contact them about.
            "refused": [*self._profiled(), self._not_refused()],
        }

    def _matches(self) -> list[SQL]:
        conditions = []
        if self.segment_ids and self.trigger != "segment_left":
            # Not as a condition on scores alone: those of a segment would be looked
            # through for each customer where statistics are old.
            conditions.append(
                SQL("COALESCE(score.segment_id, 0) = ANY(%s)", self.segment_ids.ids)
            )
        if self.tier_ids and self.trigger != "tier_down":
            conditions.append(
                SQL(
                    """
                    EXISTS (SELECT FROM crm_loyalty_membership AS member
                             WHERE member.partner_id = p.id AND member.company_id = %s
                               AND member.tier_id = ANY(%s))
                    """,
                    self.company_id.id,
                    self.tier_ids.ids,
                )
            )
        if self.trigger == "lifecycle" and self._get_stages():
            conditions.append(self._in_stages(SQL("p.id")))
        if self.list_id:
            conditions.append(self._on_list())
        if self.domain:
            found = self._partners()._search(self._to_domain(self.domain))
            conditions.append(SQL("p.id IN %s", found.subselect()))
        return conditions

    def _not_in_group(self) -> list[SQL]:
        """Customers who are in no other plan of the group. A unique index holds it, too;
        but a customer who cannot be enrolled must not take one of the day's places."""
        if not self.exclusion_group_id:
            return []
        return [
            SQL(
                """
                NOT EXISTS (SELECT FROM crm_care_enrollment AS other
                             WHERE other.exclusion_group_id = %s
                               AND other.partner_id = p.id AND other.state = ANY(%s))
                """,
                self.exclusion_group_id.id,
                list(OPEN),
            )
        ]

    def _not_refused(self) -> SQL:
        return SQL(
            """
            COALESCE((SELECT answer.state NOT IN ('refused', 'withdrawn')
                        FROM crm_consent AS answer
                       WHERE answer.partner_id = p.id AND answer.company_id = %s
                         AND answer.purpose_id = %s AND answer.state <> 'pending'
                    ORDER BY answer.date DESC, answer.id DESC LIMIT 1), TRUE)
            """,
            self.company_id.id,
            self.purpose_id.id,
        )

    def _not_in(self) -> SQL:
        """Customers who are not in the plan, nor have been too recently."""
        mine = SQL("earlier.plan_id = %s AND earlier.partner_id = p.id", self.id)
        inside = SQL("earlier.state = ANY(%s)", list(OPEN))
        again = {
            "never": SQL("TRUE"),
            "after_exit": inside,
            "after_days": SQL(
                "(%s OR earlier.start_date > %s)",
                inside,
                fields.Datetime.subtract(fields.Datetime.now(), days=self.reentry_days),
            ),
        }[self.reentry]
        if self.trigger == "regular":
            # By the calendar: a job that runs a second earlier than the last time must
            # not put them off for a day.
            again = SQL(
                "(%s OR earlier.event_date > %s)",
                inside,
                fields.Date.subtract(self._today(), days=self.trigger_days),
            )
        return SQL(
            "NOT EXISTS (SELECT FROM crm_care_enrollment AS earlier WHERE %s AND %s)",
            mine,
            again,
        )

    def _has_waiting(self) -> bool:
        waiting = [("plan_id", "=", self.id), ("state", "=", "waiting")]
        return bool(self.env["crm.care.enrollment"].search_count(waiting, limit=1))

    def _places_today(self) -> int:
        """How many customers may still begin the plan today."""
        midnight = datetime.combine(self._today(), time())
        begin = at_wall_clock(midnight, self._get_zone())
        begun = self.env["crm.care.enrollment"].search_count(
            [("plan_id", "=", self.id), ("start_date", ">=", begin)]
        )
        return max(self.max_per_day - begun, 0)

    def _today(self):
        return fields.Date.context_today(self.with_context(tz=self._get_zone()))

    # -- What starts it

    @api.private
    def enroll(self, partners) -> int:
        """Enroll customers whom a user has chosen, as far as the plan is for them.

        :param partners: ``res.partner``; persons stand for their customers
        :raise UserError: if the plan is not running
        :return: how many were enrolled
        """
        self.ensure_one()
        self.check_access("read")
        partners.check_access("read")
        if self.state != "running":
            raise UserError(self.env._("Start %s first.", self.name))
        return self._enroll(self._source(partners.commercial_partner_id))

    def _source(self, partners, day=None) -> SQL:
        return SQL(
            "SELECT unnest(%s::int[]) AS partner_id, %s::date AS event_date",
            partners.ids,
            day or self._today(),
        )

    def _enroll_by_depth(self, customers, depths):
        """Enroll customers for whom something was done.

        :param dict depths: how many plans have started one another before, by id of the
            customers for whom a step of a plan did it
        """
        for depth, theirs in customers.grouped(
            lambda one: depths[one.id] + 1 if one.id in depths else 0
        ).items():
            if depth > MAX_DEPTH:
                self._log_loop()
            else:
                self._enroll(self._source(theirs), depth=depth)

    def _log_loop(self):
        _logger.warning(
            "Care plan %s: plans start one another; stopped at depth %s.",
            self.id,
            MAX_DEPTH,
        )

    def _follow_up(self, enrollments):
        """Start the plans that follow this one for customers who have completed it."""
        for plan in self._running(self.company_id, ["plan"]).filtered(
            lambda other: other.trigger_plan_id == self
        ):
            # sudo: nothing is done for the control group, here neither.
            treated = enrollments.sudo().filtered(lambda each: each.arm == "plan")
            plan._enroll_by_depth(treated.partner_id, treated._depths())

    @api.model
    def _on_event(self, company, triggers, source_of):
        """Something happened to customers today: enroll them in the plans it starts, those
        with the highest priority first.

        :param source_of: a function of a plan, for its source; None where there is none
        """
        for plan in self._running(company, triggers):
            source = source_of(plan)
            source = source and plan._listed(source)
            if source:
                plan._enroll(source)

    @api.model
    def _on_update(self, changes, updates, triggers):
        """An update recorded changes of customers: enroll them, all at once with the first
        batch of its changes.

        :param changes: a batch of them, of one company; their model says which ones start
            a plan (``_plan_condition``)
        :param updates: the model of the log of updates
        """
        # sudo: the log of updates.
        update = updates.sudo().search(
            [
                ("company_id", "=", changes.company_id.id),
                ("first_change_id", "<=", min(changes.ids)),
                ("last_change_id", ">=", max(changes.ids)),
            ],
            order="id desc",
            limit=1,
        )
        if not update or update.plans_started:
            return
        update.plans_started = True
        if not update._is_ordinary():
            return
        changes.flush_model()
        self._on_event(
            changes.company_id,
            triggers,
            lambda plan: plan._source_of_update(changes, update),
        )

    def _source_of_update(self, changes, update) -> SQL:
        """The customers whose changes in an update start the plan."""
        return SQL(
            """
            SELECT change.partner_id, change.date AS event_date
              FROM %s AS change
             WHERE change.company_id = %s AND change.id BETWEEN %s AND %s
               AND change.reason IS NULL AND change.date = %s AND %s
            """,
            SQL.identifier(changes._table),
            update.company_id.id,
            update.first_change_id,
            update.last_change_id,
            update.as_of,
            changes._plan_condition(self, update),
        )

    @api.model
    def _on_deed(self, company, triggers, customers_of):
        """Somebody did something for customers: the same, where it may have been a step of
        a plan. Plans that start one another end.

        :param customers_of: a function of a plan, for the customers
        """
        # Keys are numbers, which no one can send by RPC.
        depths = self.env.context.get(DEPTHS)
        depths = depths if isinstance(depths, frozendict) else {}
        for plan in self._running(company, triggers):
            if customers := customers_of(plan):
                plan._enroll_by_depth(customers, depths)

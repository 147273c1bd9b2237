import logging
from datetime import date, timedelta
from functools import cache

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.constants import GC_UNLINK_LIMIT

from ..common.bulk_sql import read_committed
from ..loyalty.crm_loyalty_membership import SOON
from .crm_care_plan import DATED, OPEN

_logger = logging.getLogger(__name__)

# So many days that were missed are made up for; older ones are too late.
DAYS_BACK = 3
# How long the log is kept, in days.
KEEP_DAYS = 400
# Customers looked at together.
BATCH = 1000


class CrmCarePlanRun(models.Model):
    """The nightly look for customers whose day it is. Each day of a plan is looked at
    once."""

    _name = "crm.care.plan.run"
    _inherit = "crm.parent.access.mixin"
    _description = "Nightly Look of a Care Plan"
    _order = "date desc, id desc"
    _rec_name = "date"
    _seen_with = "plan_id"

    plan_id = fields.Many2one(
        "crm.care.plan", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="plan_id.company_id", store=True, index=True)
    date_from = fields.Date(required=True, readonly=True)
    date = fields.Date(string="Until", required=True, readonly=True)
    # Customers far away have another day than the company.
    moment = fields.Datetime(string="Looked At", readonly=True)
    skipped_days = fields.Integer(
        string="Days Too Late",
        readonly=True,
        help="Days before that no look was taken at, too long ago to be made up for.",
    )
    enrolled_count = fields.Integer(string="Enrolled", readonly=True)

    _once = models.Constraint(
        "UNIQUE (plan_id, date)", "This day of the plan has been looked at."
    )

    @api.model
    def _cron_look(self):
        """Look for customers whose day it is, plan by plan, each in a transaction of its
        own."""
        if not self.env["crm.feature"]._is_on("plans"):
            return
        progress = self.env["ir.cron"]
        # sudo: whichever user the administrator lets the job run as.
        plans = self.env["crm.care.plan"].sudo()
        plans = plans.search(
            [("state", "=", "running"), ("company_id.care_plans_stopped", "=", False)]
        )
        progress._commit_progress(remaining=len(plans))
        for plan in plans:
            read_committed(self.env.cr)
            # The same plan elsewhere: it is being looked at.
            if plan.try_lock_for_update(allow_referencing=True):
                self.sudo()._look_or_log(plan)
            if not progress._commit_progress(1):
                return

    def _look_or_log(self, plan):
        try:
            with self.env.cr.savepoint():
                self._look(plan)
                self._end_goals(plan)
        except Exception:
            # One plan must not keep back the others.
            _logger.exception("Care plan %s could not look for customers.", plan.id)

    @api.model
    def _look(self, plan):
        """Look at the days of a plan since the last look.

        :return: the record of it; empty where there was none to look at
        """
        plan = plan.with_company(plan.company_id)
        if plan.trigger not in dict(DATED) or plan.state != "running":
            return self.browse()
        today = plan._today()
        last = self.search([("plan_id", "=", plan.id)], order="date desc", limit=1).date
        if last and last >= today:
            return self.browse()
        begin = last + timedelta(days=1) if last else today
        first = max(begin, today - timedelta(days=DAYS_BACK))
        plan._flush_what_decides()
        source = getattr(self, f"_source_{plan.trigger}")(plan, first, today)
        if plan.trigger != "regular":
            # That of all who match is as good as its statistics.
            source = plan._listed(source)
        count = plan._enroll(source) if source else 0
        return self.create(
            {
                "plan_id": plan.id,
                "date_from": first,
                "date": today,
                "moment": fields.Datetime.now(),
                "skipped_days": (first - begin).days,
                "enrolled_count": count,
            }
        )

    @api.model
    def _begin_again(self, plan):
        """A plan that had ended is started: what happened meanwhile is no matter."""
        plan = plan.with_company(plan.company_id)
        yesterday = plan._today() - timedelta(days=1)
        last = self.search([("plan_id", "=", plan.id)], order="date desc", limit=1)
        if last and last.date < yesterday:
            self.create(
                {
                    "plan_id": plan.id,
                    "date_from": yesterday,
                    "date": yesterday,
                    "moment": fields.Datetime.now() - timedelta(days=1),
                }
            )

    # -- Whose day it is: queries for `partner_id` and `event_date`

    def _source_purchase(self, plan, first, last) -> SQL:
        days = timedelta(days=plan.trigger_days)
        return SQL(
            """
            SELECT bought.partner_id, max(bought.date) AS event_date
              FROM (%s) AS bought
          GROUP BY bought.partner_id
            """,
            self.env["crm.customer.transaction"]._bought_between(
                plan.company_id,
                first - days,
                last - days,
                plan.product_tmpl_ids,
                plan.product_categ_ids,
            ),
        )

    def _source_inactive(self, plan, first, last) -> SQL:
        self.env["crm.last.contact"].flush_model()
        days = timedelta(days=plan.trigger_days)
        return SQL(
            "%s HAVING max(%s) BETWEEN %s AND %s",
            self._last_days(plan, since=first - days - timedelta(days=1)),
            self._day_of_contact(plan),
            first - days,
            last - days,
        )

    def _silent(self, plan) -> SQL:
        """A query for the customers without interaction for the days of a plan."""
        return SQL(
            "SELECT partner_id FROM (%s HAVING max(%s) <= %s) AS silent",
            self._last_days(plan, since=date.min),
            self._day_of_contact(plan),
            plan._today() - timedelta(days=plan.trigger_days),
        )

    def _last_days(self, plan, since) -> SQL:
        return SQL(
            """
            SELECT person.commercial_partner_id AS partner_id,
                   max(%s) AS event_date
              FROM crm_last_contact AS contact
              JOIN res_partner AS person ON person.id = contact.partner_id
             WHERE contact.date >= %s
               AND (contact.company_id IS NULL OR contact.company_id = %s)
          GROUP BY person.commercial_partner_id
            """,
            self._day_of_contact(plan),
            since,
            plan.company_id.id,
        )

    @staticmethod
    def _day_of_contact(plan) -> SQL:
        return SQL(
            "(contact.date AT TIME ZONE 'UTC' AT TIME ZONE %s)::date", plan._get_zone()
        )

    def _source_date(self, plan, first, last) -> SQL:
        """Dates of persons that come in so many days, or came so many days ago."""
        self.env["crm.customer.date"].flush_model()
        known = SQL(
            """
            SELECT partner_id AS person_id, date, yearly FROM crm_customer_date
             WHERE company_id = %s AND kind_id = %s
            """,
            plan.company_id.id,
            plan.date_kind_id.id,
        )
        return self._source_days(plan, known, first, last)

    def _source_field(self, plan, first, last) -> SQL:
        """The same for a date on contacts; empty where the field is no more."""
        people = plan._partners().with_context(active_test=True)
        field = people._fields.get(plan.date_field)
        if not field:
            return SQL(
                "SELECT NULL::int AS partner_id, NULL::date AS event_date LIMIT 0"
            )
        query = people._search([(field.name, "!=", False)])
        value = people._field_to_sql(query.table, field.name, query)
        if field.type == "datetime":
            value = SQL(
                "%s AT TIME ZONE 'UTC' AT TIME ZONE %s", value, plan._get_zone()
            )
        known = query.select(
            SQL("%s AS person_id", SQL.identifier(query.table, "id")),
            SQL("(%s)::date AS date", value),
            SQL("%s AS yearly", plan.date_yearly),
        )
        return self._source_days(plan, known, first, last)

    def _source_anniversary(self, plan, first, last) -> SQL:
        known = SQL(
            """
            SELECT partner_id AS person_id, first_date AS date, TRUE AS yearly
              FROM crm_rfm_score WHERE company_id = %s
            """,
            plan.company_id.id,
        )
        return self._source_days(plan, known, first, last)

    def _source_next_purchase(self, plan, first, last) -> SQL:
        """The days at which customers are expected next, of those who still are."""
        forecasts = self.env["crm.forecast"].with_context(tz=plan._get_zone())
        query = forecasts._search(
            [("company_id", "=", plan.company_id.id), ("next_date", "!=", False)]
        )
        known = query.select(
            SQL("%s AS person_id", SQL.identifier(query.table, "partner_id")),
            SQL("%s AS date", SQL.identifier(query.table, "expected_date")),
            SQL("FALSE AS yearly"),
        )
        return self._source_days(plan, known, first, last)

    def _source_days(self, plan, known, first, last) -> SQL:
        """Dates whose day it is where the person is: each comes once, however many zones
        there are between them and the company. For no days: ``known``, a query for
        ``person_id``, ``date`` and ``yearly``."""
        if not first:
            return known
        days = timedelta(days=plan.trigger_days)
        offset = -days if plan.trigger_when == "after" else days
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT person.id, person.commercial_partner_id, day::date
                  FROM (%s) AS known
                  JOIN res_partner AS person
                    ON person.id = known.person_id AND person.active
                  JOIN generate_series(%s::timestamp, %s::timestamp, interval '1 day')
                       AS day
                    ON CASE WHEN known.yearly THEN %s ELSE known.date = day::date END
                """,
                known,
                # Days begin and end elsewhere up to a day before or after.
                first + offset - timedelta(days=1),
                last + offset + timedelta(days=1),
                self._is_anniversary(SQL("known.date")),
            )
        )
        policy = self.env["crm.contact.policy"].with_company(plan.company_id)
        people = self.env["res.partner"].browse({id_ for id_, *_rest in rows})
        zones = policy._zones_of_each(people)
        begin_end = self._days_by_zone(plan)
        found = {
            (customer, day)
            for person, customer, day in rows
            # In a country with several zones it is their day once it is so in all.
            for begin, end in [begin_end(zones[person][0])]
            if begin <= day - offset <= end
        }
        return SQL(
            """
            SELECT found.partner_id, found.event_date
              FROM unnest(%s::int[], %s::date[]) AS found(partner_id, event_date)
             WHERE NOT EXISTS (SELECT FROM crm_care_enrollment AS earlier
                                WHERE earlier.plan_id = %s
                                  AND earlier.partner_id = found.partner_id
                                  AND earlier.event_date = found.event_date)
            """,
            [customer for customer, _day in found],
            [day for _customer, day in found],
            plan.id,
        )

    def _days_by_zone(self, plan):
        """A function for the days of a zone that are to be looked at now: from its day
        after the last look until its today, at most as far back as anywhere."""
        last_run = self.search([("plan_id", "=", plan.id)], order="date desc", limit=1)

        def day_of(moment, zone):
            local = fields.Datetime.context_timestamp(
                self.with_context(tz=zone), moment
            )
            return local.date()

        @cache
        def begin_end(zone):
            today = day_of(fields.Datetime.now(), zone)
            if not last_run.moment:
                return today, today
            after_last = day_of(last_run.moment, zone) + timedelta(days=1)
            return max(after_last, today - timedelta(days=DAYS_BACK)), today

        return begin_end

    @staticmethod
    def _is_anniversary(column) -> SQL:
        """Whether ``day`` is an anniversary, a full year or more after it. PostgreSQL
        moves 29 February to 28 February in other years, as `next_yearly` does."""
        return SQL(
            """
            (extract(year FROM day) > extract(year FROM %(column)s)
             AND day::date = (%(column)s + make_interval(years =>
                 (extract(year FROM day) - extract(year FROM %(column)s))::int))::date)
            """,
            column=column,
        )

    def _source_tier_risk(self, plan, _first, last) -> SQL:
        """Members since the day on which they came to be at risk while the plan was on, by
        the passing of time: not by an assessment that new settings of tiers were used in.

        Tiers may be assessed later than this look, so the days before are looked at again.
        """
        members = self.env["crm.loyalty.membership"]
        first = max(last - timedelta(days=DAYS_BACK), plan.started_date or last)
        changed = self.env["crm.loyalty.assessment"]._settings_changed_on(
            plan.company_id
        )
        if changed:
            first = max(first, changed + timedelta(days=1))
        query = members._search(
            [("company_id", "=", plan.company_id.id), ("about_to_fall", "=", True)]
        )
        known = query.select(
            SQL.identifier(query.table, "partner_id"),
            SQL(
                "%s - CASE WHEN %s < %s THEN -1 ELSE %s END AS date",
                *[SQL.identifier(query.table, "valid_date")] * 2,
                last,
                SOON,
            ),
        )
        return SQL(
            """
            SELECT known.partner_id, known.date AS event_date
              FROM (%s) AS known
             WHERE known.date BETWEEN %s AND %s
               AND NOT EXISTS (SELECT FROM crm_care_enrollment AS earlier
                                WHERE earlier.plan_id = %s
                                  AND earlier.partner_id = known.partner_id
                                  AND earlier.event_date = known.date)
            """,
            known,
            first,
            last,
            plan.id,
        )

    def _source_recommended(self, plan, _first, last) -> SQL:
        """Customers who recommended someone that is a customer now. It may be entered after
        this look, so the days before are looked at again."""
        first = max(last - timedelta(days=DAYS_BACK), plan.started_date or last)
        return SQL(
            """
            SELECT known.partner_id, known.event_date
              FROM (%s) AS known
             WHERE NOT EXISTS (SELECT FROM crm_care_enrollment AS earlier
                                WHERE earlier.plan_id = %s
                                  AND earlier.partner_id = known.partner_id
                                  AND earlier.event_date = known.event_date)
            """,
            self._recommended(plan, first, last),
            plan.id,
        )

    def _recommended(self, plan, first, last) -> SQL:
        """Customers whose last recommended customer was known on one of these days."""
        return SQL(
            """
            SELECT partner_id, max(referred_date) AS event_date
              FROM (%s) AS referral
             WHERE referred_date BETWEEN %s AND %s AND thanked_date IS NULL
          GROUP BY partner_id
            """,
            self.env["crm.referral"]._counted(plan.company_id),
            first,
            last,
        )

    def _source_regular(self, plan, _first, last) -> SQL:
        """Those who match, each after so many days. A night without a look puts no one
        off for good: days are counted from when they were due the last time."""
        return SQL(
            """
            SELECT matching.partner_id,
                   COALESCE(%(today)s::date - mod(%(today)s::date - earlier.date, %(days)s),
                            %(today)s::date) AS event_date
              FROM (%(matching)s) AS matching
         LEFT JOIN (SELECT partner_id, max(event_date) AS date FROM crm_care_enrollment
                     WHERE plan_id = %(plan)s GROUP BY partner_id) AS earlier
                ON earlier.partner_id = matching.partner_id
             WHERE earlier.date IS NULL OR %(today)s::date - earlier.date >= %(days)s
            """,
            today=last,
            days=plan.trigger_days,
            matching=plan._matching(),
            plan=plan.id,
        )

    # -- What else happens in the night

    @api.model
    def _end_goals(self, plan):
        """Let customers leave who have reached the goal, also between two steps; and the
        control group once its time is over."""
        plan = plan.with_company(plan.company_id)
        enrollments = self.env["crm.care.enrollment"].with_company(plan.company_id)
        mine = Domain("plan_id", "=", plan.id) & Domain("state", "in", OPEN)
        begun = mine & Domain("start_date", "!=", False)
        last_id = 0
        while plan.goal and (
            found := enrollments.search(
                begun & Domain("id", ">", last_id), order="id", limit=BATCH
            )
        ):
            found._leaving_goal()._exit("goal")
            last_id = found[-1].id
        over = fields.Datetime.subtract(fields.Datetime.now(), days=plan.goal_days)
        enrollments.search(
            mine & Domain("arm", "=", "control") & Domain("start_date", "<", over)
        ).write({"state": "done", "end_date": fields.Datetime.now()})

    @api.autovacuum
    def _gc_runs(self):
        limit = fields.Date.subtract(fields.Date.today(), days=KEEP_DAYS)
        self.search([("date", "<", limit)], limit=GC_UNLINK_LIMIT).unlink()

import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.constants import GC_UNLINK_LIMIT

from ..common.bulk_sql import read_committed
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
        count = plan._enroll(source)
        return self.create(
            {
                "plan_id": plan.id,
                "date_from": first,
                "date": today,
                "skipped_days": (first - begin).days,
                "enrolled_count": count,
            }
        )

    # -- Whose day it is: queries for `partner_id` and `event_date`

    def _source_purchase(self, plan, first, last) -> SQL:
        days = timedelta(days=plan.trigger_days)
        transactions = self.env["crm.customer.transaction"]
        return SQL(
            """
            SELECT bought.partner_id, max(bought.date) AS event_date
              FROM %s AS bought
             WHERE bought.company_id = %s AND bought.amount > 0
               AND bought.date BETWEEN %s AND %s
          GROUP BY bought.partner_id
            """,
            transactions._of_company(plan.company_id),
            plan.company_id.id,
            first - days,
            last - days,
        )

    def _source_inactive(self, plan, first, last) -> SQL:
        self.env["crm.last.contact"].flush_model()
        days = timedelta(days=plan.trigger_days)
        return SQL(
            """
            SELECT person.commercial_partner_id AS partner_id,
                   max(%(day)s) AS event_date
              FROM crm_last_contact AS contact
              JOIN res_partner AS person ON person.id = contact.partner_id
             WHERE contact.date >= %(since)s
               AND (contact.company_id IS NULL OR contact.company_id = %(company_id)s)
          GROUP BY person.commercial_partner_id
            HAVING max(%(day)s) BETWEEN %(first)s AND %(last)s
            """,
            day=SQL(
                "(contact.date AT TIME ZONE 'UTC' AT TIME ZONE %s)::date",
                plan._get_zone(),
            ),
            since=first - days - timedelta(days=1),
            company_id=plan.company_id.id,
            first=first - days,
            last=last - days,
        )

    def _source_date(self, plan, first, last) -> SQL:
        """Dates of persons that come in so many days."""
        self.env["crm.customer.date"].flush_model()
        days = timedelta(days=plan.trigger_days)
        return SQL(
            """
            SELECT person.commercial_partner_id AS partner_id, day::date AS event_date
              FROM crm_customer_date AS known
              JOIN res_partner AS person ON person.id = known.partner_id AND person.active
              JOIN generate_series(%s::timestamp, %s::timestamp, interval '1 day') AS day
                ON CASE WHEN known.yearly THEN %s ELSE known.date = day::date END
             WHERE known.company_id = %s AND known.kind_id = %s
            """,
            first + days,
            last + days,
            self._is_anniversary(SQL("known.date")),
            plan.company_id.id,
            plan.date_kind_id.id,
        )

    def _source_anniversary(self, plan, first, last) -> SQL:
        return SQL(
            """
            SELECT score.partner_id, day::date AS event_date
              FROM crm_rfm_score AS score
              JOIN generate_series(%s::timestamp, %s::timestamp, interval '1 day') AS day
                ON %s
             WHERE score.company_id = %s
            """,
            first,
            last,
            self._is_anniversary(SQL("score.first_date")),
            plan.company_id.id,
        )

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
        return SQL(
            """
            SELECT member.partner_id, %s::date AS event_date
              FROM crm_loyalty_membership AS member
             WHERE member.company_id = %s AND member.state = 'grace'
            """,
            last,
            plan.company_id.id,
        )

    def _source_regular(self, plan, _first, _last) -> SQL:
        # How often is settled by when they were enrolled last.
        return plan._matching()

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

from datetime import date, timedelta
from typing import NamedTuple

from odoo import fields, models
from odoo.tools import SQL

from ...analytics.plan.uplift import ArmSums, Uplift, compare
from ..common.bulk_sql import tune_for_bulk
from ..common.local_time import company_today
from ..purchase.counted_days import until_sql
from .groups import MANAGE_PLANS

# Revenue is cut at this part of both groups together.
CAP = 0.99
# Purchases of up to so many customers are looked up by customer.
FEW = 5000


class Outcome(NamedTuple):
    """What a plan brought so far."""

    uplift: Uplift
    #: customers whose time is not over yet, in both groups
    pending: int = 0
    #: when that of the first of them in the plan is over
    first_over: date | None = None
    #: customers who have been in both groups, because contacts were merged
    mixed: int = 0


class CrmCarePlan(models.Model):
    """A part of plans: what they brought, their customers against their control group.

    Each customer counts once, from when they first began the plan, in the group that was
    drawn for them, whatever happened afterwards: who left, was paused or did nothing stays
    in it (intention to treat). Customers who wait for a place have not begun. All of them
    are looked at for the same time, the days of the plan's goal, and only once these are
    over; in both groups alike:

    * The goal is reached by a purchase as it lets customers leave the plan
      (``crm.care.enrollment._buying``): one of the day itself counts where its document
      knows that it was later; what was taken back in full is no purchase. A plan without a
      goal counts any purchase.
    * Revenue is that of the days after the day on which they began; revenue before is that
      of twice as many days before it. The day itself is in neither: most documents do not
      know whether they were before or after.
    * Customers who were merged out of contacts of both groups are left out.
    """

    _inherit = "crm.care.plan"

    # The control group is in it.
    has_results = fields.Boolean(compute="_compute_has_results", groups=MANAGE_PLANS)

    def _compute_has_results(self):
        found = self.env["crm.care.enrollment"]._read_group(
            [("plan_id", "in", self.ids)], ["plan_id"]
        )
        enrolled = self.browse([plan.id for [plan] in found])
        for plan in self:
            plan.has_results = plan._origin in enrolled

    def action_results(self):
        """Open what the plan brought."""
        self.ensure_one()
        self.check_access("read")
        self.env["crm.care.plan.report"].check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Results of %s", self.name),
            "res_model": "crm.care.plan.report",
            "res_id": self.id,
            "view_mode": "form",
        }

    # -- Their figures

    def _get_outcomes(self) -> dict[int, Outcome]:
        """What each plan brought, by id. For all plans of a company one statement lists
        their customers, and another one adds up what they bought."""
        outcomes = {}
        # sudo: purchases of all customers, for users who may see what plans brought.
        for company, plans in self.sudo().grouped("company_id").items():
            plans = plans.with_company(company)
            plans._flush_what_decides()
            tune_for_bulk(self.env)
            groups = self.env.execute_query_dict(plans._groups_query(company))
            sums = plans._get_sums(company, groups)
            for plan in plans:
                outcomes[plan.id] = plan._outcome_of(
                    [group for group in groups if group["plan_id"] == plan.id],
                    {arm: each for (id_, arm), each in sums.items() if id_ == plan.id},
                )
        return outcomes

    def _outcome_of(self, groups, sums) -> Outcome:
        pending = {group["arm"]: group["pending"] for group in groups}
        first_over = {group["arm"]: group["first_over"] for group in groups}
        return Outcome(
            compare(
                sums.get("plan", ArmSums()),
                sums.get("control", ArmSums()),
                has_control=bool(self.control_percent or pending.get("control")),
            ),
            sum(pending.values()),
            # There is nothing to say of the control group alone.
            first_over.get("plan"),
            sum(group["mixed"] for group in groups),
        )

    def _groups_query(self, company) -> SQL:
        """The groups of these plans: one row for each plan and arm, with lists of the
        customers whose time is over, and when they began."""
        return SQL(
            """
            SELECT unit.plan_id, unit.arm, count(*) FILTER (WHERE is_mixed) AS mixed,
                   count(*) FILTER (WHERE NOT is_over AND NOT is_mixed) AS pending,
                   min(unit.day + unit.days + 1)
                       FILTER (WHERE NOT is_over AND NOT is_mixed) AS first_over,
                   array_agg(partner_id) FILTER (WHERE is_over AND NOT is_mixed) AS partners,
                   array_agg(day) FILTER (WHERE is_over AND NOT is_mixed) AS days,
                   array_agg(since) FILTER (WHERE is_over AND NOT is_mixed) AS since
              FROM (SELECT enrolled.*, asked.days,
                           enrolled.day + asked.days < %(today)s AS is_over
                      FROM (SELECT plan_id, partner_id, min(arm) AS arm,
                                   min(arm) <> max(arm) AS is_mixed,
                                   min(start_date) AS since,
                                   (min(start_date) AT TIME ZONE 'UTC'
                                        AT TIME ZONE %(zone)s)::date AS day
                              FROM crm_care_enrollment
                             WHERE plan_id = ANY(%(plans)s)
                          GROUP BY plan_id, partner_id
                            HAVING min(start_date) IS NOT NULL) AS enrolled
                      JOIN unnest(%(plans)s, %(days)s) AS asked(plan_id, days)
                        ON asked.plan_id = enrolled.plan_id) AS unit
          GROUP BY unit.plan_id, unit.arm
            """,
            plans=self.ids,
            days=self.mapped("goal_days"),
            today=self[:1]._today(),
            zone=self.env["crm.contact.policy"].with_company(company)._company_zone(),
        )

    def _get_sums(self, company, groups) -> dict[tuple, ArmSums]:
        """What these groups bought, by plan and arm."""
        groups = [group for group in groups if group["partners"]]
        if not groups:
            return {}
        query = self._sums_query(company, groups)
        self.env.flush_query(query)
        return {
            (row.pop("plan_id"), row.pop("arm")): ArmSums(**row)
            for row in self.env.execute_query_dict(query)
        }

    def _sums_query(self, company, groups) -> SQL:
        """The sums of both groups of these plans. Their customers, and the days in
        question, are written out: PostgreSQL knows how many they are then, and does not
        compare each with each purchase."""
        transactions = self.env["crm.customer.transaction"]
        first = min(min(group["days"]) - 2 * self._span(group) for group in groups)
        last = max(max(group["days"]) + self._span(group) for group in groups)
        return SQL(
            """
            WITH unit AS (
                SELECT unit.*, asked.days, asked.goal_amount
                  FROM (%(units)s) AS unit
                  JOIN (VALUES %(asked)s) AS asked(plan_id, days, goal_amount)
                    ON asked.plan_id = unit.plan_id
            ),
            bought AS MATERIALIZED (
                SELECT unit.plan_id, unit.arm, unit.partner_id, bought.tied_key,
                       bought.amount, bought.date > unit.day AS after,
                       bought.date < unit.day AS before,
                       bought.amount > 0 AND bought.amount >= unit.goal_amount
                       AND bought.date >= unit.day
                       AND (bought.date > unit.day OR %(moment)s > unit.since)
                       AND %(products)s AS is_goal
                  FROM %(transactions)s AS bought
                  JOIN unit ON unit.partner_id = bought.partner_id
                 WHERE bought.company_id = %(company)s AND %(few)s AND %(until)s
                   AND bought.date BETWEEN %(first)s AND %(last)s
                   AND bought.date BETWEEN unit.day - 2 * unit.days AND unit.day + unit.days
            ),
            %(gone)s,
            %(sums)s
            """,
            units=SQL(" UNION ALL ").join(map(self._listed_units, groups)),
            asked=SQL(", ").join(
                SQL(
                    "(%s, %s, %s::numeric)",
                    plan.id,
                    plan.goal_days,
                    plan.goal_amount if plan.goal else 0,
                )
                for plan in self
            ),
            moment=transactions._moment_sql("bought"),
            products=self._goal_products(),
            transactions=transactions._of_company(company),
            company=company.id,
            few=self._of_few(groups),
            first=first,
            last=last,
            until=until_sql("bought", company_today(company)),
            gone=self._gone(company),
            sums=self._sums(),
        )

    def _span(self, group) -> timedelta:
        return timedelta(days=self.browse(group["plan_id"]).goal_days)

    @staticmethod
    def _listed_units(group) -> SQL:
        return SQL(
            """
            SELECT %s AS plan_id, %s AS arm, unnest(%s::int[]) AS partner_id,
                   unnest(%s::date[]) AS day, unnest(%s::timestamp[]) AS since
            """,
            group["plan_id"],
            group["arm"],
            group["partners"],
            group["days"],
            group["since"],
        )

    @staticmethod
    def _of_few(groups) -> SQL:
        """Where the customers are few, their purchases are looked up by index; else all
        those of the days in question are read."""
        partners = {id_ for group in groups for id_ in group["partners"]}
        if len(partners) > FEW:
            return SQL("TRUE")
        return SQL("bought.partner_id = ANY(%s)", sorted(partners))

    def _goal_products(self) -> SQL:
        """Whether a purchase is of the products of the goal of its plan."""
        transactions = self.env["crm.customer.transaction"]
        cases = [
            SQL(
                "WHEN unit.plan_id = %s THEN %s",
                plan.id,
                transactions._with_products(
                    "bought", plan.goal_product_tmpl_ids, plan.goal_categ_ids
                ),
            )
            for plan in self
            if plan.goal and (plan.goal_product_tmpl_ids or plan.goal_categ_ids)
        ]
        if not cases:
            return SQL("TRUE")
        return SQL("CASE %s ELSE TRUE END", SQL(" ").join(cases))

    def _gone(self, company) -> SQL:
        """The step ``gone``: purchases of several documents that were taken back in full,
        as ``crm.customer.transaction._stands`` says of one. ``NOT … NOT IN`` is looked up
        in a hash table, which ``IN`` need not be."""
        return SQL(
            """
            several AS MATERIALIZED (
                SELECT DISTINCT partner_id, tied_key
                  FROM bought WHERE is_goal AND tied_key IS NOT NULL
            ),
            gone AS MATERIALIZED (
                SELECT same.partner_id, same.tied_key
                  FROM %s AS same
                 WHERE same.company_id = %s AND %s
                   AND same.partner_id = ANY(ARRAY(SELECT partner_id FROM several))
                   AND NOT (same.partner_id, same.tied_key) NOT IN (
                       SELECT partner_id, tied_key FROM several)
              GROUP BY same.partner_id, same.tied_key
                HAVING sum(same.amount) <= 0
            )
            """,
            self.env["crm.customer.transaction"]._of_company(company),
            company.id,
            until_sql("same", company_today(company)),
        )

    @staticmethod
    def _sums() -> SQL:
        """Each customer's revenue cut at the cap, and all of it added up."""
        return SQL(
            """
            customer AS MATERIALIZED (
                -- Not joined: PostgreSQL takes what such steps have in common for a row.
                SELECT plan_id, arm, partner_id, sum(x) AS x, sum(y) AS y,
                       bool_or(is_goal) AS is_goal
                  FROM (SELECT plan_id, arm, partner_id, 0 AS x, 0 AS y, FALSE AS is_goal
                          FROM unit
                     UNION ALL
                        SELECT plan_id, arm, partner_id,
                               CASE WHEN before THEN amount ELSE 0 END,
                               CASE WHEN after THEN amount ELSE 0 END,
                               is_goal AND (tied_key IS NULL
                                   OR (partner_id, tied_key) NOT IN (
                                       SELECT partner_id, tied_key FROM gone))
                          FROM bought) AS each
              GROUP BY plan_id, arm, partner_id
            ),
            cap AS (
                SELECT plan_id,
                       percentile_cont(%(cap)s) WITHIN GROUP (ORDER BY x)::numeric AS x,
                       percentile_cont(%(cap)s) WITHIN GROUP (ORDER BY y)::numeric AS y
                  FROM customer GROUP BY plan_id
            )
            SELECT cut.plan_id, cut.arm, count(*) AS customers,
                   count(*) FILTER (WHERE is_goal) AS goals, sum(revenue) AS revenue,
                   sum(y) AS y, sum(y * y) AS yy, sum(x) AS x, sum(x * x) AS xx,
                   sum(x * y) AS xy, count(*) FILTER (WHERE before) AS before
              FROM (SELECT customer.plan_id, customer.arm, customer.is_goal,
                           customer.y AS revenue, customer.x > 0 AS before,
                           LEAST(customer.x, cap.x) AS x, LEAST(customer.y, cap.y) AS y
                      FROM customer JOIN cap ON cap.plan_id = customer.plan_id) AS cut
          GROUP BY cut.plan_id, cut.arm
            """,
            cap=CAP,
        )

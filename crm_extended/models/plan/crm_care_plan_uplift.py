from datetime import date
from typing import NamedTuple

from odoo import fields, models
from odoo.tools import SQL

from ...analytics.plan.uplift import ArmSums, Uplift, compare
from ..common.bulk_sql import tune_for_bulk
from .groups import MANAGE_PLANS

# Revenue is cut at this part of both groups together.
CAP = 0.99


class Outcome(NamedTuple):
    """What a plan brought so far."""

    uplift: Uplift
    #: customers whose time is not over yet, in both groups
    pending: int = 0
    #: when the first of them is over
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
        """What each plan brought, by id: one statement for all plans of a company."""
        outcomes = {}
        # sudo: purchases of all customers, for whoever may see what plans brought.
        for company, plans in self.sudo().grouped("company_id").items():
            plans = plans.with_company(company)
            plans._flush_what_decides()
            query = plans._outcome_query(company)
            self.env.flush_query(query)
            tune_for_bulk(self.env)
            rows = self.env.execute_query_dict(query)
            for plan in plans:
                outcomes[plan.id] = self._outcome_of(
                    [row for row in rows if row["plan_id"] == plan.id]
                )
        return outcomes

    @staticmethod
    def _outcome_of(rows) -> Outcome:
        arms = {
            row["arm"]: ArmSums(**{name: row[name] or 0 for name in ArmSums._fields})
            for row in rows
        }
        over = [row["first_over"] for row in rows if row["first_over"]]
        return Outcome(
            compare(arms.get("plan", ArmSums()), arms.get("control", ArmSums())),
            sum(row["pending"] for row in rows),
            min(over, default=None),
            sum(row["mixed"] for row in rows),
        )

    def _outcome_query(self, company) -> SQL:
        """The sums of both groups of these plans. Customers are few beside all purchases,
        which are read once, and once more where several documents are one purchase."""
        transactions = self.env["crm.customer.transaction"]
        return SQL(
            """
            WITH %(units)s,
            bought AS MATERIALIZED (
                SELECT mature.plan_id, mature.partner_id, bought.date > mature.day AS after,
                       bought.date < mature.day AS before, bought.amount, bought.tied_key,
                       bought.amount > 0 AND bought.amount >= mature.goal_amount
                       AND bought.date >= mature.day
                       AND (bought.date > mature.day OR %(moment)s > mature.since)
                       AND %(products)s AS is_goal
                  FROM mature
                  JOIN %(transactions)s AS bought
                    ON bought.partner_id = mature.partner_id
                   AND bought.date BETWEEN mature.day - 2 * mature.days
                                       AND mature.day + mature.days
                 WHERE bought.company_id = %(company)s
                   AND bought.date >= (SELECT min(day - 2 * days) FROM mature)
                   AND bought.date <= (SELECT max(day + days) FROM mature)
            ),
            %(gone)s,
            customer AS MATERIALIZED (
                SELECT bought.plan_id, bought.partner_id,
                       COALESCE(sum(bought.amount) FILTER (WHERE after), 0) AS y,
                       COALESCE(sum(bought.amount) FILTER (WHERE before), 0) AS x,
                       bool_or(is_goal AND gone.tied_key IS NULL) AS is_goal
                  FROM bought
             LEFT JOIN gone ON gone.partner_id = bought.partner_id
                           AND gone.tied_key = bought.tied_key
              GROUP BY bought.plan_id, bought.partner_id
            ),
            %(sums)s
            """,
            units=self._units(company),
            moment=transactions._moment_sql("bought"),
            products=self._goal_products(),
            transactions=transactions._of_company(company),
            company=company.id,
            gone=self._gone(company),
            sums=self._sums(),
        )

    def _units(self, company) -> SQL:
        """The steps ``unit``, the customers of these plans, each once, and ``mature``, those
        whose time is over."""
        return SQL(
            """
            asked AS (
                SELECT * FROM unnest(%(plans)s::int[], %(days)s::int[], %(amounts)s::numeric[])
                           AS asked(plan_id, days, goal_amount)
            ),
            unit AS MATERIALIZED (
                SELECT enrolled.*, asked.days, asked.goal_amount,
                       enrolled.day + asked.days < %(today)s AS is_mature
                  FROM (SELECT plan_id, partner_id, min(arm) AS arm,
                               min(arm) <> max(arm) AS is_mixed,
                               min(start_date) AS since,
                               (min(start_date) AT TIME ZONE 'UTC'
                                    AT TIME ZONE %(zone)s)::date AS day
                          FROM crm_care_enrollment
                         WHERE plan_id = ANY(%(plans)s)
                      GROUP BY plan_id, partner_id
                        HAVING min(start_date) IS NOT NULL) AS enrolled
                  JOIN asked ON asked.plan_id = enrolled.plan_id
            ),
            mature AS MATERIALIZED (
                SELECT * FROM unit WHERE is_mature AND NOT is_mixed
            )
            """,
            plans=self.ids,
            days=self.mapped("goal_days"),
            amounts=[plan.goal_amount if plan.goal else 0 for plan in self],
            today=self[:1]._today(),
            zone=self.env["crm.contact.policy"].with_company(company)._company_zone(),
        )

    def _goal_products(self) -> SQL:
        """Whether a purchase is of the products of the goal of its plan."""
        transactions = self.env["crm.customer.transaction"]
        cases = [
            SQL(
                "WHEN mature.plan_id = %s THEN %s",
                plan.id,
                transactions._with_products(
                    "bought", plan.goal_product_tmpl_ids, plan.goal_categ_ids
                ),
            )
            for plan in self
            if plan.goal and (plan.goal_product_tmpl_ids or plan.goal_categ_ids)
        ]
        return (
            SQL("CASE %s ELSE TRUE END", SQL(" ").join(cases)) if cases else SQL("TRUE")
        )

    def _gone(self, company) -> SQL:
        """The step ``gone``: purchases of several documents that were taken back in full,
        as ``crm.customer.transaction._stands`` says of one."""
        return SQL(
            """
            several AS MATERIALIZED (
                SELECT DISTINCT partner_id, tied_key FROM bought
                 WHERE is_goal AND tied_key IS NOT NULL
            ),
            gone AS MATERIALIZED (
                SELECT several.partner_id, several.tied_key
                  FROM several
                  JOIN %s AS same
                    ON same.partner_id = several.partner_id
                   AND same.tied_key = several.tied_key
                 WHERE same.company_id = %s AND same.tied_key IS NOT NULL
              GROUP BY several.partner_id, several.tied_key
                HAVING sum(same.amount) <= 0
            )
            """,
            self.env["crm.customer.transaction"]._of_company(company),
            company.id,
        )

    @staticmethod
    def _sums() -> SQL:
        """Each customer's revenue cut at the cap, and all of it added up."""
        return SQL(
            """
            counted AS MATERIALIZED (
                SELECT mature.plan_id, mature.partner_id,
                       COALESCE(customer.x, 0) AS x, COALESCE(customer.y, 0) AS y,
                       COALESCE(customer.is_goal, FALSE) AS is_goal
                  FROM mature
             LEFT JOIN customer ON customer.plan_id = mature.plan_id
                               AND customer.partner_id = mature.partner_id
            ),
            cap AS (
                SELECT plan_id,
                       percentile_cont(%(cap)s) WITHIN GROUP (ORDER BY x)::numeric AS x,
                       percentile_cont(%(cap)s) WITHIN GROUP (ORDER BY y)::numeric AS y
                  FROM counted GROUP BY plan_id
            ),
            cut AS (
                SELECT counted.plan_id, counted.partner_id, counted.is_goal,
                       counted.y AS revenue, counted.x > 0 AS before,
                       LEAST(counted.x, cap.x) AS x, LEAST(counted.y, cap.y) AS y
                  FROM counted JOIN cap ON cap.plan_id = counted.plan_id
            )
            SELECT unit.plan_id, unit.arm,
                   count(*) FILTER (WHERE unit.is_mixed) AS mixed,
                   count(*) FILTER (WHERE NOT unit.is_mature AND NOT unit.is_mixed)
                       AS pending,
                   min(unit.day + unit.days + 1) FILTER (WHERE NOT unit.is_mature)
                       AS first_over,
                   count(cut.partner_id) AS customers,
                   count(*) FILTER (WHERE cut.is_goal) AS goals,
                   sum(cut.revenue) AS revenue, sum(cut.y) AS y, sum(cut.y * cut.y) AS yy,
                   sum(cut.x) AS x, sum(cut.x * cut.x) AS xx, sum(cut.x * cut.y) AS xy,
                   count(*) FILTER (WHERE cut.before) AS before
              FROM unit
         LEFT JOIN cut ON cut.plan_id = unit.plan_id AND cut.partner_id = unit.partner_id
          GROUP BY unit.plan_id, unit.arm
            """,
            cap=CAP,
        )

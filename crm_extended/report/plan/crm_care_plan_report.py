from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...analytics.plan.uplift import goal_rate, mean_revenue
from ...models.common.bulk_sql import turn_off_jit
from ...models.plan.crm_care_plan import OPEN
from .result_words import ResultWords

# So many plans that compete for the customers are named.
NAMED = 3


class CrmCarePlanReport(models.Model):
    """What a care plan did, and what it brought: one record for each plan that was started.

    Its figures name the control group, so it is for sales managers only.
    """

    _name = "crm.care.plan.report"
    _description = "Care Plan Result"
    _auto = False
    _rec_name = "plan_id"
    _order = "started_date desc, id desc"

    _depends = {
        "crm.care.plan": ["company_id", "user_id", "state", "started_date", "active"],
        "crm.care.enrollment": [
            "plan_id",
            "partner_id",
            "arm",
            "state",
            "exit_reason",
            "start_date",
            "end_date",
        ],
        "crm.care.enrollment.step": ["plan_id", "outcome", "touch_id"],
    }

    plan_id = fields.Many2one("crm.care.plan", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    user_id = fields.Many2one("res.users", string="Responsible", readonly=True)
    state = fields.Selection("_selection_state", string="Status", readonly=True)
    started_date = fields.Date(string="Started On", readonly=True)
    enrolled = fields.Integer(
        readonly=True, help="Customers who began the plan, each once."
    )
    control = fields.Integer(
        string="Control Group",
        readonly=True,
        help="Customers for whom nothing was done, to compare.",
    )
    inside = fields.Integer(
        string="In the Plan", readonly=True, help="Customers in the plan now."
    )
    done = fields.Integer(
        string="Completed",
        readonly=True,
        help="Customers who went through the whole plan.",
    )
    goals = fields.Integer(
        string="Goal Reached",
        readonly=True,
        help="Customers who left the plan because they reached its goal.",
    )
    touches = fields.Integer(
        readonly=True, help="Mails, messages and calls that the plan used."
    )
    touches_per_week = fields.Float(
        string="Touches per Customer and Week",
        readonly=True,
        digits=(16, 2),
        aggregator="avg",
        help="Touches divided by the weeks that customers were in the plan, at least one "
        "each.",
    )
    skipped = fields.Integer(
        string="Steps Skipped",
        readonly=True,
        help="Steps that were not done for a customer, for whichever reason.",
    )

    # -- What it brought

    uplift_text = fields.Char(string="Difference", compute="_compute_results")
    goal_text = fields.Char(string="Result", compute="_compute_results")
    revenue_text = fields.Char(string="Revenue", compute="_compute_results")
    note_text = fields.Text(string="Notes", compute="_compute_results")
    plan_customers = fields.Integer(
        string="Customers", compute="_compute_results", help="Whose days are over."
    )
    control_customers = fields.Integer(
        string="Customers in the Control Group", compute="_compute_results"
    )
    plan_rate = fields.Float(string="Goal Rate", compute="_compute_results")
    control_rate = fields.Float(
        string="Goal Rate of the Control Group", compute="_compute_results"
    )
    plan_revenue = fields.Monetary(
        string="Revenue per Customer", compute="_compute_results"
    )
    control_revenue = fields.Monetary(
        string="Revenue per Customer of the Control Group", compute="_compute_results"
    )
    competing_count = fields.Integer(
        string="Shared Customers",
        compute="_compute_competing",
        help="Customers of the plan who were in another one at the same time, or for whom "
        "the touch limit left no room for a step.",
    )
    competing_text = fields.Char(string="Shared With", compute="_compute_competing")

    @api.model
    def _selection_state(self):
        # In the user's language.
        return (
            self.env["crm.care.plan"]._fields["state"]._description_selection(self.env)
        )

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT plan.id, plan.id AS plan_id, plan.company_id, plan.user_id, plan.state,
                   plan.started_date,
                   COALESCE(customer.enrolled, 0) AS enrolled,
                   COALESCE(customer.control, 0) AS control,
                   COALESCE(customer.inside, 0) AS inside,
                   COALESCE(customer.done, 0) AS done,
                   COALESCE(customer.goals, 0) AS goals,
                   COALESCE(step.touches, 0) AS touches,
                   COALESCE(step.skipped, 0) AS skipped,
                   COALESCE(step.touches / NULLIF(customer.weeks, 0), 0)
                       AS touches_per_week
              FROM crm_care_plan AS plan
         LEFT JOIN (SELECT plan_id,
                           count(DISTINCT partner_id) FILTER (
                               WHERE arm = 'plan' AND start_date IS NOT NULL) AS enrolled,
                           count(DISTINCT partner_id) FILTER (
                               WHERE arm = 'control' AND start_date IS NOT NULL) AS control,
                           count(*) FILTER (
                               WHERE arm = 'plan' AND state = ANY(%(open)s)) AS inside,
                           count(DISTINCT partner_id) FILTER (
                               WHERE arm = 'plan' AND state = 'done') AS done,
                           count(DISTINCT partner_id) FILTER (
                               WHERE arm = 'plan' AND exit_reason = 'goal') AS goals,
                           sum(GREATEST(extract(epoch FROM
                               COALESCE(end_date, %(now)s) - start_date) / 604800, 1))
                               FILTER (WHERE arm = 'plan' AND start_date IS NOT NULL)
                               AS weeks
                      FROM crm_care_enrollment GROUP BY plan_id) AS customer
                ON customer.plan_id = plan.id
         LEFT JOIN (SELECT plan_id, count(touch_id) AS touches,
                           count(*) FILTER (WHERE outcome = 'skipped') AS skipped
                      FROM crm_care_enrollment_step GROUP BY plan_id) AS step
                ON step.plan_id = plan.id
             WHERE plan.started_date IS NOT NULL OR customer.plan_id IS NOT NULL
            """,
            open=list(OPEN),
            now=fields.Datetime.now(),
        )

    @api.depends("plan_id")
    @api.depends_context("lang")
    def _compute_results(self):
        outcomes = self.plan_id._get_outcomes()
        for report in self:
            outcome = outcomes[report.plan_id.id]
            words = ResultWords(report.plan_id, outcome)
            plan, control = outcome.uplift.plan, outcome.uplift.control
            report.update(
                {
                    "uplift_text": words.short(),
                    "goal_text": words.goal(),
                    "revenue_text": words.revenue(),
                    "note_text": words.notes(),
                    "plan_customers": plan.customers,
                    "control_customers": control.customers,
                    "plan_rate": goal_rate(plan) or 0,
                    "control_rate": goal_rate(control) or 0,
                    "plan_revenue": mean_revenue(plan) or 0,
                    "control_revenue": mean_revenue(control) or 0,
                }
            )

    @api.depends("plan_id")
    @api.depends_context("lang")
    def _compute_competing(self):
        counts, others = {}, {}
        # sudo: of all customers, as the other figures.
        self.env["crm.care.enrollment"].sudo().flush_model()
        self.env["crm.care.enrollment.step"].flush_model()
        turn_off_jit(self.env)
        for plan_id, other_id, count in self.env.execute_query(self._competing_query()):
            if other_id:
                others.setdefault(plan_id, []).append((other_id, count))
            else:
                counts[plan_id] = count
        for report in self:
            report.competing_count = counts.get(report.plan_id.id, 0)
            report.competing_text = report._name_others(
                others.get(report.plan_id.id, [])
            )

    def _name_others(self, others) -> str:
        """The plans with most of the customers, with how many of them."""
        others = sorted(others, key=lambda pair: (-pair[1], pair[0]))[:NAMED]
        plans = self.env["crm.care.plan"].browse([id_ for id_, _count in others])
        return ", ".join(
            self.env._("%(plan)s (%(count)s)", plan=plan.name, count=count)
            for plan, (_id, count) in zip(plans, others, strict=True)
        )

    def _competing_query(self) -> SQL:
        """Customers of these plans whom other plans of the company had at the same time,
        by other plan; and in all, with those for whom there was no touch left, where that
        is NULL."""
        return SQL(
            """
            WITH shared AS MATERIALIZED (
                SELECT mine.plan_id, other.plan_id AS other_id, customer.partner_id
                  FROM (%(customers)s) AS customer
            CROSS JOIN unnest(plans, starts, ends, agains)
                       AS mine(plan_id, start_date, end_date, again)
            CROSS JOIN unnest(plans, starts, ends, agains)
                       AS other(plan_id, start_date, end_date, again)
                 WHERE mine.plan_id = ANY(%(plans)s) AND other.plan_id <> mine.plan_id
                   AND other.start_date < mine.end_date
                   AND other.end_date > mine.start_date
                   AND (NOT (mine.again OR other.again) OR EXISTS (
                       SELECT FROM crm_care_enrollment AS one
                         JOIN crm_care_enrollment AS two
                           ON two.plan_id = other.plan_id AND two.arm = 'plan'
                          AND two.partner_id = one.partner_id
                          AND two.start_date < COALESCE(one.end_date, 'infinity')
                          AND COALESCE(two.end_date, 'infinity') > one.start_date
                        WHERE one.plan_id = mine.plan_id AND one.arm = 'plan'
                          AND one.partner_id = customer.partner_id))
            )
            SELECT plan_id, other_id, count(*) FROM shared GROUP BY plan_id, other_id
             UNION ALL
            SELECT plan_id, NULL, count(*)
              FROM (SELECT plan_id, partner_id FROM shared
                     UNION
                    SELECT plan_id, partner_id FROM crm_care_enrollment_step
                     WHERE plan_id = ANY(%(plans)s) AND reason = 'limit') AS customer
          GROUP BY plan_id
            """,
            plans=self.plan_id.ids,
            customers=self._customers_of_several(),
        )

    def _customers_of_several(self) -> SQL:
        """Customers of these plans who were in others, too: with lists of all their plans,
        from when to when, and whether they were in it more than once (and not all the time
        between). Not joined: a customer who was in a plan very often would be compared with
        themselves."""
        return SQL(
            """
            SELECT partner_id, array_agg(plan_id) AS plans, array_agg(first) AS starts,
                   array_agg(last) AS ends, array_agg(again) AS agains
              FROM (SELECT partner_id, company_id, plan_id, min(start_date) AS first,
                           max(COALESCE(end_date, 'infinity')) AS last,
                           count(*) > 1 AS again
                      FROM crm_care_enrollment
                     WHERE arm = 'plan' AND start_date IS NOT NULL
                       AND partner_id IN (SELECT partner_id FROM crm_care_enrollment
                                           WHERE plan_id = ANY(%s) AND arm = 'plan')
                  GROUP BY partner_id, company_id, plan_id) AS each
          GROUP BY partner_id, company_id HAVING count(*) > 1
            """,
            self.plan_id.ids,
        )

    # -- What the pages open

    def action_open_plan(self):
        """Open the plan."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "crm.care.plan",
            "res_id": self.plan_id.id,
            "view_mode": "form",
        }

    def action_skipped(self):
        """Open the steps that were skipped, by their reasons."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_extended.crm_care_plan_skipped_action"
        )
        mine = Domain("plan_id", "in", self.plan_id.ids)
        return {**action, "domain": list(mine & Domain("outcome", "=", "skipped"))}

    def action_customers(self):
        """Open the customers who are in the plan, or were."""
        return self._open_arm("plan")

    def action_control(self):
        """Open the customers of the control group."""
        title = self.env._("Control Group of %s", self.plan_id.name)
        # The latter is what the page shows.
        return {**self._open_arm("control"), "name": title, "display_name": title}

    def _open_arm(self, arm):
        """Open the customers of one group who have begun: those who are counted."""
        self.ensure_one()
        action = self.plan_id._open_enrollments({})
        begun = Domain("plan_id", "=", self.plan_id.id) & Domain(
            "start_date", "!=", False
        )
        return {**action, "domain": list(begun & Domain("arm", "=", arm))}

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ...models.plan.crm_care_plan import DATED
from ...models.plan.crm_care_plan_forecast import DAYS
from ...models.plan.groups import MANAGE_PLANS

# Of those whom the plan is for, who is not in the control group.
TREATED = ("begins", "waits")


class CrmCarePlanDryRun(models.TransientModel):
    """What a plan would do if it ran today: whom it would enroll, what it would send in
    the days to come, and how its mails come out. Only this page is written.

    Its part: ``crm_care_plan_dry_run_mail.py`` (checking, showing and trying mails).
    """

    _name = "crm.care.plan.dry.run"
    _description = "Dry Run of a Care Plan"
    _check_company_auto = True

    plan_id = fields.Many2one(
        "crm.care.plan", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="plan_id.company_id")
    currency_id = fields.Many2one(related="company_id.currency_id")
    who = fields.Selection(
        [
            ("today", "Today's events so far"),
            ("matching", "Customers who match now"),
        ],
        string="Customers",
        required=True,
        default="today",
    )
    has_choice = fields.Boolean(readonly=True)
    today_count = fields.Integer(string="Enrolled by Today's Events", readonly=True)
    matching_count = fields.Integer(string="Match Now", readonly=True)
    who_text = fields.Char(string="Based On", compute="_compute_texts")
    begin_count = fields.Integer(
        string="Begin Today", readonly=True, help="Without the control group."
    )
    later_count = fields.Integer(
        string="Wait for a Place",
        readonly=True,
        help="They begin on later days because of the daily enrollment limit, "
        "highest revenue first.",
    )
    control_count = fields.Integer(
        string="Control Group",
        readonly=True,
        groups=MANAGE_PLANS,
        help="They would be enrolled, but nothing is done for them.",
    )
    inside_count = fields.Integer(string="In the Plan Already", readonly=True)
    hint = fields.Text(compute="_compute_texts")
    assumptions = fields.Text(compute="_compute_texts")
    customer_ids = fields.One2many("crm.care.plan.dry.run.customer", "run_id")
    line_ids = fields.One2many("crm.care.plan.dry.run.line", "run_id")

    @api.depends("plan_id.name")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for run in self:
            run.display_name = self.env._("Dry Run: %s", run.plan_id.name)

    # -- Running it

    def action_run(self):
        """Look at the plan as it is now."""
        self.ensure_one()
        self._check_managed()
        # sudo: as the plan would, for customers of all salespeople.
        plan = self.plan_id.sudo().with_company(self.plan_id.company_id)
        plan._check_filters()
        plan._flush_what_decides()
        sources = {
            "today": plan._todays_source(),
            "matching": plan._matching_source(),
        }
        found = {key: plan._candidates(source) for key, source in sources.items()}
        self.has_choice = bool(found["matching"]) and plan.trigger != "manual"
        self.today_count = len(found["today"])
        self.matching_count = len(found["matching"])
        if not self.has_choice:
            self.who = "matching" if plan.trigger == "manual" else "today"
        elif plan.state == "draft" and not self.line_ids and not found["today"]:
            # The start of the plan asks whether to begin with them.
            self.who = "matching"
        self._note(plan, found[self.who])
        self._begin_check()
        return True

    def _note(self, plan, candidates):
        queue = plan._queue(candidates)
        day_of = {one.partner_id: day for one, day in queue}
        treated = [one for one in candidates if one.arm == "plan"]
        begin = [one for one in treated if day_of.get(one.partner_id) == 0]
        self.write(
            {
                "begin_count": len(begin),
                "later_count": len(treated) - len(begin),
                "control_count": len(candidates) - len(treated),
                "inside_count": len(plan._cursors_inside(fields.Datetime.now())),
            }
        )
        self.customer_ids.unlink()
        self.line_ids.unlink()
        self.customer_ids._insert(self, candidates, day_of)
        self.line_ids._insert(self, plan._forecast(queue))

    def _check_managed(self):
        if not self.env.user.has_group(MANAGE_PLANS):
            raise AccessError(
                self.env._("Only sales managers try a care plan before it starts.")
            )
        self.check_access("write")
        self.plan_id.check_access("write")

    # -- Sentences

    @api.depends("plan_id", "who", "begin_count", "later_count", "inside_count")
    @api.depends_context("lang", "uid")
    def _compute_texts(self):
        for run in self:
            run.who_text = run._say_who()
            run.hint = "\n".join(run._say_hints())
            run.assumptions = "\n".join(run._say_assumptions())

    def _say_who(self) -> str:
        if self.plan_id.trigger == "manual":
            return self.env._("Customers who match now: you enroll them yourself")
        if self.who == "matching":
            return self.env._("Customers who match now, if the plan begins with them")
        if self.plan_id.trigger in dict(DATED):
            return self.env._("Customers whose day is today")
        return self.env._("Today's events so far")

    def _say_hints(self) -> list[str]:
        env, plan, said = self.env, self.plan_id, []
        steps = plan._tried_version().step_ids
        if not steps:
            said.append(env._("The plan has no steps yet: it does nothing."))
        try:
            steps._check_complete()
        except UserError as error:
            said.append(str(error))
        if plan.company_id.sudo().care_plans_stopped:  # sudo: a setting.
            said.append(env._("All care plans of this company are stopped."))
        if plan.state == "paused":
            said.append(
                env._(
                    "The plan is paused. This page shows what would happen if it were resumed now."
                )
            )
        if not (self.begin_count or self.later_count or self.control_count):
            said.append(self._say_none())
        return said

    def _say_none(self) -> str:
        if self.plan_id.trigger == "manual":
            return self.env._(
                "No customer matches. You enroll customers yourself; the audience of the "
                "plan decides who can be."
            )
        return self.env._(
            "No customer would be enrolled today. Widen the audience, or try again on "
            "another day."
        )

    def _say_assumptions(self) -> list[str]:
        env, plan = self.env, self.plan_id
        said = [
            env._(
                "Includes these customers, those waiting for a place and those already in "
                "the plan, but not customers who are enrolled on other days."
            ),
            env._(
                "Messages of other plans, answers and future purchases are not known: the "
                "figures assume that no one leaves early and that consent stays as it is."
            ),
        ]
        steps = plan._tried_version().step_ids
        if steps.filtered("condition"):
            said.append(
                env._(
                    "Each condition is assumed to be met: steps with one show the maximum."
                )
            )
        if len(steps.filtered(lambda step: step.kind == "activity")) > 1:
            said.append(
                env._(
                    "Each activity is assumed to be done before the next one is due: "
                    "while one is open, the next is skipped."
                )
            )
        if otherwise := steps._reached_otherwise():
            said.append(
                env._(
                    "Not included, as they only follow where a condition is not met: %s",
                    ", ".join(otherwise.mapped("name")),
                )
            )
        return said

    # -- What the page opens

    def action_begin(self):
        return self._open_customers("begins", self.env._("Begin Today"))

    def action_later(self):
        return self._open_customers("waits", self.env._("Wait for a Place"))

    def action_control(self):
        return self._open_customers("control", self.env._("Control Group"))

    def _open_customers(self, status, name):
        self.ensure_one()
        self._check_managed()
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": "crm.care.plan.dry.run.customer",
            "view_mode": "list",
            "domain": [("run_id", "=", self.id), ("status", "=", status)],
        }

    def action_graph(self):
        """Show the days to come as bars."""
        self.ensure_one()
        self._check_managed()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Next %s Days", DAYS),
            "res_model": "crm.care.plan.dry.run.line",
            "view_mode": "graph,list",
            "domain": [("run_id", "=", self.id)],
        }


class CrmCarePlanDryRunCustomer(models.TransientModel):
    """A customer whom a plan would enroll."""

    _name = "crm.care.plan.dry.run.customer"
    _description = "Customer in a Dry Run"
    _order = "place, id"
    _rec_name = "partner_id"

    run_id = fields.Many2one(
        "crm.care.plan.dry.run", required=True, index=True, ondelete="cascade"
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    status = fields.Selection(
        [
            ("begins", "Begins today"),
            ("waits", "Waits for a place"),
            ("control", "Control group"),
        ],
        readonly=True,
    )
    start_date = fields.Date(
        string="Begins On", readonly=True, help="Empty: later than in 30 days."
    )
    revenue = fields.Monetary(readonly=True)
    place = fields.Integer(readonly=True, aggregator=None)
    currency_id = fields.Many2one(related="run_id.currency_id")
    email = fields.Char(related="partner_id.email")
    user_id = fields.Many2one(related="partner_id.user_id", string="Salesperson")

    def action_open_customer(self):
        """Open the customer of the line."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.partner",
            "res_id": self.partner_id.id,
            "view_mode": "form",
        }

    @api.model
    def _insert(self, run, candidates, day_of):
        """Note candidates, in one statement.

        :param dict day_of: day on which each begins, counted from today
        """
        if not candidates:
            return
        run.flush_recordset()
        days = [day_of.get(one.partner_id) for one in candidates]
        today = run.plan_id.with_company(run.company_id)._today()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO crm_care_plan_dry_run_customer
                       (run_id, partner_id, status, start_date, revenue, place,
                        create_uid, create_date, write_uid, write_date)
                SELECT %(run)s, one.partner_id,
                       CASE WHEN one.arm = 'control' THEN 'control'
                            WHEN one.day = 0 THEN 'begins' ELSE 'waits' END,
                       %(today)s::date + one.day, one.revenue, one.place,
                       %(uid)s, %(now)s, %(uid)s, %(now)s
                  FROM unnest(%(partners)s::int[], %(arms)s::text[], %(days)s::int[],
                              %(revenues)s::float[])
                       WITH ORDINALITY
                       AS one(partner_id, arm, day, revenue, place)
                """,
                run=run.id,
                today=today,
                uid=self.env.uid,
                now=fields.Datetime.now(),
                partners=[one.partner_id for one in candidates],
                arms=[one.arm for one in candidates],
                days=days,
                revenues=[one.revenue for one in candidates],
            )
        )
        run.invalidate_recordset(["customer_ids"])


class CrmCarePlanDryRunLine(models.TransientModel):
    """What a plan would do on a day."""

    _name = "crm.care.plan.dry.run.line"
    _description = "Day of a Dry Run"
    _order = "date, sequence, id"
    _rec_name = "step_id"

    run_id = fields.Many2one(
        "crm.care.plan.dry.run", required=True, index=True, ondelete="cascade"
    )
    date = fields.Date(required=True, readonly=True)
    step_id = fields.Many2one(
        "crm.care.plan.step",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    sequence = fields.Integer(related="step_id.sequence", store=True)
    kind = fields.Selection(related="step_id.kind")
    if_text = fields.Char(related="step_id.if_text")
    count = fields.Integer(string="Customers", readonly=True)
    moved_count = fields.Integer(
        string="Moved",
        readonly=True,
        help="How many of these are postponed by quiet hours or the touch limit.",
    )
    skipped_count = fields.Integer(string="Skipped", readonly=True)
    reasons = fields.Json(readonly=True)
    reason_text = fields.Char(string="Why Skipped", compute="_compute_reason_text")

    @api.depends("reasons")
    @api.depends_context("lang")
    def _compute_reason_text(self):
        labels = dict(
            self.env["crm.care.enrollment.step"]
            ._fields["reason"]
            ._description_selection(self.env)
        )
        for line in self:
            line.reason_text = ", ".join(
                f"{labels.get(key, key)}: {count}"
                for key, count in (line.reasons or {}).items()
            )

    @api.model
    def _insert(self, run, found):
        """Note what :meth:`crm.care.plan._forecast` found."""
        values = []
        for (day, step), counts in found.items():
            counts = dict(counts)
            done, moved = counts.pop("done", 0), counts.pop("moved", 0)
            values.append(
                {
                    "run_id": run.id,
                    "date": day,
                    "step_id": step,
                    "count": done,
                    "moved_count": moved,
                    "skipped_count": sum(counts.values()),
                    "reasons": counts,
                }
            )
        self.create(values)

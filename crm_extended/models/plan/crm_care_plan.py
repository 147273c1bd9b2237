from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .groups import MANAGE_PLANS

# What enrolls customers. Those of a day are looked for by the nightly run, each by
# `_source_<key>` of `crm.care.plan.run`: an addon or package that knows of another day,
# such as the expected next purchase, adds its key and such a method.
EVENTS = [
    ("manual", "Manual"),
    ("first_purchase", "First purchase"),
    ("segment", "Moved to a segment"),
    ("segment_left", "Moved from a segment"),
    ("lifecycle", "Life-cycle stage changed"),
    ("tier_up", "Tier upgraded"),
    ("tier_down", "Tier downgraded"),
    ("case_solved", "Case solved"),
    ("complaint_solved", "Complaint solved"),
    ("bad_rating", "Bad rating"),
    ("plan", "Another plan completed"),
]
DATED = [
    ("purchase", "Days after a purchase"),
    ("inactive", "Days without interaction"),
    ("date", "Personal date"),
    ("field", "Date on the contact"),
    ("anniversary", "Anniversary of the first purchase"),
    ("next_purchase", "Expected next purchase"),
    ("tier_risk", "At risk of downgrade"),
    ("recommended", "Recommended someone"),
    ("regular", "Every N days"),
]
# Everyone is enrolled on a day of their own.
ON_THEIR_DAY = ("date", "field", "anniversary", "next_purchase", "purchase")
# These choose customers by their score, which customers can refuse.
PROFILING = ("segment", "segment_left")

# A customer is in a plan while their enrollment is in one of these states.
OPEN = ("waiting", "running", "held", "failed")


class CrmCarePlan(models.Model):
    """What is done for a customer, and when: whom it is for, what enrolls them, and how
    they leave it. What is done stands in its versions.

    Its parts: ``crm_care_plan_state.py`` (starting, pausing, ending),
    ``crm_care_plan_enroll.py`` (who is enrolled), ``crm_care_plan_match.py`` (whom it is
    for as things are), ``crm_care_plan_profiling.py`` (whether scores decide),
    ``crm_care_plan_trigger.py`` (what enrolls them in particular, and filters),
    ``crm_care_plan_lifecycle.py`` (changes of life-cycle stages),
    ``crm_care_plan_control.py`` (who is left alone, to compare),
    ``crm_care_plan_expected.py`` (how many are to be expected), ``crm_care_plan_uplift.py``
    (what it brought), ``crm_care_plan_page.py`` (the figures of its pages),
    ``crm_care_plan_flow.py`` (the picture of its steps), ``crm_care_plan_addressee.py``
    (whom it addresses), ``crm_care_plan_today.py`` (whom it would enroll today),
    ``crm_care_plan_forecast.py`` (what it would do) and ``crm_care_plan_campaign.py`` (the
    campaign it belongs to).
    """

    _name = "crm.care.plan"
    _inherit = "crm.rechecked.record.mixin"
    _description = "Care Plan"
    _order = "priority desc, name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        default=lambda self: self.env.company,
        index=True,
        ondelete="cascade",
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("running", "Running"),
            ("paused", "Paused"),
            ("ended", "Ended"),
        ],
        string="Status",
        required=True,
        readonly=True,
        default="draft",
        copy=False,
    )
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        required=True,
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
        check_company=True,
        index=True,
        ondelete="restrict",
        help="Gets the activities of customers without a salesperson.",
    )
    email_from = fields.Char(
        string="Sender",
        help="Address that mails come from where the customer has no salesperson.",
    )
    priority = fields.Integer(
        default=10,
        help="Of plans that want a customer, or have something to send them when the "
        "touch limit allows only one message, the highest comes first.",
    )

    # -- Who

    trigger = fields.Selection(
        EVENTS + DATED,
        required=True,
        default="manual",
        help="What enrolls customers. Only what happens today does: updates for other "
        "days and changed settings enroll no one.",
    )
    trigger_days = fields.Integer(
        string="Days",
        help="How many days after it, before or after a date, or between two of them.",
    )
    date_kind_id = fields.Many2one(
        "crm.customer.date.kind",
        check_company=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    trigger_plan_id = fields.Many2one(
        "crm.care.plan",
        string="Completed Plan",
        check_company=True,
        index="btree_not_null",
        ondelete="set null",
    )
    domain = fields.Char(string="Filter", help="Only customers that match it.")
    tier_ids = fields.Many2many(
        "crm.loyalty.tier",
        string="Tiers",
        check_company=True,
        help="Only customers of these tiers. Empty: all customers.",
    )
    segment_ids = fields.Many2many(
        "crm.rfm.segment",
        string="Segments",
        check_company=True,
        help="Only customers of these segments. Empty: all customers.",
    )
    purpose_id = fields.Many2one(
        "crm.consent.purpose",
        required=True,
        check_company=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.ref(
            "crm_extended.purpose_marketing", raise_if_not_found=False
        ),
        help="What customers are contacted for: the contact policy decides by it.",
    )
    contact_rule = fields.Selection(
        [
            ("last_order", "Person who ordered last"),
            ("invoice", "Invoice address"),
            ("customer", "The customer itself"),
        ],
        string="Addressed To",
        required=True,
        default="last_order",
    )
    reentry = fields.Selection(
        [
            ("never", "Never"),
            ("after_exit", "After they have left the plan"),
            ("after_days", "After a number of days"),
        ],
        string="Enroll Again",
        required=True,
        default="never",
    )
    reentry_days = fields.Integer(string="Days Between", default=90)
    max_per_day = fields.Integer(
        string="Daily Enrollment Limit",
        default=500,
        help="Other customers wait for the following days, highest revenue first.",
    )
    exclusion_group_id = fields.Many2one(
        "crm.care.plan.group",
        check_company=True,
        index="btree_not_null",
        ondelete="set null",
        help="A customer is in at most one plan of a group at a time.",
    )
    # -- How they leave it

    goal = fields.Selection(
        [("purchase", "A purchase")], help="Customers who reach it leave the plan."
    )
    goal_amount = fields.Monetary(string="Minimum Amount", help="Of one purchase.")
    goal_days = fields.Integer(
        string="Within (Days)",
        default=30,
        help="How long after enrollment it counts.",
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    exit_domain = fields.Char(
        string="Exit Condition", help="Customers that match it leave the plan."
    )
    exit_when_left = fields.Boolean(
        string="On Leaving Segment or Tier",
        help="Customers leave the plan when they are no longer in its segments or tiers.",
    )

    # -- What is done

    calendar_id = fields.Many2one(
        "resource.calendar",
        string="Working Hours",
        check_company=True,
        index="btree_not_null",
        ondelete="restrict",
        help="Empty: those of the company.",
    )
    version_id = fields.Many2one(
        "crm.care.plan.version",
        string="Version in Force",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    version_ids = fields.One2many(
        "crm.care.plan.version", "plan_id", string="Versions", copy=False
    )
    # Of the version that can be edited, where there is one.
    draft_step_ids = fields.One2many(
        "crm.care.plan.step",
        "plan_id",
        string="Steps",
        domain=[("version_id.published_date", "=", False)],
        copy=False,
    )
    shown_step_ids = fields.Many2many(
        "crm.care.plan.step",
        string="Steps in Force",
        compute="_compute_shown_step_ids",
    )
    has_draft = fields.Boolean(compute="_compute_shown_step_ids")
    started_date = fields.Date(string="Started On", readonly=True, copy=False)
    paused_date = fields.Datetime(string="Paused On", readonly=True, copy=False)
    # A search for plans without any would count the control group.
    enrollment_ids = fields.One2many(
        "crm.care.enrollment", "plan_id", groups=MANAGE_PLANS
    )

    _numbers = models.Constraint(
        "CHECK (trigger_days BETWEEN 0 AND 3650 AND reentry_days BETWEEN 0 AND 3650"
        " AND goal_days BETWEEN 1 AND 3650 AND max_per_day BETWEEN 0 AND 1000000"
        " AND priority BETWEEN 0 AND 1000 AND control_percent BETWEEN 0 AND 90)",
        "Days are 0 to 3,650, priorities 0 to 1,000, and a control group is at most 90%.",
    )

    @api.depends("version_id", "version_ids.step_ids", "version_ids.published_date")
    def _compute_shown_step_ids(self):
        for plan in self:
            drafts = plan.version_ids.filtered(
                lambda version: not version.published_date
            )
            plan.has_draft = bool(drafts)
            plan.shown_step_ids = (plan.version_id or drafts[-1:]).step_ids

    # -- Create and write

    @api.model_create_multi
    def create(self, vals_list):
        plans = super().create(vals_list)
        for plan in plans:
            # The first version, for the steps.
            plan._get_draft()
        return plans

    def write(self, vals):
        # sudo: whether there are any, also while the feature is off.
        if "company_id" in vals and self.sudo().enrollment_ids:
            raise UserError(
                self.env._("A plan that has had customers stays in its company.")
            )
        if vals.get("active") is False:
            self._check_not_at_work()
        changed = self.filtered(
            lambda plan: (
                plan.exclusion_group_id.id != vals.get("exclusion_group_id", False)
            )
        )
        result = super(CrmCarePlan, self._with_steps_together(vals)).write(vals)
        self._check_steps(vals)
        if "exclusion_group_id" in vals:
            for plan in changed:
                # sudo: of all customers, also those the user does not see.
                self.env["crm.care.enrollment"].sudo()._change_group(plan)
        return result

    def _check_not_at_work(self):
        """No one sees what an archived plan does."""
        for plan in self:
            if plan.state in ("running", "paused"):
                raise UserError(self.env._("End %s first.", plan.name))

    def copy_data(self, default=None):
        return [
            {**vals, "name": self.env._("%s (copy)", plan.name)}
            if "name" not in (default or {})
            else vals
            for plan, vals in zip(self, super().copy_data(default), strict=True)
        ]

    def copy(self, default=None):
        plans = super().copy(default)
        for plan, new in zip(self, plans, strict=True):
            (plan.version_id or plan._get_draft())._copy_steps_to(new._get_draft())
        return plans

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        # sudo: as above.
        if self.sudo().enrollment_ids:
            raise UserError(
                self.env._("Customers have been enrolled. End and archive the plan.")
            )

    @api.constrains(
        "trigger", "trigger_days", "date_kind_id", "date_field", "trigger_plan_id"
    )
    def _check_trigger(self):
        for plan in self:
            if plan.trigger in ("purchase", "inactive", "regular"):
                complete = plan.trigger_days > 0
            elif plan.trigger == "date":
                complete = plan.date_kind_id
            elif plan.trigger == "field":
                complete = plan.date_field
            else:
                complete = plan.trigger != "plan" or plan.trigger_plan_id
            if not complete:
                raise ValidationError(
                    self.env._("Complete what enrolls the customers of %s.", plan.name)
                )

    @api.constrains("trigger", "segment_ids", "tier_ids")
    def _check_trigger_targets(self):
        for plan in self:
            if plan.trigger in PROFILING and not plan.segment_ids:
                raise ValidationError(
                    self.env._("Choose the segments that %s is about.", plan.name)
                )

    @api.constrains("version_id")
    def _check_version(self):
        for plan in self:
            if plan.version_id and plan.version_id.plan_id != plan:
                raise ValidationError(
                    self.env._("These are the steps of another plan.")
                )

    # -- What others ask

    def _get_draft(self):
        """The version that can be edited; a new one where there is none."""
        self.ensure_one()
        draft = self.version_ids.filtered(lambda version: not version.published_date)
        if draft:
            return draft[-1:]
        number = max(self.version_ids.mapped("number"), default=0) + 1
        draft = self.env["crm.care.plan.version"].create(
            {"plan_id": self.id, "number": number}
        )
        self.version_id._copy_steps_to(draft, same=True)
        self.invalidate_recordset(["draft_step_ids", "shown_step_ids", "has_draft"])
        return draft

    def _get_zone(self) -> str:
        """The time zone that delays of the plan are counted in."""
        return self.env["crm.contact.policy"]._company_zone()

    @api.model
    def _running(self, company, triggers):
        """The plans of a company that enroll customers by one of these triggers, highest
        priority first."""
        if company.care_plans_stopped or not self.env["crm.feature"]._is_on("plans"):
            return self.browse()
        return self.search(
            [
                ("company_id", "=", company.id),
                ("state", "=", "running"),
                ("trigger", "in", list(triggers)),
            ]
        ).with_company(company)

    @api.model
    def _wake(self):
        """Let the engine run soon."""
        job = self.env.ref("crm_extended.ir_cron_care_plan", raise_if_not_found=False)
        if job:
            # sudo: users who start a plan may not change scheduled actions.
            job.sudo()._trigger()

from datetime import datetime, time, timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ...analytics.plan.schedule import later, later_months

UNITS = [
    ("hours", "Hours"),
    ("days", "Days"),
    ("weeks", "Weeks"),
    ("months", "Months"),
    ("working_hours", "Working hours"),
]
# The place of new steps until they are numbered: after all others.
AT_THE_END = 100_000
# Context marker: steps are written one after the other, and checked after the last. An
# object, because RPC callers can only send JSON.
TOGETHER = object()
# Fields that each kind needs.
NEEDED = {
    "mail": ("template_id",),
    "tag": ("tag_ids",),
    "activity": ("activity_type_id",),
    "log": ("note",),
    "case": ("summary",),
    "server_action": ("server_action_id",),
    "list_add": ("list_id",),
    "list_remove": ("list_id",),
}


class CrmCarePlanStep(models.Model):
    """What a plan does at some time, to all customers who are there.

    Its parts: ``crm_care_plan_step_condition.py`` (whether it is done for a customer),
    ``crm_care_plan_step_kind.py`` (how it is done), ``crm_care_plan_step_list.py`` (on
    customer lists), ``crm_care_plan_step_words.py`` (how it is described),
    ``crm_care_plan_step_forecast.py`` (when it would be done),
    ``crm_care_plan_step_best_time.py`` (at the customer's best time) and
    ``crm_care_plan_step_proof.py`` (how its text comes out).
    """

    _name = "crm.care.plan.step"
    _inherit = "crm.parent.access.mixin"
    _description = "Step of a Care Plan"
    _order = "version_id, sequence, id"
    _check_company_auto = True
    _seen_with = "version_id"

    version_id = fields.Many2one(
        "crm.care.plan.version", required=True, index=True, ondelete="cascade"
    )
    plan_id = fields.Many2one(
        # As the version: emptied first, a step would keep its plan from being deleted.
        related="version_id.plan_id",
        store=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="version_id.company_id")
    origin_id = fields.Many2one(
        "crm.care.plan.step",
        string="Same As",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="The step in the first version that had it.",
    )
    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=AT_THE_END)
    kind = fields.Selection(
        [
            ("activity", "Activity"),
            ("mail", "Email"),
            ("log", "Note"),
            ("tag", "Tag"),
            ("case", "Case"),
            ("server_action", "Server action"),
        ],
        required=True,
        default="activity",
    )

    # -- When

    delay = fields.Integer(
        default=0, help="After the planned moment of the step before."
    )
    delay_unit = fields.Selection(UNITS, required=True, default="days")
    at_time = fields.Float(
        string="At", help="Time of the day. Only with days, weeks and months."
    )
    has_time = fields.Boolean(string="At a Fixed Time")

    # -- Whether

    condition = fields.Selection(
        [
            ("answered", "They answered"),
            ("not_answered", "They did not answer"),
            ("bought", "They bought"),
            ("not_bought", "They did not buy"),
            ("activity_done", "The activity is done"),
            ("activity_open", "The activity is not done"),
            ("rating_below", "They gave a low rating"),
        ],
        help="Since the step that it is about, or since enrollment.",
    )
    condition_step_id = fields.Many2one(
        "crm.care.plan.step",
        string="Since Step",
        index="btree_not_null",
        ondelete="restrict",
        domain="[('version_id', '=', version_id), ('sequence', '<', sequence)]",
    )
    condition_rating = fields.Float(string="Rating Below", default=3)
    else_step_id = fields.Many2one(
        "crm.care.plan.step",
        string="Otherwise Go To",
        index="btree_not_null",
        ondelete="restrict",
        domain="[('version_id', '=', version_id), ('sequence', '>', sequence)]",
        help="Where the condition is not met. Empty: the step is skipped.",
    )
    is_last = fields.Boolean(
        string="Plan Ends Here", help="Customers for whom this was done leave the plan."
    )

    # -- What

    template_id = fields.Many2one(
        "mail.template",
        string="Email Template",
        domain=[("model", "=", "res.partner")],
        index="btree_not_null",
        ondelete="set null",
    )
    activity_type_id = fields.Many2one(
        "mail.activity.type",
        domain=[("res_model", "in", (False, "res.partner"))],
        default=lambda self: self.env.ref(
            "mail.mail_activity_data_call", raise_if_not_found=False
        ),
        index="btree_not_null",
        ondelete="set null",
    )
    activity_days = fields.Integer(
        string="Due In (Days)", help="Days that the salesperson has for it."
    )
    summary = fields.Char(translate=True, help="Subject of the activity or case.")
    note = fields.Html(translate=True)
    tag_ids = fields.Many2many("res.partner.category", string="Tags")
    server_action_id = fields.Many2one(
        "ir.actions.server",
        domain=[("model_id.model", "=", "res.partner")],
        index="btree_not_null",
        ondelete="set null",
        groups="base.group_system",
    )

    _delays = models.Constraint(
        "CHECK (delay BETWEEN 0 AND 10000 AND at_time >= 0 AND at_time < 24"
        " AND activity_days BETWEEN 0 AND 3650)",
        "A delay is 0 to 10,000, and a time of the day 0:00 to 23:59.",
    )

    # -- Create and write

    @api.model_create_multi
    def create(self, vals_list):
        steps = super().create([self._of_draft(vals) for vals in vals_list])
        steps._check_editable()
        steps.version_id._number_steps()
        if any(vals.get("server_action_id") for vals in vals_list):
            steps._check_may_run_actions()
        return steps

    def write(self, vals):
        self._check_editable()
        if vals.get("server_action_id"):
            self._check_may_run_actions()
        # It follows the version, whatever an RPC call says.
        vals = {name: value for name, value in vals.items() if name != "plan_id"}
        result = super().write(vals)
        if "version_id" in vals:
            self._check_editable()
        return result

    @api.model
    def _owner_fields(self):
        return super()._owner_fields() | {"version_id"}

    @api.ondelete(at_uninstall=False)
    def _unlink_except_published(self):
        self._check_editable()

    def _of_draft(self, vals):
        """Steps that are added to a plan are added to the version that can be edited."""
        vals = dict(vals)
        plan_id = vals.pop("plan_id", False)
        if plan_id and not vals.get("version_id"):
            vals["version_id"] = self.plan_id.browse(plan_id)._get_draft().id
        return vals

    def _check_editable(self):
        """Steps in force are not changed: customers are in them."""
        if any(version.published_date for version in self.version_id):
            raise UserError(
                self.env._("These steps are in force. Edit the next version instead.")
            )

    def _check_may_run_actions(self):
        # Server actions are run with all rights.
        if not (self.env.su or self.env.is_system()):
            raise AccessError(
                self.env._("Only administrators let a plan run server actions.")
            )

    @api.constrains("template_id")
    def _check_template(self):
        # Its fields would be those of another record with the same number.
        for step in self:
            if step.template_id and step.template_id.model != "res.partner":
                raise ValidationError(
                    self.env._(
                        "“%s” is not an email template for contacts.",
                        step.template_id.name,
                    )
                )

    @api.constrains("condition_step_id", "else_step_id", "sequence", "version_id")
    def _check_order(self):
        if self.env.context.get("care_plan_steps") is TOGETHER:
            return
        for step in self.version_id.step_ids:
            before, after = step.condition_step_id, step.else_step_id
            if (before and before not in step._before()) or (
                after
                and (after.version_id != step.version_id or after._is_before(step))
            ):
                raise ValidationError(
                    self.env._(
                        "%s: a condition is about a step before it, and leads to a step "
                        "after it.",
                        step.name,
                    )
                )

    def _check_complete(self):
        # sudo: whether there is a server action, for users who may not see it.
        for step in self.sudo():
            for name in step._get_needed_fields():
                if not step[name]:
                    raise UserError(
                        self.env._(
                            "%(step)s: fill in %(field)s first.",
                            step=step.name,
                            field=step._fields[name]._description_string(self.env),
                        )
                    )

    def _get_needed_fields(self) -> tuple:
        """Names of the fields that the step needs; kinds of other addons have their
        own."""
        return NEEDED.get(self.kind, ())

    # -- Order

    def _place(self):
        return self.sequence, self.id

    def _is_before(self, other) -> bool:
        """Whether it comes before another step, or is that one."""
        return self._place() <= other._place()

    def _before(self):
        return self.version_id.step_ids.filtered(
            lambda step: step != self and step._is_before(self)
        )

    def _in_all_versions(self):
        """The step as it is in all versions of the plan: customers who were moved to this
        one did it in another."""
        first = self.origin_id or self
        return self.search(
            [
                ("plan_id", "=", self.plan_id.id),
                "|",
                ("id", "=", first.id),
                ("origin_id", "=", first.id),
            ]
        )

    def _next(self, passed=False):
        """The step after this one; empty after the last.

        :param passed: for those who did not meet its condition: it does not end their plan
        """
        self.ensure_one()
        rest = self.version_id.step_ids.filtered(
            lambda step: step._place() > self._place()
        )
        ends = self.is_last and not passed
        return self.browse() if ends else rest.sorted(self._place_of)[:1]

    @staticmethod
    def _place_of(step):
        return step._place()

    # -- When

    def _planned_after(self, moment: datetime) -> datetime:
        """When the step is due, counted from the planned moment of the step before."""
        self.ensure_one()
        if self.delay_unit == "hours":
            return moment + timedelta(hours=self.delay)
        if self.delay_unit == "working_hours":
            return self._working_hours_after(moment)
        zone, at_time = self.plan_id._get_zone(), self._get_time()
        if self.delay_unit == "months":
            planned = later_months(moment, zone, self.delay, at_time)
        else:
            days = self.delay * (7 if self.delay_unit == "weeks" else 1)
            planned = later(moment, zone, days, at_time)
        if planned < moment:
            # Today at that time has passed: tomorrow.
            planned = later(moment, zone, 1, at_time)
        return planned

    def _get_time(self) -> time | None:
        if not self.has_time:
            return None
        minutes = min(round(self.at_time * 60), 24 * 60 - 1)
        return time(minutes // 60, minutes % 60)

    def _working_hours_after(self, moment: datetime) -> datetime:
        company = self.company_id
        calendar = self.plan_id.calendar_id or company.resource_calendar_id
        planned = calendar and calendar.plan_hours(
            self.delay, moment, compute_leaves=True
        )
        # A calendar without any hours must not keep customers forever.
        return planned or moment + timedelta(hours=self.delay)

    def _moments_after(self, moments) -> dict[datetime, datetime]:
        """When the engine is to look at it, for many moments, each once."""
        return {moment: self._opens_after(moment) for moment in set(moments)}
